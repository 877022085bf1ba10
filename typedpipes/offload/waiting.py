"""What waits for a child process."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from typedpipes.offload.piece import Piece


class Waiting:
    """The pieces that no child has, in the order in which they are handed out.

    Attributes:
        count: how many items there are.
    """

    def __init__(self) -> None:
        self.count: int = 0
        self._pieces: deque[Piece] = deque()

    @property
    def is_alone(self) -> bool:
        """Whether the first item must go alone."""
        return bool(self._pieces) and self._pieces[0].alone

    def add(self, piece: Piece) -> None:
        """Add a piece behind the others."""
        self.count += len(piece.items)
        self._pieces.append(piece)

    def put_first(self, pieces: Sequence[Piece]) -> None:
        """Add pieces before the others."""
        self.count += sum(len(piece.items) for piece in pieces)
        self._pieces.extendleft(reversed(pieces))

    def remove(self, single: Piece) -> bool:
        """Remove a piece of one item.

        Returns:
            Whether it was here.
        """
        with suppress(ValueError):
            self._pieces.remove(single)
            self.count -= 1
            return True
        return False

    def take(self, count: int) -> Sequence[Piece]:
        """Take `count` items, at least one, or fewer: one that must go alone goes alone."""
        taken: list[Piece] = []
        while count and self._pieces and not (taken and self._pieces[0].alone):
            piece = self._pieces.popleft()
            if len(piece.items) > count:
                self._pieces.appendleft(piece.split(count))
            taken.append(piece)
            count -= len(piece.items)
            self.count -= len(piece.items)
            if piece.alone:
                break
        return taken

    def take_all(self) -> Sequence[Piece]:
        """Take all items."""
        taken, self._pieces = self._pieces, deque()
        self.count = 0
        return taken
