"""Facts about a run that all of its processes have to know, now and later."""

from __future__ import annotations

import asyncio

from typedpipes.network.patience import LOOK_RARELY, insist
from typedpipes.network.wire import ABOUT_FACTS, Away, Wire


class Fact:
    """Something that is true of a run from some moment on, for good.

    Args:
        wire: the wire of this process.
        key: what it is about.
    """

    def __init__(self, wire: Wire, key: str) -> None:
        self._wire = wire
        self._key = key
        self._topic = ABOUT_FACTS + key

    async def announce(self, fact: bytes) -> None:
        """Make it known, unless another one is known already: the first stands."""
        await insist(lambda: self._wire.note(self._key, fact))
        await self._wire.tell(self._topic, b"")

    async def wait(self) -> bytes:
        """Wait until it is known, and return it."""
        told = asyncio.Event()
        # What is told is a hint only: what is stored counts.
        async with self._wire.hear(self._topic, lambda _: told.set()):
            while True:
                told.clear()
                fact = await self._look()
                if fact is not None:
                    return fact
                try:
                    async with asyncio.timeout(LOOK_RARELY):
                        await told.wait()
                except TimeoutError:
                    continue

    async def _look(self) -> bytes | None:
        try:
            return await self._wire.fact(self._key)
        except Away:
            return None
