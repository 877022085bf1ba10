"""Fittings: the parts that a joint puts between processors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic

from attrs import frozen
from typing_extensions import TypeVar

from typedpipes.fixed import Fixed
from typedpipes.queues import Edge, InputQueue

T = TypeVar("T")
Item_co = TypeVar("Item_co", covariant=True)

DEFAULT_BOUND: Final = 100
"""The bound of an edge if the user did not set one; before a zip, and beside child processes, it
may be higher."""


@frozen(eq=False)
class Keep(Generic[T]):
    """Passes on the items for which the test is true, and drops the others.

    `kind` is the class that all of them are instances of, where it is known. `buffer`, here
    and below, is the bound of the edges that lead to the fitting, if the user set one.
    """

    name: str
    test: Callable[[T], object]
    kind: type[object] | None = None
    buffer: int | None = None


@frozen(eq=False)
class Batch:
    """Makes lists of `size` items.

    A list is shorter at the end, or when its first item has waited for `within` seconds, or when
    one of the intervals of `every` seconds is over.
    """

    name: str
    size: int
    within: float | None = None
    buffer: int | None = None
    every: float | None = None


@frozen(eq=False)
class Split:
    """Sends each item one of several ways.

    `sort` returns the number of the way, and what goes there. `function` is what the user wrote
    for it; of a switch there are the `kinds` of items that go each way.
    """

    name: str
    sort: Callable[[Any], tuple[int, object]]  # Any: the joint knows the type of its items
    ways: int
    function: Callable[..., object] | None = None
    kinds: Sequence[type[object]] = ()
    buffer: int | None = None


@frozen(eq=False)
class Relay:
    """Passes items on where several inputs are joined and no single part takes them directly."""

    name: str


class Collector(Fixed, Generic[Item_co]):
    """Keeps all items that reach it: the results of a run, in memory.

    It starts empty in every run of its plumber.
    """

    _instead: ClassVar[Mapping[str, str]] = {
        "named": "Give the name to collect.",
        "name": "Give it to collect.",
        "buffer": "Give it to collect.",
        "items": "It has what a run gives it.",
    }

    def __init__(self, name: str = "", buffer: int | None = None) -> None:
        self.named: Final[bool] = bool(name)
        self.name: Final[str] = name or "collect"
        self.buffer: Final[int | None] = buffer
        self._items: list[Item_co] = []

    @property
    def items(self) -> Sequence[Item_co]:
        """The items collected so far, in the order of arrival."""
        return tuple(self._items)

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.named else ""
        return f"<{type(self).__name__}{name} of {len(self._items)} items>"


def items_of(collector: Collector[T]) -> Sequence[T]:
    """Return what the collector holds, without copying it."""
    return collector._items


def begin_to_collect(collector: Collector[T]) -> list[T]:
    """Empty the collector for a run; return the list that the run fills."""
    collector._items = []
    return collector._items


class Reader(Generic[Item_co]):
    """Hands items to the code outside the graph that reads its queue."""

    def __init__(self, name: str, buffer: int | None) -> None:
        self.name: str = name
        self.buffer: int | None = buffer
        # A placeholder: nothing comes here until a run attaches the reader.
        self.queue: InputQueue[Item_co] = Edge[Item_co](buffer or DEFAULT_BOUND).input
