"""What a reader takes from several edges: tuples (zip), or items as they come (merge)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import repeat, starmap
from typing import Any, Generic, cast

from typing_extensions import TypeVar

from typedpipes.queues.buffer import GAP, Buffer, Gap
from typedpipes.queues.intake import Counting, present, until_gap

T = TypeVar("T")


class Several(Counting, Generic[T]):
    """What a zip and a merge have in common.

    Args:
        buffers: what is read, in the order of the drawing.
    """

    __slots__ = ("buffers",)

    def __init__(self, buffers: Sequence[Buffer[T]]) -> None:
        super().__init__()
        self.buffers: Sequence[Buffer[T]] = buffers

    def release(self) -> None:
        for buffer in self.buffers:
            if buffer.writer_waits:  # most do not: the rest is for those that do
                buffer.release()


class Merged(Several[T]):
    """Several buffers, taken as they come: round robin by slice, each in its own order."""

    __slots__ = ("_gappy", "_order")

    dropped = 0
    short = False

    def __init__(self, buffers: Sequence[Buffer[T]], *, gappy: Collection[int] = ()) -> None:
        super().__init__(buffers)
        self._gappy = gappy
        self._order = deque(range(len(buffers)))

    def ready(self) -> int:
        order = self._order
        for _ in range(len(order)):
            buffer = self.buffers[order[0]]
            count = until_gap(buffer) if order[0] in self._gappy else len(buffer.items)
            if count:
                return count
            order.rotate(-1)
        return 0

    def waiting(self) -> int:
        return len(self.peek())

    def peek(self) -> list[T]:
        return [item for buffer in self.buffers for item in present(buffer)]

    def maxsize(self) -> int:
        return sum(buffer.maxsize for buffer in self.buffers)

    def hide_gaps(self) -> None:
        """A merge passes none on."""

    def take(self, count: int) -> Iterator[T]:
        buffer = self.buffers[self._order[0]]
        self._order.rotate(-1)  # the next one's turn
        return starmap(buffer.items.popleft, self.counted(count))

    def watch(self) -> None:
        for buffer in self.buffers:
            if not buffer.closed:
                buffer.await_items()

    def over(self) -> bool:
        return all(buffer.over() for buffer in self.buffers)


class Zipped(Several[Any]):  # Any: the buffers of a zip hold parts of its tuples
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

    __slots__ = ("_aligned", "_gappy", "_passing", "dropped")

    def __init__(
        self,
        buffers: Sequence[Buffer[Any]],  # Any: the parts of a tuple differ in type
        *,
        aligned: Collection[int] = (),
        gappy: Collection[int] = (),
        passing: bool = False,
    ) -> None:
        super().__init__(buffers)
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
            counts = [until_gap(buffer) for buffer in self._gappy]
            if not all(buffer.items for buffer in self.buffers):
                return 0
            if self._passing or not any(buffer.items[0] is GAP for buffer in self._aligned):
                break
            self.dropped += 1
            for buffer in self.buffers:
                buffer.items.popleft()
            self.release()  # only now: whoever is woken may look at all of them
        if not self._passing:
            counts += [until_gap(buffer) for buffer in self._aligned]
        return min(counts + [len(buffer.items) for buffer in self.buffers])

    def waiting(self) -> int:
        return len(self.peek())

    def peek(self) -> list[tuple[Any, ...]]:  # Any: the parts of a tuple differ in type
        columns = [
            present(buffer) if buffer in self._gappy else list(buffer.items)
            for buffer in self.buffers
        ]
        return [
            parts for parts in zip(*columns, strict=False) if not any(part is GAP for part in parts)
        ]

    def maxsize(self) -> int:
        return min([buffer.maxsize for buffer in self.buffers])

    def hide_gaps(self) -> None:
        self._passing = False

    def take(
        self, count: int
    ) -> Iterator[tuple[Any, ...]]:  # Any: the parts of a tuple differ in type
        first, *others = self.buffers
        tuples = zip(
            starmap(first.items.popleft, self.counted(count)),
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
        # All that are empty: each may be the one whose end, or whose item, ends the zip.
        for buffer in self.buffers:
            if not buffer.items and not buffer.closed:
                buffer.await_items()

    def over(self) -> bool:
        for buffer in self.buffers:
            if buffer.closed and not buffer.items:
                break
        else:
            return False
        return self.short or all(buffer.over() for buffer in self.buffers)
