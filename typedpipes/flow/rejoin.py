"""Several edges of which one has the item, and the others a gap."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, repeat, starmap
from typing import Any

from typedpipes.flow.edge import AHEAD, GAP
from typedpipes.flow.zip import Zip


class Rejoin(Zip):
    """The branches of a split, taken as one, in the order of the items before the split.

    Where all have a gap, the item was dropped or failed.
    """

    __slots__ = ()

    keeps_last = False

    def available(self) -> int:
        count = min([len(edge.items) for edge in self.edges])
        if self._passes or not count:
            return count
        for number, parts in enumerate(self._rows(min(count, AHEAD))):
            if all(part is GAP for part in parts):
                return number
        return min(count, AHEAD)

    def _rows(self, count: int) -> Iterator[tuple[object, ...]]:
        columns = [islice(edge.items, count) for edge in self.edges]
        return zip(*columns, strict=True)

    def peek(self) -> list[Any]:  # Any: whatever the branches hold
        count = min([len(edge.items) for edge in self.edges])
        return [part for parts in self._rows(count) for part in parts if part is not GAP]

    def advance(self) -> None:
        while not self._passes and self._is_torn():
            for edge in self.edges:
                edge.items.popleft()
            self.took()

    def _is_torn(self) -> bool:
        return all(edge.items and edge.items[0] is GAP for edge in self.edges)

    def take(self, count: int) -> Iterator[Any]:  # Any: as above
        first, *others = self.edges
        rows = zip(
            starmap(first.items.popleft, self.count_pops(count)),
            *[starmap(edge.items.popleft, repeat((), count)) for edge in others],
            strict=False,  # as for a zip
        )
        return map(_the_one, rows)


def _the_one(parts: tuple[object, ...]) -> object:
    """Return the part that is not a gap, if there is one."""
    for part in parts:
        if part is not GAP:
            return part
    return GAP
