"""What a child process was handed and has not answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from typedpipes.offload.piece import Answer, Piece


class Handed:
    """The pieces that a child works on, in order.

    Their items are numbered as they are handed to the child. It answers them in this order.

    Attributes:
        count: how many items there are.
        end: the number of the next item.
        pieces: what the items are in.
    """

    def __init__(self) -> None:
        self.count: int = 0
        self.end: int = 0
        self.pieces: deque[Piece] = deque()

    @property
    def is_alone(self) -> bool:
        """Whether it is an item that must be alone."""
        return bool(self.pieces) and self.pieces[0].alone

    def add(self, pieces: Sequence[Piece]) -> None:
        """Add pieces behind the others."""
        for piece in pieces:
            piece.first = self.end
            self.end += len(piece.items)
            self.count += len(piece.items)
            self.pieces.append(piece)

    @property
    def first(self) -> int:
        """The number of the first item; `end` if there is none."""
        return self.pieces[0].first if self.pieces else self.end

    def has(self, number: int) -> bool:
        """Whether the item of this number is here."""
        return any(piece.first <= number < piece.first + len(piece.items) for piece in self.pieces)

    def answer(self, results: Sequence[Any]) -> Sequence[Answer]:
        """Deal results out to the pieces, whose items they are."""
        self.count -= len(results)
        answers: list[Answer] = []
        while results:
            piece = self.pieces[0]
            items = piece.items[: len(results)]
            del piece.items[: len(items)]
            piece.first += len(items)
            if not piece.items:
                self.pieces.popleft()
            answers.append((piece, items, results[: len(items)]))
            results = results[len(items) :]
        return answers

    def take_from(self, number: int) -> Sequence[Piece]:
        """Take back the items from this number on."""
        taken: deque[Piece] = deque()
        while self.pieces and self.pieces[-1].first >= number:
            taken.appendleft(self.pieces.pop())
        last = self.pieces[-1] if self.pieces else None
        if last is not None and last.first + len(last.items) > number:
            taken.appendleft(last.split(number - last.first))
        self.count -= sum(len(piece.items) for piece in taken)
        return taken

    def take(self, first: int, count: int) -> Sequence[Piece]:
        """Take back the items of `count` numbers, as far as they are here."""
        behind = self.take_from(first + count)
        taken = self.take_from(first)
        self.pieces.extend(behind)
        self.count += sum(len(piece.items) for piece in behind)
        return taken

    def take_all(self) -> Sequence[Piece]:
        """Take back all items."""
        taken, self.pieces = self.pieces, deque()
        self.count = 0
        return taken
