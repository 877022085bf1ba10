"""How tasks wait at an end of an edge: any number of them, each in a call of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any


class Waiters:
    """The end of an edge that tasks wait at: all are woken, and each looks again.

    Attributes:
        attention: set by the other end when it begins to wait.
    """

    __slots__ = ("_waiting", "attention")

    def __init__(self) -> None:
        self.attention: bool = False
        # Any: whatever task of the user it is.
        self._waiting: dict[asyncio.Future[None], asyncio.Task[Any] | None] = {}

    def count(self) -> int:
        """How many tasks wait."""
        return len(self._waiting)

    def tasks(self) -> Collection[asyncio.Task[Any] | None]:  # Any: as above
        """Return the tasks that wait."""
        return self._waiting.values()

    def wake(self) -> None:
        """Wake all that wait."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    def reader_left(self) -> None:
        """Wake all that wait for room: there will be none."""
        self.wake()

    async def wait(self) -> None:
        """Wait for the next `wake`. Cancelled, it leaves no trace."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = asyncio.current_task()
        try:
            await waiter
        finally:
            self._waiting.pop(waiter, None)
