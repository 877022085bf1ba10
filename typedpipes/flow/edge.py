"""The bounded buffer between two nodes: its items, its bound, and the wake-ups at its two ends.

An edge has one writer and one reader. So nothing else takes away items that the reader has seen, or
room that the writer has seen: each may work on that much without looking again.

Each end has a verb that asks to be woken, one that says what it did and so wakes the other end, and
one that says that it is done for good:

    reader   want_items   took      leave
    writer   want_room    gave      close

An edge by itself is what most nodes take from and put into: it is an `Inputs` and an `Outputs`.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat, starmap, takewhile
from operator import length_hint
from typing import Any, Final, Generic, Protocol, TypeAlias, cast

from typing_extensions import TypeVar

T = TypeVar("T")

Append: TypeAlias = Callable[[T], None]

AHEAD = 64
"""How many items of an edge with gaps are looked at in one step."""

_NOT_MADE: Final = cast("deque[Any]", ())  # Any: it holds nothing


class Gap:
    """Stands in a branch for an item that was dropped or failed, so that a zip keeps its pairs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "GAP"


GAP: Final = Gap()


class End(Protocol):
    """What reads from an edge, or writes into it.

    Attributes:
        attention: set by the other end when it begins to wait. An end in the middle of a long
            stretch of work looks at it after every item.
    """

    attention: bool

    def wake(self) -> None:
        """Go on: what you waited for may be there, or may not."""

    def reader_left(self) -> None:
        """Note, as a writer, that a reader takes no more items."""


class NoEnd:
    """Stands for an end that is not connected yet, or not any more."""

    __slots__ = ("attention",)

    def __init__(self) -> None:
        self.attention: bool = False

    def wake(self) -> None:
        """Do nothing."""

    def reader_left(self) -> None:
        """Do nothing."""


NO_END: Final[End] = NoEnd()


_NOTHING_PENDING: Final[repeat[tuple[()]]] = repeat((), 0)


class Counting:
    """Counts the items taken without a step for each: by what is left of the last `take`."""

    __slots__ = ("_pending", "_promised")

    def __init__(self) -> None:
        self._promised = 0
        self._pending = _NOTHING_PENDING

    @property
    def taken(self) -> int:
        """How many items have been taken so far."""
        return self._promised - length_hint(self._pending)

    def count_pops(self, count: int) -> repeat[tuple[()]]:
        """Count the next `count` items as they are popped: return what `starmap` pops them with."""
        self._promised += count - length_hint(self._pending)
        self._pending = pending = repeat((), count)
        return pending


class Edge(Counting, Generic[T]):
    """A bounded FIFO between one writer and one reader.

    Args:
        maxsize: the most items it holds.
        low: how many items are left in it when a writer that waits is woken. Waking it at every
            free place would cost a task switch for each item.

    Attributes:
        items: what is inside, oldest first. The reader pops from the left, the writer appends to
            what `appender` returns.
        reader: the end that takes.
        writer: the end that puts.
        closed: whether the writer puts no more.
        left: whether the reader takes no more.
        put: how many items were put by `append` and `extend`.
        skips_gaps: whether gaps are cleared away, rather than taken as items.
        reader_waits: whether the reader is to be woken when something is put.
        writer_waits: whether the writer is to be woken when the edge is low.
    """

    __slots__ = (
        "_low",
        "closed",
        "items",
        "left",
        "maxsize",
        "put",
        "reader",
        "reader_waits",
        "skips_gaps",
        "writer",
        "writer_waits",
    )

    dropped = 0
    short = False
    keeps_last = False

    def __init__(self, maxsize: int, low: int) -> None:
        super().__init__()
        self.maxsize: int = maxsize
        self.closed: bool = False
        self.left: bool = False
        self.put: int = 0
        self.skips_gaps: bool = False
        self.reader: End = NO_END
        self.writer: End = NO_END
        # An empty deque takes 624 bytes, so it is made when the first item comes. Until then, an
        # empty tuple answers all that a reader asks.
        self.items: deque[T] = _NOT_MADE
        self._low = low
        self.reader_waits: bool = False
        self.writer_waits: bool = False

    # Questions

    @property
    def edges(self) -> Sequence[Edge[T]]:
        return (self,)

    def available(self) -> int:
        return self.until_gap() if self.skips_gaps else len(self.items)

    def waiting(self) -> int:
        return len(self.peek()) if self.skips_gaps else len(self.items)

    def room(self) -> int:
        return self.maxsize - len(self.items)

    def over(self) -> bool:
        return self.closed and not self.items

    def peek(self) -> list[T]:
        return [item for item in self.items if item is not GAP]

    def until_gap(self) -> int:
        """How many items there are up to the next gap in sight."""
        ahead = islice(self.items, AHEAD)
        return next(
            (count for count, item in enumerate(ahead) if item is GAP), min(len(self.items), AHEAD)
        )

    def before_low(self) -> int:
        return max(len(self.items) - 1 - self._low, 1) if self.writer_waits else sys.maxsize

    def is_low(self) -> bool:
        """Whether a writer waits, and is to be woken now or once one more item is taken."""
        return self.writer_waits and len(self.items) - 1 <= self._low

    # The reader

    def want_items(self) -> None:
        self.reader_waits = True
        self.writer.attention = True

    def took(self) -> None:
        if self.writer_waits and len(self.items) - 1 <= self._low:
            self.writer_waits = False
            self.writer.wake()

    def advance(self) -> None:
        if self.skips_gaps:
            items = self.items
            while items and items[0] is GAP:
                items.popleft()
                self.took()

    def take(self, count: int) -> Iterator[T]:
        popleft = self.items.popleft
        if count == 1:  # much cheaper, and as good: it is asked for at once
            self._promised += 1
            return iter((popleft(),))
        return starmap(popleft, self.count_pops(count))

    def skip_gaps(self) -> None:
        self.skips_gaps = True

    def leave(self) -> None:
        if not self.left:
            self.left = True
            self.writer_waits = False
            self.writer.reader_left()

    # The writer

    def append(self, item: T) -> None:
        self.make_items().append(item)
        self.put += 1

    def append_each(self, items: Sequence[T]) -> None:
        (item,) = items
        self.append(item)

    def appender(self) -> Append[T]:
        return self.make_items().append

    def make_items(self) -> deque[T]:
        """Return `items`, made if nothing was put yet."""
        if self.items is _NOT_MADE:
            self.items = deque()
        return self.items

    def extend(self, items: Iterable[T]) -> None:
        inside = self.make_items()
        before = len(inside)
        try:
            inside.extend(items)
        finally:
            self.put += len(inside) - before

    def want_room(self, *, soon: bool = True) -> None:
        """Ask to be woken when the edge is low.

        Args:
            soon: whether the reader is to look up from its work, not only at its next `took`.
        """
        self.writer_waits = True
        if soon:
            self.reader.attention = True

    def gave(self, *, more: bool = False) -> None:
        if self.reader_waits and (more or self.items):
            self.reader_waits = False
            self.reader.wake()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.gave(more=True)  # it is woken to see that nothing more comes

    def reader_left(self) -> None:
        """Do nothing: there is no other reader to go on for."""

    def drain(self) -> list[T]:
        items = self.peek()
        self.clear()
        return items

    def clear(self) -> None:
        """Remove the items, which the writer has taken back."""
        if self.items:
            self.items.clear()
            self.reader.attention = True  # what it has seen is gone
            self.took()

    def detach_writer(self) -> None:
        """Let what is still put by the `appender` that was returned go nowhere."""
        if self.items is not _NOT_MADE:
            self.items = deque(self.items)

    # The run, which watches

    def call_when_read(self, end: End) -> None:
        """Wake an end, in place of the writer of a closed edge, when all but gaps is read."""
        self.writer = end
        self._low = sum(1 for _ in takewhile(lambda item: item is GAP, reversed(self.items)))
        self.writer_waits = True

    def forget_reader(self) -> None:
        """Drop the reference to the reader."""
        self.reader = NO_END

    def forget_writer(self) -> None:
        """Drop the reference to the writer."""
        self.writer = NO_END


class _Nowhere(Edge[Any]):  # Any: it takes items of all types
    """The output of a node that leads nowhere: there is always room, and nothing is kept."""

    __slots__ = ()

    items: deque[Any]

    def __init__(self) -> None:
        super().__init__(sys.maxsize, low=0)
        self.items = deque(maxlen=0)

    @property
    def edges(self) -> Sequence[Edge[Any]]:  # Any: there are none
        return ()

    def append(self, item: object) -> None:
        """Keep nothing, and count nothing: all nodes of all runs share this."""

    def want_room(self, *, soon: bool = True) -> None:
        """Ask for nothing: there always is room."""

    def close(self) -> None:
        """Do nothing: there is no reader."""


NOWHERE: Final = _Nowhere()
