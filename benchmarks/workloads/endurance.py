"""Ever more items, in a process of their own: time grows with them, memory must not."""

from __future__ import annotations

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE

from attrs import field, frozen
from typing_extensions import override

from benchmarks.contestant import Contestant
from benchmarks.workload import Target, Unit, Workload, WrongResult

SLOW = 10_000_000
"""So many items take hand-written queues half a minute."""


@frozen
class Answer:
    """What a child process tells of its run."""

    nanoseconds: float
    """Per item."""
    peak: float
    """The most memory it ever had, in MB."""


_answers: dict[tuple[str, int], Answer] = {}


async def ask(contestant: Contestant, items: int) -> Answer:
    """One child process answers for both figures."""
    asked = (contestant.name, items)
    if asked not in _answers:
        child = await create_subprocess_exec(
            sys.executable, "-m", "benchmarks.child", contestant.name, str(items), stdout=PIPE
        )
        said, _ = await child.communicate()
        if child.returncode:
            raise WrongResult(f"the child process ended with {child.returncode}")
        _answers[asked] = Answer(*map(float, said.split()))
    return _answers[asked]


@frozen(kw_only=True)
class Endurance(Workload):
    """A chain of one that runs long. The size is always the same."""

    reference: str | None = field(default=None)
    rounds: int = 1
    only: frozenset[str] | None = frozenset({"typedpipes", "loop", "queues"})


@frozen(kw_only=True)
class PerItem(Endurance):
    """Nanoseconds per item."""

    unit: Unit = "ns"

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        return (await ask(contestant, size)).nanoseconds


@frozen(kw_only=True)
class Peak(Endurance):
    """The most memory that the process ever had."""

    unit: Unit = "MB"

    @override
    async def cost(self, contestant: Contestant, size: int) -> float:
        return (await ask(contestant, size)).peak


def per_item(items: int) -> PerItem:
    return PerItem(
        name=f"items-{items}",
        title=f"{items:,} items through 1, per item",
        # Fewer than that, and starting is a part of what an item costs.
        target=Target(most=1.5, than="items-100000") if items > 100_000 else Target(),
        least=items,
        size=items,
        slow=items >= SLOW,
    )


def peak(items: int) -> Peak:
    return Peak(
        name=f"peak-{items}",
        title=f"peak memory with {items:,} items",
        target=Target() if items == 100_000 else Target(most=1.1, than="peak-100000"),
        least=items,
        size=items,
        slow=items >= SLOW,
    )


SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
WORKLOADS = (*map(per_item, SIZES), *map(peak, SIZES[1:]))
