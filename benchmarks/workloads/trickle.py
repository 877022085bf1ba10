"""An item now and then through five stages: how long it is on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from statistics import median
from time import perf_counter_ns

from attrs import frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Workload, WrongResult

LENGTH = 5
PAUSE = 0.001
"""Seconds between two items."""


async def passing(item: int) -> int:
    return item


class Delays:
    """How long items are on their way. An item is the time at which it was made.

    Args:
        count: how many items there are.
        pause: seconds between two of them.
    """

    def __init__(self, count: int, pause: float) -> None:
        self._count = count
        self._pause = pause
        self._delays: list[int] = []

    async def items(self) -> AsyncIterator[int]:
        """Make the items."""
        for _ in range(self._count):
            await asyncio.sleep(self._pause)
            yield perf_counter_ns()

    def note(self, made: int) -> None:
        """Note that an item has arrived."""
        self._delays.append(perf_counter_ns() - made)

    def middle(self) -> float:
        """Return the median, in microseconds.

        Raises:
            WrongResult: not all items have arrived.
        """
        if len(self._delays) != self._count:
            raise WrongResult(f"{len(self._delays)} of {self._count} items arrived")
        return median(self._delays) / 1_000


@frozen(kw_only=True)
class Trickle(Workload):
    """The median of the times from source to sink."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        delays = Delays(size, PAUSE)

        async def sink(made: int) -> None:
            delays.note(made)

        await contestant.chain(delays.items(), [passing] * LENGTH, sink)
        return delays.middle()


WORKLOADS = (
    Trickle(
        name="latency",
        title="latency through 5, an item each ms, p50",
        unit="us",
        reference=None,
        target=Target(queues=1),
        least=100,
        size=400,
    ),
)
