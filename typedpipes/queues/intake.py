"""What a reader takes from: the questions it asks, and their answers for one buffer.

Zips and merges of several buffers answer the same ones; `take` pops at the speed of C.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, repeat, starmap
from operator import length_hint
from typing import Any, Generic, Protocol

from typing_extensions import TypeVar

from typedpipes.queues.buffer import GAP, Buffer

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_AHEAD = 64  # how many items of a buffer with gaps are looked at in one step


class Intake(Protocol[T_co]):
    """The reading side of one or several buffers.

    Attributes:
        buffers: what is read, in the order of the drawing.
        taken: how many items were taken so far.
        dropped: how many tuples a zip left out because a part of them was missing.
        short: whether a zip ended while some of its inputs had more.
    """

    @property
    def buffers(
        self,
    ) -> Sequence[Buffer[Any]]: ...  # Any: the buffers of a zip hold parts of its tuples
    @property
    def taken(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def short(self) -> bool: ...

    def ready(self) -> int:
        """How many items `take` may be asked for now."""
        ...

    def waiting(self) -> int:
        """How many items are there now, for who only wants to know."""
        ...

    def maxsize(self) -> int:
        """How many items can be there."""
        ...

    def peek(self) -> Sequence[T_co]:
        """Look at what is there now, without taking it."""
        ...

    def release(self) -> None:
        """Wake the writers that can go on, now or once one more item is taken."""
        ...

    def hide_gaps(self) -> None:
        """Give no gaps any more to who was to pass them on."""

    def take(self, count: int) -> Iterator[T_co]:
        """Pop `count` items, each when the iterator is asked for it."""
        ...

    def watch(self) -> None:
        """Ask to be woken when something is ready, or over."""
        ...

    def over(self) -> bool:
        """Whether nothing more comes out."""
        ...


class Counting:
    """Counts what was taken without a step per item: by what is left of the last `take`."""

    __slots__ = ("_given", "_pending")

    def __init__(self) -> None:
        self._given = 0
        self._pending = repeat((), 0)

    @property
    def taken(self) -> int:
        return self._given - length_hint(self._pending)

    def counted(self, count: int) -> repeat[tuple[()]]:
        self._given += count - length_hint(self._pending)
        self._pending = pending = repeat((), count)
        return pending


class Single(Counting, Generic[T]):
    """One buffer.

    Args:
        buffer: what is read.
        gappy: whether the buffer may hold gaps; they are skipped.
    """

    __slots__ = ("_buffer", "gappy")

    dropped = 0
    short = False

    def __init__(self, buffer: Buffer[T], *, gappy: bool = False) -> None:
        super().__init__()
        self._buffer = buffer
        self.gappy: bool = gappy

    @property
    def buffers(self) -> Sequence[Buffer[T]]:
        return (self._buffer,)

    def ready(self) -> int:
        return until_gap(self._buffer) if self.gappy else len(self._buffer.items)

    def waiting(self) -> int:
        return len(self.peek()) if self.gappy else len(self._buffer.items)

    def peek(self) -> list[T]:
        return present(self._buffer)

    def maxsize(self) -> int:
        return self._buffer.maxsize

    def release(self) -> None:
        self._buffer.release()

    def hide_gaps(self) -> None:
        self.gappy = True

    def take(self, count: int) -> Iterator[T]:
        popleft = self._buffer.items.popleft
        if count == 1:  # much cheaper, and as good: it is asked for at once
            self._given += 1
            return iter((popleft(),))
        return starmap(popleft, self.counted(count))

    def watch(self) -> None:
        self._buffer.await_items()

    def over(self) -> bool:
        return self._buffer.over()


def present(buffer: Buffer[T]) -> list[T]:
    """Give the items, gaps aside, that are in the buffer."""
    return [item for item in buffer.items if item is not GAP]


def until_gap(buffer: Buffer[Any]) -> int:  # Any: nothing is asked of the items
    """Pop the gaps at the head, and count the items up to the next gap in sight."""
    items = buffer.items
    while items and items[0] is GAP:
        items.popleft()
        buffer.release()
    ahead = islice(items, _AHEAD)
    return next((count for count, item in enumerate(ahead) if item is GAP), min(len(items), _AHEAD))
