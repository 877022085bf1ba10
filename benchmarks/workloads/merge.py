"""Four sources, each with a processor of its own, merged into one sink."""

from __future__ import annotations

from attrs import frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Workload, ability, check, plus_one, seconds

SOURCES = 4


@frozen(kw_only=True)
class Merge(Workload):
    """Items from several sources into one sink, as they come."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        merge = ability(contestant.merge)
        received: list[int] = []

        async def sink(item: int) -> None:
            received.append(item)

        sources = [range(start, size, SOURCES) for start in range(SOURCES)]
        elapsed = await seconds(merge(sources, [plus_one] * SOURCES, sink))
        check(received, range(1, size + 1), ordered=False)
        return elapsed / size


WORKLOADS = (
    Merge(
        name="merge",
        title="merge 4-1",
        target=Target(most=2.5, queues=5),
    ),
)
