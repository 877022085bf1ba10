"""Several edges, taken together as tuples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat, starmap
from typing import Any, cast

from typedpipes.flow.edge import GAP, Counting, Edge, Gap


class Zip(Counting):
    """Several edges, taken together as tuples.

    It ends when one of them is over and either all are, or another has an item that will never
    find its partner. A tuple with a gap is left out and counted in `dropped`.

    Args:
        edges: what is read, in the order of the tuple.
        pairs: those of them whose gaps stand for a partner.
        passes: whether a gap is to stand for a tuple that is left out.
    """

    __slots__ = ("_pairs", "_passes", "dropped", "edges")

    keeps_last = True

    def __init__(
        self,
        edges: Sequence[Edge[Any]],  # Any: the parts of a tuple differ in type
        *,
        pairs: Sequence[Edge[Any]] = (),  # Any: as above
        passes: bool = False,
    ) -> None:
        super().__init__()
        self.edges: Sequence[Edge[Any]] = edges  # Any: as above
        self.dropped: int = 0
        self._pairs = pairs
        self._passes = passes

    @property
    def short(self) -> bool:
        return any(edge.over() for edge in self.edges) and any(edge.items for edge in self.edges)

    def available(self) -> int:
        counts = [edge.available() for edge in self.edges]
        if self._pairs and not self._passes:
            counts += [edge.until_gap() for edge in self._pairs]
        return min(counts)

    def before_low(self) -> int:
        return min([edge.before_low() for edge in self.edges])

    def over(self) -> bool:
        for edge in self.edges:
            if edge.closed and not edge.items:
                break
        else:
            return False
        return self.short or all(edge.over() for edge in self.edges)

    def waiting(self) -> int:
        return len(self.peek())

    @property
    def maxsize(self) -> int:
        return min([edge.maxsize for edge in self.edges])

    def peek(self) -> list[tuple[Any, ...]]:  # Any: the parts of a tuple differ in type
        columns = [edge.peek() if edge.skips_gaps else list(edge.items) for edge in self.edges]
        return [
            parts for parts in zip(*columns, strict=False) if not any(part is GAP for part in parts)
        ]

    def want_items(self) -> None:
        # All that are empty: each may be the one whose end, or whose item, ends the zip.
        for edge in self.edges:
            if not edge.items and not edge.closed:
                edge.want_items()

    def took(self) -> None:
        for edge in self.edges:
            edge.took()

    def advance(self) -> None:
        self._clear_gaps()
        while self._pairs and not self._passes and self._is_torn():
            self._leave_out([edge.items.popleft() for edge in self.edges])
            self.took()  # only now: what is woken may look at all of them
            self._clear_gaps()

    def _clear_gaps(self) -> None:
        for edge in self.edges:
            edge.advance()

    def _is_torn(self) -> bool:
        """Whether there is a tuple, and a part of the first one is missing."""
        for edge in self.edges:
            if not edge.items:
                return False
        return any(edge.items[0] is GAP for edge in self._pairs)

    def take(
        self, count: int
    ) -> Iterator[tuple[Any, ...]]:  # Any: the parts of a tuple differ in type
        first, *others = self.edges
        tuples = zip(
            starmap(first.items.popleft, self.count_pops(count)),
            *[starmap(edge.items.popleft, repeat((), count)) for edge in others],
            strict=False,  # the first one ends the zip before the others are asked
        )
        if not self._passes:
            return tuples
        # A gap among the tuples: only nodes that pass gaps on ask for it.
        return cast("Iterator[tuple[Any, ...]]", map(self._whole_or_gap, tuples))

    def _whole_or_gap(self, parts: tuple[object, ...]) -> tuple[object, ...] | Gap:
        if any(part is GAP for part in parts):
            self._leave_out(parts)
            return GAP
        return parts

    def _leave_out(self, _: Iterable[object], /) -> None:
        """Note that a tuple is left out, of which these are the parts that are there, and gaps."""
        self.dropped += 1

    def skip_gaps(self) -> None:
        self._passes = False

    def leave(self) -> None:
        for edge in self.edges:
            edge.leave()
