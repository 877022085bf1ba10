"""What a writer puts into: no buffer, one, or several that all get every item (fan-out)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Generic

from typing_extensions import TypeVar

from typedpipes.queues.buffer import GAP, NOT_MADE, Buffer

T = TypeVar("T")


class Outflow(Generic[T]):
    """The writing side of any number of buffers.

    Several buffers get an item in one step, so there is room for it only where
    all of them have room.

    Attributes:
        buffers: what is written, less those whose reader gave up while others did not.
        deserted: whether all the readers gave up.
        put: how many items were put by `append` and `extend`, gaps included; by `appends` only
            after a reader gave up.
    """

    __slots__ = ("_left", "buffers", "deserted", "put")

    def __init__(self, buffers: Iterable[Buffer[T]]) -> None:
        self.buffers: Sequence[Buffer[T]] = tuple(buffers)
        self.deserted: bool = False
        self.put: int = 0
        self._left: Sequence[tuple[Buffer[T], int]] = ()  # given up, when so many had been put

    def room(self) -> int:
        """How many items may be put now."""
        buffers = self.buffers
        if len(buffers) == 1:
            return buffers[0].maxsize - len(buffers[0].items)
        if not buffers:
            return sys.maxsize
        return min([buffer.maxsize - len(buffer.items) for buffer in buffers])

    def announce(self, giving: bool) -> None:
        """Wake the readers that have something to take, now or because an item is being put."""
        for buffer in self.buffers:
            if buffer.reader_waits and (giving or buffer.items):
                buffer.wake_reader()

    def append(self, item: T) -> None:
        """Put an item; the caller has seen that there is room."""
        for buffer in self.buffers:
            items = buffer.items
            if items is NOT_MADE:
                items = buffer.fill()
            items.append(item)
        self.put += 1

    def appends(self) -> list[Callable[[T], None]]:
        """Give what to call with each item instead of `append`, to spare a call.

        To be asked for anew when a reader has given up. Does not count what is put before that.
        """
        counts = [self._count] if self._left else []
        return [buffer.fill().append for buffer in self.buffers] + counts

    def _count(self, _: T) -> None:
        self.put += 1

    def extend(self, items: Iterable[T]) -> None:
        """Put several items; the caller has seen that there is room.

        If iterating raises, the items before that are put. Iterating may also end the run: what
        is made goes into the buffers that there were before.
        """
        if not self.buffers:
            return
        first, *others = [buffer.fill() for buffer in self.buffers]
        before = len(first)
        try:
            first.extend(items)
        finally:
            self.put += len(first) - before
            for other in others:
                other.extend(islice(first, before, None))

    def watch(self) -> None:
        """Ask to be woken when there is more room."""
        room = self.room()
        for buffer in self.buffers:
            if buffer.maxsize - len(buffer.items) <= room:
                buffer.await_room()
                return  # one is enough: there is no more room before the fullest has some

    def close(self) -> None:
        """Say that nothing more goes in."""
        for buffer in self.buffers:
            buffer.close()

    def let_go(self) -> None:
        """Drop the buffers whose reader gave up, or find that nobody is left."""
        given_up = [buffer for buffer in self.buffers if buffer.hung_up]
        if len(given_up) == len(self.buffers):
            self.deserted = bool(given_up)
        elif given_up:
            self.buffers = tuple(buffer for buffer in self.buffers if not buffer.hung_up)
            self._left = (*self._left, *((buffer, self.put) for buffer in given_up))

    def peek(self) -> list[T]:
        """Look at what was put and not taken by all readers, oldest first."""
        # The readers are at different places of one sequence of items.
        waiting: dict[int, T] = {}
        for buffer, end in [*self._left, *((buffer, self.put) for buffer in self.buffers)]:
            waiting |= zip(range(end - len(buffer.items), end), buffer.items, strict=True)
        return [waiting[place] for place in sorted(waiting) if waiting[place] is not GAP]

    def drain(self) -> list[T]:
        """Take all of that back."""
        items = self.peek()
        for buffer in [*(buffer for buffer, _ in self._left), *self.buffers]:
            if buffer.items:
                buffer.items.clear()
                buffer.reader.attention = True  # what it has seen there is gone
                buffer.wake_writer()
        return items
