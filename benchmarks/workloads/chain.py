"""A chain of trivial coroutines into a sink: what an edge costs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from attrs import field, frozen
from typing_extensions import override

from benchmarks.contestant import Cannot, Contestant, Step
from benchmarks.workload import Target, Workload, check, plus_one, seconds


async def suspending(item: int) -> int:
    await asyncio.sleep(0)
    return item + 1


@frozen(kw_only=True)
class Chain(Workload):
    """Items through steps that each add one."""

    steps: Sequence[Step] = field(repr=False)

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        if suspending in self.steps and not contestant.suspends:
            raise Cannot("runs coroutines that never suspend only")
        received: list[int] = []

        async def sink(item: int) -> None:
            received.append(item)

        elapsed = await seconds(contestant.chain(range(size), self.steps, sink))
        added = len(self.steps)
        check(received, range(added, size + added), ordered=contestant.keeps_order)
        return elapsed / size


def chain(length: int, target: Target) -> Chain:
    return Chain(
        name=f"chain-{length}",
        title=f"chain of {length}",
        target=target,
        steps=[plus_one] * length,
        size=200_000 // length,
    )


WORKLOADS = (
    chain(1, Target(most=2.2, queues=6)),
    chain(3, Target(most=2.0, queues=5)),
    chain(5, Target(most=1.9, queues=5)),
    chain(10, Target(most=1.9, queues=5)),
    Chain(
        name="suspend-first",
        title="chain of 5, the first does sleep(0)",
        target=Target(queues=1),
        steps=[suspending, *[plus_one] * 4],
    ),
    Chain(
        name="suspend-last",
        title="chain of 5, the last does sleep(0)",
        target=Target(queues=1),
        steps=[*[plus_one] * 4, suspending],
    ),
)
