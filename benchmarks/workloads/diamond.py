"""A diamond: one processor feeds four, whose results are zipped into one sink."""

from __future__ import annotations

from attrs import frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Workload, WrongResult, ability, plus_one, seconds

BRANCHES = 4


@frozen(kw_only=True)
class Diamond(Workload):
    """Items through a fork and back together, in tuples."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        diamond = ability(contestant.diamond)
        received: list[tuple[int, ...]] = []

        async def sink(items: tuple[int, ...]) -> None:
            received.append(items)

        work = diamond(range(size), plus_one, [plus_one] * BRANCHES, sink)
        elapsed = await seconds(work)
        if received != [(item + 2,) * BRANCHES for item in range(size)]:
            raise WrongResult(f"{len(received)} of {size} tuples arrived, not the ones expected")
        return elapsed / size


WORKLOADS = (
    Diamond(
        name="diamond",
        title="diamond 1-4-1, zipped",
        target=Target(most=2.0, queues=5),
        size=40_000,
    ),
)
