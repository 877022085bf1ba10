"""A chain that never suspends: how late others on the same event loop get their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from math import inf
from statistics import quantiles
from time import perf_counter

from attrs import frozen
from typing_extensions import override

from benchmarks.contestant import Cannot, Contestant
from benchmarks.workload import Target, Workload, WrongResult, plus_one

LENGTH = 5
BEAT = 0.001
"""Seconds between two beats."""
PATIENCE = 0.4
"""Seconds after which no more items come, and one that had no beat never has one."""


@frozen(kw_only=True)
class Heartbeat(Workload):
    """How late a beat is, at the worst one in a hundred. A size counts beats."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        if not contestant.back_pressure:
            raise Cannot("takes everything that a source has")
        delays: list[float] = []
        given = received = 0

        async def beat() -> None:
            while len(delays) < size:
                due = perf_counter() + BEAT
                await asyncio.sleep(BEAT)
                delays.append(perf_counter() - due)

        def items() -> Iterator[int]:
            nonlocal given
            end = perf_counter() + PATIENCE
            while len(delays) < size and (given % 1_000 or perf_counter() < end):
                given += 1
                yield given

        async def sink(_: int) -> None:
            nonlocal received
            received += 1

        async with asyncio.TaskGroup() as tasks:
            beating = tasks.create_task(beat())
            await asyncio.sleep(0)
            await contestant.chain(items(), [plus_one] * LENGTH, sink)
            beating.cancel()
        if received != given:
            raise WrongResult(f"{received} of {given} items arrived")
        return 1_000 * quantiles(delays, n=100)[-1] if len(delays) > 1 else inf


WORKLOADS = (
    Heartbeat(
        name="heartbeat",
        title="lateness of others under a busy chain of 5, p99",
        unit="ms",
        reference=None,
        target=Target(most=2.0),
        least=200,
        size=200,
        rounds=3,
    ),
)
