"""The bounded buffer inside every edge: a deque, a bound, and who waits at its two ends.

Items move only in synchronous code; an end that waits is only ever *woken*. One
end writes and one end reads, so nobody else can shrink what a reader has seen in
the buffer, nor the room that a writer has seen.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Generic, Protocol, cast

from typing_extensions import TypeVar

T = TypeVar("T")

NOT_MADE: Final = cast("deque[Any]", ())  # Any: it holds nothing
"""What stands for a deque of any items until something is written."""


class Gap:
    """What stands in a branch for an item that was dropped, so that a zip keeps its pairs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "GAP"


GAP = Gap()


class End(Protocol):
    """Whoever reads from, or writes into, a buffer.

    Attributes:
        attention: set by the other end when it begins to wait; an end in the middle of
            a long stretch of work looks at it after every item.
    """

    attention: bool

    def wake(self) -> None:
        """Go on: what you waited for may be there. May come for nothing."""

    def let_go(self) -> None:
        """Take note that a reader has given up."""


class Nobody:
    """The end that nobody has taken yet."""

    __slots__ = ("attention",)

    def __init__(self) -> None:
        self.attention: bool = False

    def wake(self) -> None:
        """Do nothing."""

    def let_go(self) -> None:
        """Do nothing."""


class Buffer(Generic[T]):
    """A bounded FIFO between one writer and one reader.

    A writer that waits is woken when the buffer is down to `low` items: waking it
    at every free slot would cost a task switch for each item.
    """

    __slots__ = (
        "closed",
        "hung_up",
        "items",
        "low",
        "maxsize",
        "reader",
        "reader_waits",
        "writer",
        "writer_waits",
    )

    def __init__(self, maxsize: int, low: int) -> None:
        self.maxsize: int = maxsize
        self.low: int = low
        self.closed: bool = False
        self.hung_up: bool = False
        self.reader: End = NOBODY
        self.writer: End = NOBODY
        self.reader_waits: bool = False
        self.writer_waits: bool = False
        # An empty deque takes 624 bytes, so the writer makes it on first use.
        # Until then, an empty tuple answers all that a reader asks.
        self.items: deque[T] = NOT_MADE

    def fill(self) -> deque[T]:
        """Give the writer the deque to append to."""
        if self.items is NOT_MADE:
            self.items = deque()
        return self.items

    def over(self) -> bool:
        """Whether nothing more comes out."""
        return self.closed and not self.items

    def close(self) -> None:
        """Say, as the writer, that nothing more goes in. Closing again changes nothing."""
        if not self.closed:
            self.closed = True
            self.wake_reader()

    def hang_up(self) -> None:
        """Say, as the reader, that nothing more is taken. What is inside stays."""
        if not self.hung_up:
            self.hung_up = True
            self.writer_waits = False
            self.writer.let_go()

    def is_low(self) -> bool:
        """Whether it is time to wake a writer that waits: now, or once an item more is taken."""
        return len(self.items) - 1 <= self.low

    def release(self) -> None:
        """As the reader: wake the waiting writer if the buffer is, or is about to be, low."""
        # `is_low`, in full: this is asked for many items.
        if self.writer_waits and len(self.items) - 1 <= self.low:
            self.wake_writer()

    def await_items(self) -> None:
        """As the reader: wake me when there are items."""
        self.reader_waits = True
        self.writer.attention = True

    def await_room(self) -> None:
        """As the writer: wake me when there is room."""
        self.writer_waits = True
        self.reader.attention = True

    def wake_reader(self) -> None:
        """Wake the reader if it waits."""
        if self.reader_waits:
            self.reader_waits = False
            self.reader.wake()

    def wake_writer(self) -> None:
        """Wake the writer if it waits."""
        if self.writer_waits:
            self.writer_waits = False
            self.writer.wake()


NOBODY: End = Nobody()
