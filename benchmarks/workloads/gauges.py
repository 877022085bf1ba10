"""How long it takes to look at a run in which much waits."""

from __future__ import annotations

import asyncio
from time import perf_counter

from attrs import frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Unit, Workload, WrongResult, plus_one
from typedpipes import Plumber, Processor, Sink, Source

CHAINS = 200
LENGTH = 5
"""Nodes of a chain, so that there are 1,000 of them."""
LOOKS = 20


@frozen(kw_only=True)
class Gauges(Workload):
    """One look at the gauges of 1,000 nodes. A size counts the items that wait in each edge."""

    unit: Unit = "ms"
    reference: str | None = None

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        plumber, opened = Plumber(), asyncio.Event()

        async def hold(_: int) -> None:
            await opened.wait()

        for chain in range(CHAINS):
            joint = plumber.connect(Source(range(LENGTH * size), name=f"source {chain}"))
            for place in range(LENGTH - 2):
                name = f"stage {chain}.{place}"
                joint = joint.to(Processor(plus_one, name=name, buffer=size))
            joint.to(Sink(hold, name=f"sink {chain}", buffer=size))
        async with plumber.running():
            before = -1
            while (inside := sum(edge.items for edge in plumber.gauges().edges)) != before:
                before = inside
                await asyncio.sleep(0.05)
            looks = list[float]()
            for _ in range(LOOKS):
                begin = perf_counter()
                plumber.gauges()
                looks.append(perf_counter() - begin)
                await asyncio.sleep(0.01)
            opened.set()
            await plumber.ended()
        if len(plumber.gauges().processors) != CHAINS * LENGTH:
            raise WrongResult(f"{len(plumber.gauges().processors)} nodes are in the gauges")
        return min(looks) * 1000


WORKLOADS = (
    Gauges(
        name="gauges-1000",
        title="gauges of 1,000 nodes",
        target=Target(most=3),
        least=100,
        size=1_250,
        only=frozenset({"typedpipes"}),
    ),
)
