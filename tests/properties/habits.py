"""How coroutines behave, and on which items."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from attrs import frozen

from tests.properties.items import number


@frozen
class Habit:
    """Something that befalls every n-th item.

    Attributes:
        every: n; 0 for never.
        shift: which one is the first.
    """

    every: int = 0
    shift: int = 0

    def befalls(self, item: object) -> bool:
        return self.every > 0 and (number(item) + self.shift) % self.every == 0


NEVER = Habit()


@frozen
class Naps:
    """How often a coroutine suspends: differently for each item, 0 to `most` times.

    Attributes:
        seconds: for how long each time; 0 for a turn of the event loop.
    """

    most: int = 0
    shift: int = 0
    seconds: float = 0.0

    async def take(self, item: object) -> None:
        for _ in range((7 * number(item) + self.shift) % (self.most + 1)):
            await asyncio.sleep(self.seconds)


NO_NAPS = Naps()


@frozen
class Stay:
    """Staying on after a cancellation, and after any that come meanwhile.

    Attributes:
        on: with which items in hand.
        turns: for how many turns of the event loop.
        seconds: for how long after that.
        returns: whether a coroutine then goes on as if nothing had been, instead of letting
            the cancellation through.
    """

    on: Habit = NEVER
    turns: int = 0
    seconds: float = 0.0
    returns: bool = False

    async def out(self) -> None:
        """Stay to the end of that time."""
        for _ in range(self.turns):
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        end = loop.time() + self.seconds
        while (left := end - loop.time()) > 0:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(left)


NO_STAY = Stay()
