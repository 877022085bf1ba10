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


@frozen(kw_only=True)
class Trickle(Workload):
    """The median of the times from source to sink. Items are the times they were made at."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        delays: list[int] = []

        async def trickle() -> AsyncIterator[int]:
            for _ in range(size):
                await asyncio.sleep(PAUSE)
                yield perf_counter_ns()

        async def sink(made: int) -> None:
            delays.append(perf_counter_ns() - made)

        await contestant.chain(trickle(), [passing] * LENGTH, sink)
        if len(delays) != size:
            raise WrongResult(f"{len(delays)} of {size} items arrived")
        return median(delays) / 1_000


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
