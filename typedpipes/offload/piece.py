"""Items that belong together on their way through child processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeAlias


class Piece:
    """Items one behind the other that a function is to be called with.

    Any: their owner knows what the items and results are.

    Args:
        items: the items.

    Attributes:
        items: those that are not answered yet.
        results: of those that are, as long as their owner keeps them here.
        rest: what was split off and stood behind it.
        alone: whether it is an item at which a child may have died: it goes to one by itself.
        first: the number of its first item among those that its child was handed.
    """

    __slots__ = ("alone", "first", "items", "rest", "results")

    def __init__(self, items: list[Any]) -> None:
        self.items: list[Any] = items
        self.results: list[Any] = []
        self.rest: Piece | None = None
        self.alone: bool = False
        self.first: int = 0

    def split(self, count: int) -> Piece:
        """Keep the first `count` items, and return a piece with the others."""
        rest = Piece(self.items[count:])
        rest.first = self.first + count
        rest.rest = self.rest
        self.rest = rest
        del self.items[count:]
        return rest

    def singles(self) -> Iterator[Piece]:
        """Split it, and yield a piece for each item."""
        piece = self
        while len(piece.items) > 1:
            rest = piece.split(1)
            yield piece
            piece = rest
        yield piece


Answer: TypeAlias = tuple[Piece, Sequence[Any], Sequence[Any]]
"""A piece, some of its items, and a result or a `Failed` for each. Any: as above."""


class Owner(Protocol):
    """What has items worked on in child processes."""

    def answered(self, answers: Sequence[Answer], *, failed: bool) -> None:
        """Take note of results.

        Args:
            answers: what was answered. The items are not in their pieces any more.
            failed: whether there is a `Failed` among the results.
        """
        ...
