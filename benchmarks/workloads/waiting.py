"""Many workers that wait, as for a network: what running them costs beyond the waiting."""

from __future__ import annotations

import asyncio
from random import Random

from attrs import field, frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Workload, WrongResult, ability, check, seconds

WAIT = 0.010
"""Seconds."""


@frozen(kw_only=True)
class Waiting(Workload):
    """Items to a number of workers that wait and pass them on."""

    workers: int
    ordered: bool
    waits: tuple[float, ...] = field(default=(WAIT,), repr=False)

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        pool = ability(contestant.pool)
        received: list[int] = []
        waits = self.waits
        inside = most = 0

        async def wait(item: int) -> int:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(waits[item % len(waits)])
            inside -= 1
            return item

        async def sink(item: int) -> None:
            received.append(item)

        work = pool(range(size), wait, sink, workers=self.workers, ordered=self.ordered)
        elapsed = await seconds(work)
        check(received, range(size), ordered=self.ordered and contestant.name != self.reference)
        if most > self.workers:
            raise WrongResult(f"{most} items were worked on at once, not {self.workers}")
        return elapsed / size


def exponential(mean: float, count: int) -> tuple[float, ...]:
    """Waits of which a few are many times longer than most."""
    random = Random(1)
    return tuple(random.expovariate(1 / mean) for _ in range(count))


def waiting(workers: int, most: float, size: int) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(
            name=f"wait-{workers}{'-ordered' * ordered}",
            title=f"{workers:,} workers wait 10 ms, {'in order' if ordered else 'in no order'}",
            target=Target(most=most),
            least=size // 8,
            size=size,
            slow=ordered and workers > 100,
            workers=workers,
            ordered=ordered,
        )
        for ordered in (False, True)
    )


WORKLOADS = (
    *waiting(100, most=1.03, size=4_000),
    *waiting(1_000, most=1.06, size=20_000),
    Waiting(
        name="wait-exponential",
        title="100 workers wait exponentially, 10 ms on average, in order",
        target=Target(most=1.25),
        least=2_000,
        size=8_000,
        workers=100,
        ordered=True,
        waits=exponential(WAIT, count=8_000),
    ),
)
