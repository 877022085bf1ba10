"""What a run holds while it waits: per processor, and per item in an edge."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator

from attrs import field, frozen
from typing_extensions import override

from benchmarks.contestant import Cannot, Contestant
from benchmarks.workload import Target, Unit, Workload, WrongResult, plus_one

STILL = 0.005
"""Seconds. A run that takes no item for so long, several times in a row, waits."""


@frozen(kw_only=True)
class Memory(Workload):
    """Bytes allocated by Python between before the drawing and a run that waits."""

    unit: Unit = "B"
    reference: str | None = field(default=None)
    rounds: int = 1

    @override
    def suits(self, contestant: Contestant) -> bool:
        """A contestant with nothing between coroutines holds nothing."""
        return super().suits(contestant) and contestant.name != "loop"

    async def held(self, contestant: Contestant, bound: int, length: int, items: int) -> int:
        """Bytes that a waiting run holds; afterwards the run ends, and is verified."""
        gate = Gate(items)
        steps = [gate.blocked, *[plus_one] * (length - 1)]
        gc.collect()
        tracemalloc.start()
        try:
            work = contestant.chain(gate.source(), steps, gate.sink, bound=bound)
            running = asyncio.ensure_future(work)
            await asyncio.wait(
                [running, asyncio.ensure_future(gate.stillness())],
                return_when=asyncio.FIRST_COMPLETED,
            )
            gc.collect()
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        taken = gate.taken
        gate.release.set()
        await running
        if gate.received != items:
            raise WrongResult(f"{gate.received} of {items} items arrived")
        if taken < items:
            raise Cannot(f"held only {taken} of {items} items")
        return held


class Gate:
    """Lets a source give its items, and then holds the run until it is released."""

    def __init__(self, items: int) -> None:
        # Made beforehand: an item's own size is not the edge's.
        self._items = [1_000 + item for item in range(items)]
        self.release = asyncio.Event()
        self.taken = 0
        self.received = 0

    async def source(self) -> AsyncIterator[int]:
        """Yield all items, and then do not end."""
        for item in self._items:
            self.taken += 1
            yield item
        await self.release.wait()

    async def blocked(self, item: int) -> int:
        """Hold the first item, and so all that are behind it."""
        await self.release.wait()
        return item

    async def sink(self, _: int) -> None:
        """Count what gets to the end."""
        self.received += 1

    async def stillness(self) -> None:
        """Return when no item was taken for a while."""
        still, before = 0, -1
        while still < 3:
            await asyncio.sleep(STILL)
            still, before = (still + 1 if self.taken == before else 0), self.taken


@frozen(kw_only=True)
class IdleProcessor(Memory):
    """A size counts processors, none of which has an item yet."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        few = await self.held(contestant, bound=100, length=10, items=0)
        many = await self.held(contestant, bound=100, length=10 + size, items=0)
        return (many - few) / size


@frozen(kw_only=True)
class QueuedItem(Memory):
    """A size counts the items that one edge can hold, and does."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        if not contestant.back_pressure:
            raise Cannot("holds everything that a source has")
        few = await self.held(contestant, bound=size, length=1, items=1)
        many = await self.held(contestant, bound=size, length=1, items=size)
        return (many - few) / size


WORKLOADS = (
    IdleProcessor(
        name="memory-processor",
        title="memory per idle processor",
        target=Target(most=1_536),
        least=2_000,
        size=2_000,
    ),
    QueuedItem(
        name="memory-item",
        title="memory per queued item",
        target=Target(most=9),
        least=20_000,
        size=20_000,
    ),
)
