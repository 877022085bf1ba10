"""What a node or a queue puts into: one edge, none, or several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from typing_extensions import TypeVar

from typedpipes.flow.edge import Append, Edge

T = TypeVar("T")


class Outputs(Protocol[T]):
    """The writing end of any number of edges.

    Attributes:
        edges: what is written, those included whose reader has left.
        left: whether there were readers, and none is left.
        put: how many items were put by `append` and `extend`.
    """

    @property
    def edges(self) -> Sequence[Edge[T]]: ...
    @property
    def left(self) -> bool: ...
    @property
    def put(self) -> int: ...

    # Questions

    def room(self) -> int:
        """How many items may be put now."""
        ...

    def peek(self) -> list[T]:
        """Look at what was put and not taken by all readers, oldest first."""
        ...

    # Verbs

    def append(self, item: T) -> None:
        """Put an item; the caller has seen that there is room."""
        ...

    def append_each(self, items: Sequence[T]) -> None:
        """Put an item of its own, or a gap, into each edge; the caller has seen that there is room.

        An edge that was left gets nothing.
        """
        ...

    def appender(self) -> Append[T]:
        """Return what to call with each item instead of `append`, to spare a call."""
        ...

    def extend(self, items: Iterable[T]) -> None:
        """Put several items; the caller has seen that there is room.

        If iterating raises, the items before that are put. Iterating may also end the run: what
        is made still goes into all edges that had a reader before.
        """
        ...

    def want_room(self) -> None:
        """Ask to be woken when there is more room."""
        ...

    def gave(self, *, more: bool = False) -> None:
        """Wake the readers that wait and have something to take.

        Args:
            more: whether something is about to be put, before they can go on.
        """
        ...

    def close(self) -> None:
        """Put no more."""
        ...

    def reader_left(self) -> None:
        """Put no more where the reader has left, but for what is being put."""
        ...

    def drain(self) -> list[T]:
        """Take back what was put and not taken by all readers, oldest first."""
        ...
