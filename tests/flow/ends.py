"""Edges as a test sees them: both ends note what the edge tells them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Generic, TypeVar

from hypothesis import settings

from typedpipes.flow.edge import GAP, Edge
from typedpipes.flow.inputs import Inputs

T = TypeVar("T")

HALF = -1
"""As `low`: half of the bound, as on every edge of a run."""

untimed = settings(deadline=None)
"""For random tests: none depends on the speed of the machine."""

machines = settings(deadline=None, max_examples=60, stateful_step_count=25)
"""For tests in which random steps follow each other."""


class Noting:
    """An end that only notes what it is told.

    Attributes:
        wakes: how often it was woken.
        leavings: how often it was told that a reader left.
        when_woken: called each time it is woken.
    """

    def __init__(self) -> None:
        self.attention: bool = False
        self.wakes = 0
        self.leavings = 0
        self.when_woken: Callable[[], None] = _nothing

    def wake(self) -> None:
        self.wakes += 1
        self.when_woken()

    def reader_left(self) -> None:
        self.leavings += 1


def _nothing() -> None:
    """Do nothing."""


class Ends(Generic[T]):
    """An edge between two ends that note what they are told."""

    def __init__(self, items: Iterable[T] = (), *, maxsize: int = 100, low: int = HALF) -> None:
        self.edge = Edge[T](maxsize, low=maxsize // 2 if low == HALF else low)
        for item in items:  # an edge is made differently by its first item
            self.edge.append(item)
        self.reader = Noting()
        self.writer = Noting()
        self.edge.reader = self.reader
        self.edge.writer = self.writer


def edges(*columns: Iterable[T], maxsize: int = 100) -> list[Ends[T]]:
    """Make an edge for each column of items."""
    return [Ends(column, maxsize=maxsize) for column in columns]


def take(inputs: Inputs[T], count: int) -> list[T]:
    """Take so many items, if any, and say so."""
    taken = list(inputs.take(count)) if count else []
    inputs.took()
    return taken


def take_some(inputs: Inputs[T], count: int, planned: int) -> list[T]:
    """Take so many of those that were planned, as one that is interrupted does."""
    return list(islice(inputs.take(planned), count))


def take_all(inputs: Inputs[T], slices: Sequence[int] = (100,)) -> list[T]:
    """Take all there is, in slices of these sizes, in turn."""
    taken: list[T] = []
    for turn in range(10_000):
        inputs.advance()
        count = min(inputs.available(), slices[turn % len(slices)])
        if not count:
            return taken
        taken += take(inputs, count)
    raise AssertionError("it never runs dry")


def with_gaps(items: Iterable[int], missing: Iterable[int]) -> list[object]:
    """Replace some items, by their place, by gaps."""
    gone = set(missing)
    return [GAP if place in gone else item for place, item in enumerate(items)]
