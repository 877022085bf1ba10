"""Fairness: how those who never have to wait let the event loop have its turn."""

from __future__ import annotations

import asyncio
from time import monotonic

LONGEST_TURN = 0.0006
"""Seconds that work which never suspends may keep the event loop to itself.

A task that waits for a timer is late by three turns at most: in the first the time comes, in the
second the timer is called, and in the third the task, both after whoever had asked before.
"""


class Pace:
    """Tells when nobody else has had a turn for too long.

    It asks the event loop for a call and sees whether the call has come: so a
    suspension anywhere, also deep inside a user's coroutine, counts as a turn for
    the others, and costs nothing to notice.

    Attributes:
        until: up to this time of the monotonic clock nobody has to suspend.
    """

    __slots__ = ("_turned", "until")

    def __init__(self) -> None:
        self.until: float = 0.0
        self._turned = True

    async def keep(self) -> None:
        """Let the others run if they waited for too long."""
        if self.due(monotonic()):
            await asyncio.sleep(0)

    def due(self, now: float) -> bool:
        """Whether to suspend now, at this time of the monotonic clock."""
        if now < self.until:
            return False
        if not self._turned:
            return True
        self.until = now + LONGEST_TURN
        self._turned = False
        asyncio.get_running_loop().call_soon(self._turn)
        return False

    def _turn(self) -> None:
        self._turned = True
