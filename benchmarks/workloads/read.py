"""The end of a chain read with `async for`, as the body of a program does."""

from __future__ import annotations

from attrs import frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Workload, ability, check, plus_one, seconds

LENGTH = 5


@frozen(kw_only=True)
class Read(Workload):
    """Items through a chain, one at a time into the hands of the caller."""

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        read = ability(contestant.read)
        received: list[int] = []

        async def receive() -> None:
            received.extend(await read(range(size), [plus_one] * LENGTH))

        elapsed = await seconds(receive())
        check(received, range(LENGTH, size + LENGTH), ordered=contestant.keeps_order)
        return elapsed / size


WORKLOADS = (
    Read(
        name="read-5",
        title="chain of 5, read with async for",
        target=Target(most=2.3),
        size=40_000,
    ),
)
