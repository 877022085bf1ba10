"""Fairness: how work that never has to wait lets the event loop, and its like, have a turn."""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from time import monotonic

LONGEST_TURN = 0.0006
"""Seconds after which work that never suspends lets the event loop have a turn.

A turn is longer by what was begun before: an item, or a slice of items. A task that waits for
a timer is late by two turns at most: in the first the time comes, and in the second it waits
behind what was let go on before.
"""

CALLED_AT_ONCE = 16
"""How many of those that stepped aside are asked at once whether there is time left for them."""


class _Place:
    """The place of one that has stepped aside.

    Attributes:
        waiter: is done when it is asked whether there is time left for it.
    """

    __slots__ = ("waiter",)

    waiter: asyncio.Future[None]


class Pace:
    """Notes when others have had no turn for too long, and has those that go on take turns.

    It asks the event loop for a call and sees whether the call has come: so a
    suspension anywhere, also deep inside a user's coroutine, counts as a turn for
    the others, and costs nothing to notice.

    Attributes:
        until: up to this time of the monotonic clock nothing has to suspend.
        filled: when a source has last filled an edge, in the step of what reads from it.
    """

    __slots__ = ("_aside", "_asked", "filled", "until")

    def __init__(self) -> None:
        self.until: float = 0.0
        self.filled: float = 0.0
        self._asked: asyncio.AbstractEventLoop | None = None  # for a call that has not come yet
        self._aside: deque[_Place] = deque()

    async def keep(self) -> None:
        """Let the others run if they waited for too long."""
        if self.tick(monotonic()):
            await self.step_aside()

    def tick(self, now: float) -> bool:
        """Note that work goes on at this time of the monotonic clock.

        Returns:
            Whether to step aside now.
        """
        if now < self.until:
            return False
        if self._asked is asyncio.get_running_loop():
            return True
        self._begin(now)
        return False

    async def step_aside(self) -> None:
        """Let the event loop have a turn, and those who stepped aside before.

        In each turn the first of them goes on, and others as long as there is time.
        Cancelled, it leaves no trace.
        """
        loop = asyncio.get_running_loop()
        if self._asked is not loop:
            self._begin(monotonic())
        place = _Place()
        self._aside.append(place)
        try:
            while True:
                place.waiter = loop.create_future()
                await place.waiter
                if monotonic() < self.until:
                    return
        finally:
            self._aside.remove(place)

    def _begin(self, now: float) -> None:
        """Begin a turn at this time; it is over when the event loop has had one."""
        self.until = now + LONGEST_TURN
        self._asked = asyncio.get_running_loop()
        self._asked.call_soon(self._turned)

    def _turned(self) -> None:
        """Note that the event loop had a turn."""
        self._asked = None
        if self._aside:
            # First: then the next turn begins right before they are asked, and whatever others
            # do in this one, there is time for the first of them.
            self._begin(monotonic())
        for place in islice(self._aside, CALLED_AT_ONCE):
            if not place.waiter.done():
                place.waiter.set_result(None)
