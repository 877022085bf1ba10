"""The output kind of queue: a processor, a rig or a test puts items into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import get_ident
from typing import Generic

from typing_extensions import TypeVar

from typedpipes.errors import QueueClosed, QueueFull, closed
from typedpipes.queues.bell import Bell
from typedpipes.queues.host import BY_HAND, Host
from typedpipes.queues.outflow import Outflow

T = TypeVar("T")

_PUT = "asyncio.run_coroutine_threadsafe({}.put(item), loop).result()"


class OutputQueue(Generic[T]):
    """The writing end of one edge, or of several that all get every item.

    A cleanup coroutine gets one that is closed: `drain` it for what was finished
    and never taken by the next processor.
    """

    def __init__(
        self, outflow: Outflow[T], *, held: Iterable[T] = (), called: str = "queue"
    ) -> None:
        self._called = called
        self._outflow = outflow
        self._held = deque(held)
        self._bell = Bell()
        self._host = BY_HAND
        for buffer in outflow.buffers:
            buffer.writer = self._bell

    async def put(self, item: T) -> None:
        """Put an item, waiting for room as long as the queue is full.

        Cancelled while it waits, it has put nothing. Where there is room, an edge made by hand
        takes the item at once, as `asyncio.Queue` does. A queue of a run may let other tasks run
        first, so that one that never has to wait does not keep the event loop to itself.

        Raises:
            QueueClosed: the queue is closed, or nobody reads from it any more. If that is because
                a run failed, the failure is its `__cause__`.
            RunStateError: it is another thread than that of the run.
        """
        if self._host.thread and self._host.thread != get_ident():
            self._refuse(_PUT)
        if self._host.pace is not None:
            await self._host.pace.keep()
        while True:
            try:
                return self._put(item)
            except QueueFull:
                self._outflow.watch()
                await self._bell.rung()

    def put_nowait(self, item: T) -> None:
        """Put an item at once.

        Raises:
            QueueFull: it holds `maxsize` items.
            QueueClosed: the queue is closed, or nobody reads from it any more.
            RunStateError: it is another thread than that of the run.
        """
        if self._host.thread and self._host.thread != get_ident():
            self._refuse(_PUT)
        self._put(item)

    def _put(self, item: T) -> None:
        if self._is_shut():
            raise self._is_closed()
        if self.full():
            raise QueueFull(f"the queue holds {self.maxsize} items; wait for room with `put`")
        self._outflow.append(item)
        self._outflow.announce(giving=False)

    def close(self) -> None:
        """Say that nothing more is put.

        What is inside can still be taken. Closing again changes nothing.

        Raises:
            RunStateError: it is another thread than that of the run.
        """
        if self._host.thread and self._host.thread != get_ident():
            self._refuse("loop.call_soon_threadsafe({}.close)")
        self._outflow.close()
        self._bell.wake()

    def drain(self) -> list[T]:
        """Take back everything that nobody has taken yet, oldest first, without waiting."""
        left = [*self._outflow.drain(), *self._held]
        self._held.clear()
        return left

    def qsize(self) -> int:
        """How many items nobody has taken yet."""
        return len(self._outflow.peek()) + len(self._held)

    @property
    def maxsize(self) -> int:
        """How many items it can hold: the least of its edges."""
        return min((buffer.maxsize for buffer in self._outflow.buffers), default=0)

    def empty(self) -> bool:
        """Whether everything was taken."""
        return not self.qsize()

    def full(self) -> bool:
        """Whether `put` would wait."""
        return self._outflow.room() <= 0

    @property
    def closed(self) -> bool:
        """Whether nothing more can be put."""
        return self._is_shut()

    def _refuse(self, way_out: str) -> None:
        """Refuse what is asked for in another thread than that of the run."""
        self._host.refuse_others(f"a {self._called}", way_out.format(self._called))

    def _is_closed(self) -> QueueClosed:
        why = "nothing can be put into a closed queue"
        if self._outflow.deserted and not self._was_closed():
            why = "nobody reads from the queue any more"
        return closed(why, self._host.failures)

    def _is_shut(self) -> bool:
        self._outflow.let_go()
        return self._outflow.deserted or self._was_closed()

    def _was_closed(self) -> bool:
        return any(buffer.closed for buffer in self._outflow.buffers)


def belong(queue: OutputQueue[T], host: Host) -> None:
    """Make it a queue of that run."""
    queue._host = host
