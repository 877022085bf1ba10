"""Results of items that are worked on in pieces, until there is room for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat, starmap

from typedpipes.engine.ports import Item
from typedpipes.flow.edge import GAP
from typedpipes.flow.outputs import Outputs
from typedpipes.offload.piece import Piece


class HeldResults:
    """Holds results: in the order of the items, or as they come.

    Args:
        in_order: which of the two.

    Attributes:
        count: how many results it holds.
        ready: those that only lack room.
    """

    __slots__ = ("_in_order", "_line", "count", "ready")

    def __init__(self, *, in_order: bool) -> None:
        self.count: int = 0
        self.ready: deque[Item] = deque()
        self._in_order = in_order
        self._line: deque[Piece] = deque()  # pieces with items or results, if there is an order

    def expect(self, pieces: Iterable[Piece]) -> None:
        """Let the results of pieces stand behind those of the pieces before them."""
        if self._in_order:
            self._line.extend(pieces)

    def add(self, piece: Piece, results: Sequence[Item]) -> None:
        """Hold more results of a piece."""
        self.count += len(results)
        (piece.results if self._in_order else self.ready).extend(results)

    def add_gaps(self, gaps: Sequence[Item]) -> None:
        """Hold gaps, in order, as if they were results."""
        piece = Piece([])
        self._line.append(piece)
        self.add(piece, gaps)

    def put(self, outputs: Outputs[Item]) -> None:
        """Put what may be put, as far as there is room, and ask for more if that is not all."""
        self._release()
        count = min(len(self.ready), outputs.room())
        if count > 0:
            self.count -= count
            outputs.extend(starmap(self.ready.popleft, repeat((), count)))
            outputs.gave()
        if self.ready:
            outputs.want_room()

    def _release(self) -> None:
        """Get the results ready whose turn it is.

        Not when they are added: a piece behind may have lost its items and not have results yet.
        """
        line = self._line
        while line:
            first = line[0]
            self.ready.extend(first.results)
            first.results.clear()
            if first.items:
                return
            line.popleft()
            if first.rest is not None:
                line.appendleft(first.rest)

    def __iter__(self) -> Iterator[Item]:
        """Yield the results, gaps aside, in the order in which they would be put."""
        yield from (result for result in self.ready if result is not GAP)
        for first in self._line:
            piece: Piece | None = first
            while piece is not None:
                yield from (result for result in piece.results if result is not GAP)
                piece = piece.rest
