"""What a node or a queue takes from: one edge, or several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from typing_extensions import TypeVar

from typedpipes.flow.edge import Edge

T_co = TypeVar("T_co", covariant=True)


class Inputs(Protocol[T_co]):
    """The reading end of one or several edges.

    A reader that goes on says `took`, which wakes writers, and `advance`, which clears away what
    is in front of the next item. Then `available` is what `take` may be asked for.

    Attributes:
        edges: what is read, in the order of the drawing.
        maxsize: how many items can be there.
        taken: how many items have been taken so far.
        dropped: how many tuples a zip left out because a part of them was missing.
        short: whether a zip ended while some of its edges had more.
        keeps_last: whether the iterator of `take` keeps the item that it returned last.
    """

    @property
    def edges(self) -> Sequence[Edge[Any]]: ...  # Any: the edges of a zip hold parts of its tuples
    @property
    def maxsize(self) -> int: ...
    @property
    def taken(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def short(self) -> bool: ...
    @property
    def keeps_last(self) -> bool: ...

    # Questions

    def available(self) -> int:
        """How many items `take` may be asked for now."""
        ...

    def before_low(self) -> int:
        """How many items may be taken, at least one, before a writer that waits is to be woken."""
        ...

    def over(self) -> bool:
        """Whether nothing more comes out."""
        ...

    def waiting(self) -> int:
        """How many items are there now, to be shown or compared, not taken."""
        ...

    def peek(self) -> Sequence[T_co]:
        """Look at what is there now, without taking it."""
        ...

    # Verbs

    def want_items(self) -> None:
        """Ask to be woken when something is available, or over."""
        ...

    def took(self) -> None:
        """Wake the writers that can go on, now or once one more item is taken."""
        ...

    def advance(self) -> None:
        """Clear away the gaps, and the tuples with a gap, that are in front. May wake writers."""
        ...

    def take(self, count: int) -> Iterator[T_co]:
        """Pop `count` items, at least one, each when the iterator is asked for it.

        It goes at the speed of C. A single item may be popped at once.
        """
        ...

    def skip_gaps(self) -> None:
        """From now on, clear away also the gaps that were to be passed on."""
        ...

    def leave(self) -> None:
        """Take no more. What is inside stays. Leaving again changes nothing."""
        ...
