"""What a reader takes from: one buffer, several as tuples (zip), or several as they come (merge).

Each kind answers the same few questions, and `take` pops lazily at the speed of C.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, repeat, starmap
from operator import length_hint
from typing import Any, Generic, Protocol, cast

from typing_extensions import TypeVar

from typedpipes.queues.buffer import GAP, Buffer, Gap

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


class _Counting:
    """Counts what was taken without a step per item: by what is left of the last `take`."""

    __slots__ = ("_given", "_pending")

    def __init__(self) -> None:
        self._given = 0
        self._pending = repeat((), 0)

    @property
    def taken(self) -> int:
        return self._given - length_hint(self._pending)

    def _counted(self, count: int) -> repeat[tuple[()]]:
        self._given += count - length_hint(self._pending)
        self._pending = pending = repeat((), count)
        return pending


class Single(_Counting, Generic[T]):
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
        return _run(self._buffer) if self.gappy else len(self._buffer.items)

    def waiting(self) -> int:
        return len(self.peek()) if self.gappy else len(self._buffer.items)

    def peek(self) -> list[T]:
        return _items(self._buffer)

    def maxsize(self) -> int:
        return self._buffer.maxsize

    def release(self) -> None:
        _release(self._buffer)

    def hide_gaps(self) -> None:
        self.gappy = True

    def take(self, count: int) -> Iterator[T]:
        popleft = self._buffer.items.popleft
        if count == 1:  # much cheaper, and as good: it is asked for at once
            self._given += 1
            return iter((popleft(),))
        return starmap(popleft, self._counted(count))

    def watch(self) -> None:
        self._buffer.await_items()

    def over(self) -> bool:
        return self._buffer.over()


class Merged(_Counting, Generic[T]):
    """Several buffers, taken as they come: round robin by slice, each in its own order."""

    __slots__ = ("_buffers", "_gappy", "_turn")

    dropped = 0
    short = False

    def __init__(self, buffers: Sequence[Buffer[T]], *, gappy: Collection[int] = ()) -> None:
        super().__init__()
        self._buffers = deque(enumerate(buffers))
        self._buffers.rotate(1)  # the first look turns to the first buffer
        self._gappy = gappy

    @property
    def buffers(self) -> Sequence[Buffer[T]]:
        return [buffer for _, buffer in sorted(self._buffers, key=lambda numbered: numbered[0])]

    def ready(self) -> int:
        buffers = self._buffers
        for _ in range(len(buffers)):
            buffers.rotate(-1)
            number, buffer = buffers[0]
            count = _run(buffer) if number in self._gappy else len(buffer.items)
            if count:
                return count
        return 0

    def waiting(self) -> int:
        return len(self.peek())

    def peek(self) -> list[T]:
        return [item for buffer in self.buffers for item in _items(buffer)]

    def maxsize(self) -> int:
        return sum(buffer.maxsize for _, buffer in self._buffers)

    def release(self) -> None:
        for _, buffer in self._buffers:
            _release(buffer)

    def hide_gaps(self) -> None:
        """A merge passes none on."""

    def take(self, count: int) -> Iterator[T]:
        return starmap(self._buffers[0][1].items.popleft, self._counted(count))

    def watch(self) -> None:
        for _, buffer in self._buffers:
            if not buffer.closed:
                buffer.await_items()

    def over(self) -> bool:
        return all(buffer.over() for _, buffer in self._buffers)


class Zipped(_Counting):
    """Several buffers, taken as one tuple.

    It ends when one of them is over and either all are, or another has an item
    that will never find its partner.

    Args:
        buffers: what is read, in the order of the tuple.
        aligned: which of them carry gaps that stand for a partner; a tuple with a
            gap is left out and counted in `dropped`.
        gappy: which of them may hold gaps that say nothing here; they are skipped.
        passing: whether a gap is to be given for a tuple that is left out.
    """

    __slots__ = ("_aligned", "_gappy", "_passing", "buffers", "dropped")

    def __init__(
        self,
        buffers: Sequence[Buffer[Any]],  # Any: the parts of a tuple differ in type
        *,
        aligned: Collection[int] = (),
        gappy: Collection[int] = (),
        passing: bool = False,
    ) -> None:
        super().__init__()
        self.buffers: Sequence[Buffer[Any]] = buffers  # Any: as above
        self.dropped: int = 0
        self._passing = passing
        self._aligned = [buffers[number] for number in aligned]
        self._gappy = [buffers[number] for number in gappy]

    @property
    def short(self) -> bool:
        return any(buffer.over() for buffer in self.buffers) and any(
            buffer.items for buffer in self.buffers
        )

    def ready(self) -> int:
        if self._aligned or self._gappy:
            return self._whole()
        return min([len(buffer.items) for buffer in self.buffers])

    def _whole(self) -> int:
        """Clear what is in the way and count the tuples that have no gap."""
        while True:
            counts = [_run(buffer) for buffer in self._gappy]
            if not all(buffer.items for buffer in self.buffers):
                return 0
            if self._passing or not any(buffer.items[0] is GAP for buffer in self._aligned):
                break
            self.dropped += 1
            for buffer in self.buffers:
                buffer.items.popleft()
                _release(buffer)
        if not self._passing:
            counts += [_run(buffer) for buffer in self._aligned]
        return min(counts + [len(buffer.items) for buffer in self.buffers])

    def waiting(self) -> int:
        return len(self.peek())

    def peek(self) -> list[tuple[Any, ...]]:  # Any: the parts of a tuple differ in type
        columns = [
            _items(buffer) if buffer in self._gappy else list(buffer.items)
            for buffer in self.buffers
        ]
        return [
            parts for parts in zip(*columns, strict=False) if not any(part is GAP for part in parts)
        ]

    def maxsize(self) -> int:
        return min([buffer.maxsize for buffer in self.buffers])

    def release(self) -> None:
        for buffer in self.buffers:
            _release(buffer)

    def hide_gaps(self) -> None:
        self._passing = False

    def take(
        self, count: int
    ) -> Iterator[tuple[Any, ...]]:  # Any: the parts of a tuple differ in type
        first, *others = self.buffers
        tuples = zip(
            starmap(first.items.popleft, self._counted(count)),
            *[starmap(buffer.items.popleft, repeat((), count)) for buffer in others],
            strict=False,  # the first one ends the zip before the others are asked
        )
        if not self._passing:
            return tuples
        # A gap among the tuples: only nodes that pass gaps on ask for it.
        return cast("Iterator[tuple[Any, ...]]", map(self._whole_or_gap, tuples))

    def _whole_or_gap(self, parts: tuple[object, ...]) -> tuple[object, ...] | Gap:
        if any(part is GAP for part in parts):
            self.dropped += 1
            return GAP
        return parts

    def watch(self) -> None:
        # One is enough: there is no tuple before this one has an item.
        for buffer in self.buffers:
            if not buffer.items and not buffer.closed:
                buffer.await_items()
                return

    def over(self) -> bool:
        ended = [buffer.over() for buffer in self.buffers]
        return all(ended) or (any(ended) and any(buffer.items for buffer in self.buffers))


def _items(buffer: Buffer[T]) -> list[T]:
    """Give the items, gaps aside, that are in the buffer."""
    return [item for item in buffer.items if item is not GAP]


def _release(buffer: Buffer[Any]) -> None:  # Any: nothing is asked of the items
    """Wake the waiting writer if the buffer is, or is about to be, down to its mark."""
    if buffer.writer_waits and len(buffer.items) - 1 <= buffer.low:
        buffer.wake_writer()


def _run(buffer: Buffer[Any]) -> int:  # Any: nothing is asked of the items
    """Pop the gaps at the head, and count the items up to the next gap in sight."""
    items = buffer.items
    while items and items[0] is GAP:
        items.popleft()
        _release(buffer)
    ahead = islice(items, _AHEAD)
    return next((count for count, item in enumerate(ahead) if item is GAP), min(len(items), _AHEAD))
