"""The output kind of queue: a processor, a rig or a test puts items into it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from threading import get_ident
from typing import Any, Generic

from typing_extensions import TypeVar

from typedpipes.errors import QueueClosed, QueueFull, TypedpipesError, closed
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.waiting import Waiters
from typedpipes.queues.home import Home

T = TypeVar("T")

_PUT = "asyncio.run_coroutine_threadsafe({}.put(item), loop).result()"


class OutputQueue(Generic[T]):
    """The writing end of one edge, or of several that all get every item.

    A cleanup coroutine gets one that is closed: `drain` it for what was finished
    and never taken by the next processor.
    """

    def __init__(
        self, outputs: Outputs[T], *, held: Iterable[T] = (), called: str = "queue"
    ) -> None:
        self._called = called
        self._outputs = outputs
        self._held = deque(held)
        self._writers = _Writers(outputs)
        self._home: Home | None = None
        self._errors: Sequence[TypedpipesError] = ()
        for edge in outputs.edges:
            edge.writer = self._writers

    async def put(self, item: T) -> None:
        """Put an item, waiting for room as long as the queue is full.

        Cancelled while it waits, it has put nothing. Where there is room, an edge made by hand
        takes the item at once, as `asyncio.Queue` does. A queue of a run may let other tasks run
        first, so that one that never has to wait does not keep the event loop to itself.

        Raises:
            QueueClosed: the queue is closed, or has no reader any more. If that is because
                a run failed, the failure is its `__cause__`.
            RunStateError: it is another thread than that of the run.
        """
        if self._home is not None:
            self._refuse_other_threads(_PUT)
            await self._home.pace.keep()
        while True:
            try:
                return self._put(item)
            except QueueFull:
                await self._wait_for_room()

    async def _wait_for_room(self) -> None:
        """Wait until there may be room."""
        self._outputs.want_room()
        await self._writers.wait()

    def put_nowait(self, item: T) -> None:
        """Put an item at once.

        Raises:
            QueueFull: it holds `maxsize` items.
            QueueClosed: the queue is closed, or has no reader any more.
            RunStateError: it is another thread than that of the run.
        """
        self._refuse_other_threads(_PUT)
        self._put(item)

    def _put(self, item: T) -> None:
        if self._is_shut():
            raise self._error_of_closed()
        if self.full():
            raise QueueFull(f"the queue holds {self.maxsize} items; wait for room with `put`")
        self._outputs.append(item)
        self._outputs.gave()

    def close(self) -> None:
        """Say that nothing more is put.

        What is inside can still be taken. Closing again changes nothing.

        Raises:
            RunStateError: it is another thread than that of the run.
        """
        self._refuse_other_threads("loop.call_soon_threadsafe({}.close)")
        self._outputs.close()
        self._writers.wake()

    def drain(self) -> list[T]:
        """Take back everything that has not been taken yet, oldest first, without waiting."""
        left = [*self._outputs.drain(), *self._held]
        self._held.clear()
        return left

    def qsize(self) -> int:
        """How many items have not been taken yet."""
        return len(self._outputs.peek()) + len(self._held)

    @property
    def maxsize(self) -> int:
        """How many items it can hold: the least of its edges."""
        return min((edge.maxsize for edge in self._outputs.edges), default=0)

    def empty(self) -> bool:
        """Whether everything was taken."""
        return not self.qsize()

    def full(self) -> bool:
        """Whether `put` would wait."""
        return self._outputs.room() <= 0

    @property
    def closed(self) -> bool:
        """Whether nothing more can be put."""
        return self._is_shut()

    def _refuse_other_threads(self, way_out: str) -> None:
        """Refuse what is asked for in another thread than that of the run."""
        if self._home is not None and self._home.thread != get_ident():
            self._home.refuse_others(f"a {self._called}", way_out.format(self._called))

    def _error_of_closed(self) -> QueueClosed:
        why = "nothing can be put into a closed queue"
        if self._outputs.left and not self._was_closed():
            why = "the queue has no reader any more"
        return closed(why, self._errors)

    def _is_shut(self) -> bool:
        return self._outputs.left or self._was_closed()

    def _was_closed(self) -> bool:
        return any(edge.closed for edge in self._outputs.edges)


class _Writers(Waiters):
    """The tasks that wait to put into the queue."""

    __slots__ = ("_outputs",)

    def __init__(self, outputs: Outputs[Any]) -> None:  # Any: whatever is put
        super().__init__()
        self._outputs = outputs

    def reader_left(self) -> None:
        self._outputs.reader_left()
        self.wake()


def lend(queue: OutputQueue[T], home: Home, errors: Sequence[TypedpipesError]) -> None:
    """Make a queue part of a run.

    Args:
        queue: the queue.
        home: where the run lives.
        errors: why the run has failed so far, which is what closes the queue.
    """
    queue._home = home
    queue._errors = errors


def waiting_to_put(
    queue: OutputQueue[Any],  # Any: whatever is put
) -> Collection[asyncio.Task[Any] | None]:  # Any: in whatever task
    """Return the tasks that wait for room in a queue."""
    return queue._writers.tasks()
