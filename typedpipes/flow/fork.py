"""Several edges that all get every item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Generic

from typing_extensions import TypeVar

from typedpipes.flow.edge import GAP, NOWHERE, Append, Edge

T = TypeVar("T")


class Fork(Generic[T]):
    """Several edges that all get every item.

    An item is put into all of them in one step, so there is room for it only where all of them
    have room. An edge whose reader leaves gets no more, and the others go on.
    """

    __slots__ = ("_appends", "_joined", "_left", "_since", "edges", "put")

    def __init__(self, edges: Sequence[Edge[T]]) -> None:
        self.edges: Sequence[Edge[T]] = edges
        self.put: int = 0
        self._joined = edges  # less those whose reader has left before the last one
        self._appends: list[Append[T]] = []  # for each edge, once something is put
        self._left: list[tuple[Edge[T], int]] = []  # with `_since` when its reader left
        self._since = 0  # how many items were put since the first reader left

    def room(self) -> int:
        return min([edge.maxsize - len(edge.items) for edge in self._joined])

    @property
    def left(self) -> bool:
        return all(edge.left for edge in self._joined)

    def peek(self) -> list[T]:
        # The readers are at different places of one sequence of items.
        waiting: dict[int, T] = {}
        for edge, end in [*self._left, *((edge, self._since) for edge in self._joined)]:
            places = range(end - len(edge.items), end)
            waiting |= {
                place: item
                for place, item in zip(places, edge.items, strict=True)
                if item is not GAP
            }
        return [waiting[place] for place in sorted(waiting)]

    def append(self, item: T) -> None:
        for append in self._appends or self._make_appends():
            append(item)
        self.put += 1

    def append_each(self, items: Sequence[T]) -> None:
        for append, item in zip(self._appends or self._make_appends(), items, strict=True):
            append(item)
        self.put += 1

    def appender(self) -> Append[T]:
        appends = self._appends or self._make_appends()
        maker = _FORKS.get(len(appends))
        return self.append if maker is None else maker(appends)

    def _make_appends(self) -> list[Append[T]]:
        self._appends += [edge.appender() for edge in self.edges]
        for edge, _ in self._left:
            self._stop_appending(edge)
        return self._appends

    def _stop_appending(self, edge: Edge[T]) -> None:
        first = edge is self._left[0][0]
        # In place: there may be an item in hand, and it is put by what `appender` has returned.
        self._appends[self.edges.index(edge)] = self._count if first else NOWHERE.items.append

    def _count(self, _: T) -> None:
        self._since += 1

    def extend(self, items: Iterable[T]) -> None:
        first, *others = [edge.make_items() for edge in self._joined]
        before = len(first)
        counts = bool(self._left)
        try:
            first.extend(items)
        finally:
            count = len(first) - before
            self.put += count
            self._since += count if counts else 0
            for other in others:
                other.extend(islice(first, before, None))

    def want_room(self) -> None:
        room = self.room()
        for edge in self._joined:
            if edge.room() <= room:
                edge.want_room()
                return  # one is enough: there is no more room before the fullest has some

    def gave(self, *, more: bool = False) -> None:
        for edge in self._joined:
            edge.gave(more=more)

    def close(self) -> None:
        for edge in self.edges:
            edge.close()

    def reader_left(self) -> None:
        joined = [edge for edge in self._joined if not edge.left]
        if not joined:
            return  # what would be put goes nowhere else
        leaving = [edge for edge in self._joined if edge.left]
        self._joined = joined
        for edge in leaving:
            self._left.append((edge, self._since))
            if self._appends:
                self._stop_appending(edge)

    def drain(self) -> list[T]:
        items = self.peek()
        for edge in self.edges:
            edge.clear()
        return items


def _two(appends: list[Append[T]]) -> Append[T]:
    def append(item: T) -> None:
        first, second = appends
        first(item)
        second(item)

    return append


def _three(appends: list[Append[T]]) -> Append[T]:
    def append(item: T) -> None:
        first, second, third = appends
        first(item)
        second(item)
        third(item)

    return append


def _four(appends: list[Append[T]]) -> Append[T]:
    def append(item: T) -> None:
        first, second, third, fourth = appends
        first(item)
        second(item)
        third(item)
        fourth(item)

    return append


_FORKS: Final[Mapping[int, Callable[[list[Append[Any]]], Append[Any]]]] = {  # Any: of any items
    2: _two,
    3: _three,
    4: _four,
}
"""By the number of edges: what puts an item into them without a loop, which costs as much as
a coroutine."""
