"""Calls at intervals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Beat:
    """Calls a function at intervals of the event loop's clock, until it is stopped.

    Calls for which the event loop had no turn are left out; the others keep their times.

    Args:
        seconds: how many seconds are between two calls.
        call: what is called.
    """

    __slots__ = ("_call", "_loop", "_next", "_seconds", "_timer")

    def __init__(self, seconds: float, call: Callable[[], object]) -> None:
        self._seconds = seconds
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.time() + seconds
        self._timer = self._loop.call_at(self._next, self._beat)

    def _beat(self) -> None:
        missed = (self._loop.time() - self._next) // self._seconds
        self._next += self._seconds * (1 + max(missed, 0))
        self._timer = self._loop.call_at(self._next, self._beat)
        self._call()

    def stop(self) -> None:
        """Call no more."""
        self._timer.cancel()
