"""What a writer puts into: no buffer, one, or several that all get every item (fan-out)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Generic

from typing_extensions import TypeVar

from typedpipes.queues.buffer import GAP, Buffer

T = TypeVar("T")


class Outflow(Generic[T]):
    """The writing side of any number of buffers.

    Several buffers get an item in one step, so there is room for it only where
    all of them have room.

    Attributes:
        buffers: what is written, less those whose reader gave up while others did not.
        deserted: whether all the readers gave up.
    """

    __slots__ = ("buffers", "deserted")

    def __init__(self, buffers: Iterable[Buffer[T]]) -> None:
        self.buffers: Sequence[Buffer[T]] = tuple(buffers)
        self.deserted = False

    def room(self) -> int:
        """How many items may be put now."""
        buffers = self.buffers
        if len(buffers) == 1:
            return buffers[0].maxsize - len(buffers[0].items)
        return min([buffer.room() for buffer in buffers]) if buffers else sys.maxsize

    def announce(self, giving: bool) -> None:
        """Wake the readers that have something to take, now or because an item is being put."""
        for buffer in self.buffers:
            if buffer.reader_waits and (giving or buffer.items):
                buffer.wake_reader()

    def extend(self, items: Iterable[T]) -> None:
        """Put several items; the caller has seen that there is room.

        If iterating raises, the items before that are put.
        """
        if not self.buffers:
            return
        first, *others = [buffer.fill() for buffer in self.buffers]
        before = len(first)
        try:
            first.extend(items)
        finally:
            for other in others:
                other.extend(islice(first, before, None))

    def watch(self) -> None:
        """Ask to be woken when there is more room."""
        if self.buffers:
            # One is enough: there is no more room before the fullest has some.
            min(self.buffers, key=lambda buffer: buffer.room()).await_room()

    def close(self) -> None:
        """Say that nothing more goes in."""
        for buffer in self.buffers:
            buffer.close()

    def let_go(self) -> None:
        """Drop the buffers whose reader gave up, or find that nobody is left."""
        if any(buffer.hung_up for buffer in self.buffers):
            left = tuple(buffer for buffer in self.buffers if not buffer.hung_up)
            self.buffers = left or self.buffers
            self.deserted = not left

    def peek(self) -> list[T]:
        """Look at what was put and not taken by all readers, oldest first."""
        # The readers are at different places of one sequence of items, so the
        # fullest buffer holds all that any of them holds.
        fullest = max(self.buffers, key=lambda buffer: len(buffer.items), default=None)
        return [] if fullest is None else [item for item in fullest.items if item is not GAP]
