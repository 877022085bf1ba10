"""Several edges, taken as their items come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import starmap
from typing import Generic

from typing_extensions import TypeVar

from typedpipes.flow.edge import Counting, Edge

T = TypeVar("T")


class Merge(Counting, Generic[T]):
    """Several edges, taken in turn, a slice from each, so that none is starved.

    Args:
        edges: what is read, in the order of the drawing.
        prefer: which of them is taken as long as it has something, if one is; the others take
            turns when it has not.
    """

    __slots__ = ("_order", "_preferred", "edges")

    dropped = 0
    short = False
    keeps_last = False

    def __init__(self, edges: Sequence[Edge[T]], prefer: int | None = None) -> None:
        super().__init__()
        self.edges: Sequence[Edge[T]] = edges
        self._preferred = None if prefer is None else edges[prefer]
        # Whose turn it is.
        self._order = deque(edge for edge in edges if edge is not self._preferred)

    def available(self) -> int:
        return self._next().available()

    def _next(self) -> Edge[T]:
        """Return the edge whose turn it is, of those that have something to take."""
        if self._preferred is not None and self._preferred.available():
            return self._preferred
        for edge in self._order:
            if edge.available():
                return edge
        return self._order[0]

    def before_low(self) -> int:
        return min([edge.before_low() for edge in self.edges])

    def over(self) -> bool:
        return all(edge.over() for edge in self.edges)

    def waiting(self) -> int:
        return len(self.peek())

    @property
    def maxsize(self) -> int:
        return sum(edge.maxsize for edge in self.edges)

    def peek(self) -> list[T]:
        return [item for edge in self.edges for item in edge.peek()]

    def want_items(self) -> None:
        for edge in self.edges:
            if not edge.closed:
                edge.want_items()

    def took(self) -> None:
        for edge in self.edges:
            edge.took()

    def advance(self) -> None:
        for edge in self.edges:
            edge.advance()

    def take(self, count: int) -> Iterator[T]:
        edge = self._next()
        if edge is not self._preferred:
            while self._order[0] is not edge:
                self._order.rotate(-1)
            self._order.rotate(-1)  # the next one's turn
        return starmap(edge.items.popleft, self.count_pops(count))

    def skip_gaps(self) -> None:
        """Do nothing: a merge never passes gaps on."""

    def leave(self) -> None:
        for edge in self.edges:
            edge.leave()
