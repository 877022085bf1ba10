"""A coroutine whose calls wait until a test lets them go on."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Gate(Generic[T]):
    """Gives every item as it is, but not before the gate is open.

    Attributes:
        arrived: the items that came so far.
    """

    def __init__(self) -> None:
        self.arrived: list[T] = []
        self._arrivals = asyncio.Semaphore(0)
        self._opened = asyncio.Event()

    async def __call__(self, item: T) -> T:
        self.arrived.append(item)
        self._arrivals.release()
        await self._opened.wait()
        return item

    async def hold(self, item: T) -> None:
        """Do the same as a sink does it: give nothing."""
        await self(item)

    async def next_arrival(self) -> None:
        """Wait until one more item is at the gate."""
        await self._arrivals.acquire()

    def open(self) -> None:
        """Let all go on, and those that come later."""
        self._opened.set()
