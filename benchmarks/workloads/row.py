"""Ever more processors in a row: the cost of one must not depend on how many there are."""

from __future__ import annotations

from attrs import field, frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Unit, Workload, WrongResult, plus_one, seconds

CALLS = 1_000_000
"""Calls of a coroutine that make a row long enough to measure."""
ENOUGH = 1_000
"""Items beside which it does not count what the longest row needs to start."""


@frozen(kw_only=True)
class Row(Workload):
    """Nanoseconds per item and processor, drawing and starting included."""

    length: int
    unit: Unit = "ns"
    reference: str | None = field(default=None)
    rounds: int = 5
    only: frozenset[str] | None = frozenset({"typedpipes", "loop", "queues"})

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        total = 0

        async def sink(item: int) -> None:
            nonlocal total
            total += item

        steps = [plus_one] * self.length
        elapsed = await seconds(contestant.chain(range(size), steps, sink))
        if total != sum(range(self.length, size + self.length)):
            raise WrongResult(f"the items add up to {total}")
        return elapsed / size / self.length * 1e9


def row(length: int, target: Target) -> Row:
    items = max(CALLS // length, ENOUGH)
    return Row(
        name=f"row-{length}",
        title=f"{length:,} in a row, per item and stage",
        target=target,
        length=length,
        least=ENOUGH,
        size=items,
        slow=length > 1_000,
    )


SHORTEST = row(10, Target())
WORKLOADS = (
    SHORTEST,
    *(row(length, Target(most=1.5, than=SHORTEST.name)) for length in (100, 1_000, 10_000)),
)
