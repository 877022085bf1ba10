"""Edges between the requests and the replies of an exchange, where each item has its request.

What copies items, takes several as one, or lets them out of there, keeps count of how many are
under way for each request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from typedpipes.flow.edge import GAP, Append, Edge, Gap
from typedpipes.flow.fork import Fork
from typedpipes.flow.request import Tagged, plain
from typedpipes.flow.zip import Zip


class WayOut(Edge[Any]):  # Any: items of all types
    """An edge that does not lead to the replies: items on it belong to no request any more."""

    __slots__ = ()

    def append(self, item: object) -> None:
        super().append(_let_go(item))

    def appender(self) -> Append[Any]:  # Any: as above
        append = self.make_items().append
        return lambda item: append(_let_go(item))

    def extend(self, items: Iterable[object]) -> None:
        super().extend(map(_let_go, items))


class RequestFork(Fork[Any]):  # Any: as above
    """A fork that counts the copies it makes."""

    __slots__ = ()

    def append(self, item: object) -> None:
        if type(item) is Tagged:
            item.add(len(self._joined) - 1)
        super().append(item)

    def append_each(self, items: Sequence[object]) -> None:
        pairs = zip(self.edges, items, strict=True)
        copies = [item for edge, item in pairs if item is not GAP and edge in self._joined]
        sent = next((item for item in items if type(item) is Tagged), None)
        if sent is not None:
            sent.add(len(copies) - 1)
        super().append_each(items)

    def appender(self) -> Append[Any]:  # Any: as above
        return self.append

    def extend(self, items: Iterable[object]) -> None:
        for item in items:
            self.append(item)


class RequestZip(Zip):
    """A zip of items that have a request: the tuple has it then."""

    __slots__ = ()

    def take(self, count: int) -> Iterator[Any]:  # Any: tagged tuples
        return map(_together, super().take(count))

    def peek(self) -> list[tuple[Any, ...]]:  # Any: the parts of a tuple differ in type
        return [tuple(map(plain, parts)) for parts in super().peek()]

    def _leave_out(self, parts: Iterable[object], /) -> None:
        super()._leave_out(parts)
        for part in parts:
            _let_go(part)


def _let_go(item: object) -> object:
    """Return an item that is not under way for its request any more, without it."""
    if type(item) is not Tagged:
        return item
    item.add(-1)
    return item.item


def _together(parts: Sequence[object] | Gap) -> object:
    """Return a tuple of tagged items as a tagged tuple; a gap, and after the run all, as it is."""
    if isinstance(parts, Gap) or not isinstance(parts[0], Tagged):
        return parts
    first = parts[0]
    first.add(1 - len(parts))
    return first.become(tuple(map(plain, parts)))
