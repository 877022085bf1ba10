"""What is measured: a workload gives any contestant something to do, and a figure for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from time import perf_counter
from typing import Literal, TypeAlias, TypeVar

from attrs import field, frozen

from benchmarks.contestant import Cannot, Contestant

Ability = TypeVar("Ability")
Unit: TypeAlias = Literal["x", "ns", "us", "ms", "B", "MB"]


class WrongResult(Exception):
    """A contestant did not do what it was asked for, however fast."""


@frozen
class Target:
    """What the project wants of typedpipes. None: nothing is asked in this respect.

    Args:
        most: the highest figure, in the unit of the workload.
        than: the workload of whose figure `most` is a multiple, if it is one.
        queues: how many times better than hand-written queues, at least.
    """

    most: float | None = None
    than: str | None = None
    queues: float | None = None


@frozen(kw_only=True)
class Workload(ABC):
    """Something to do, the same for every contestant. Lower figures are better.

    A size counts items, if a workload does not say otherwise.

    Args:
        name: what it is called on the command line.
        title: what it is called in a table.
        unit: of the figure. `x` is a multiple of what the reference needs.
        reference: the contestant that figures are multiples of, with the unit `x`.
        target: what is wanted of typedpipes.
        least: the smallest size that says anything.
        size: the largest size worth the time. Slow contestants get less.
        rounds: at most so many repeats.
        slow: left out where time is short.
        only: names of the contestants that it is for. None: of all.
    """

    name: str
    title: str
    unit: Unit = "x"
    reference: str | None = "loop"
    target: Target = field(factory=Target)
    least: int = 400
    size: int = 100_000
    rounds: int = 7
    slow: bool = False
    only: frozenset[str] | None = None

    @abstractmethod
    async def cost(self, contestant: Contestant, size: int) -> float:
        """What the contestant needs, or seconds per item if figures are multiples.

        Raises:
            Cannot: it has no way to do this.
            WrongResult: it did something else.
        """

    def suits(self, contestant: Contestant) -> bool:
        """Whether this contestant takes part at all."""
        return self.only is None or contestant.name in self.only


def ability(found: Ability | None) -> Ability:
    if found is None:
        raise Cannot("has no way to draw this")
    return found


async def seconds(work: Awaitable[object]) -> float:
    """How long it takes."""
    start = perf_counter()
    await work
    return perf_counter() - start


def check(received: Sequence[int], expected: Sequence[int], *, ordered: bool) -> None:
    """Every item once, and in order where order was asked for.

    Raises:
        WrongResult: otherwise.
    """
    same = (
        all(map(int.__eq__, received, expected))
        if ordered
        else sorted(received) == sorted(expected)
    )
    if len(received) != len(expected) or not same:
        kind = "the items expected" if ordered else "the items expected, in any order"
        raise WrongResult(f"{len(received)} of {len(expected)} items arrived, not {kind}")


async def plus_one(item: int) -> int:
    """The trivial coroutine: what is left to measure is what is around it."""
    return item + 1
