"""The input kind of queue: a reader takes items from it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from threading import get_ident
from typing import Any, Generic, Self

from typing_extensions import TypeVar

from typedpipes.errors import QueueClosed, QueueEmpty, WiringError, closed
from typedpipes.queues.bell import Bell
from typedpipes.queues.combined import Zipped
from typedpipes.queues.host import BY_HAND, Host
from typedpipes.queues.intake import Intake

T_co = TypeVar("T_co", covariant=True)

_GET = "asyncio.run_coroutine_threadsafe(queue.get(), loop).result()"
_LONGEST_BURST = 64  # items given by `async for` between two looks at the clock
_NOTHING: Iterator[Any] = iter(())  # Any: it has no items


class InputQueue(Generic[T_co]):
    """The reading end of one edge, or of several taken as tuples (zip) or as they come (merge).

    A cleanup coroutine gets one that is closed: `drain` it for what the processor
    had in hand when it was cancelled and for what it never took.

    Several tasks may read from one queue; each item goes to one of them. A reader that wants no
    more may `close` it, for all of them: `async with contextlib.aclosing(queue)` does at the end
    of its block.
    """

    def __init__(self, intake: Intake[T_co], *, held: Iterable[T_co] = ()) -> None:
        self._held = deque(held)
        self._bell = Bell()
        self._reader: asyncio.Task[Any] | None = None  # Any: whatever task the user reads in
        self._items: Iterator[T_co] = _NOTHING
        self._longest_burst = _LONGEST_BURST
        self._host = BY_HAND
        self._left = False
        self._intake = intake
        attach(self, intake)

    async def get(self) -> T_co:
        """Take the oldest item, waiting for one as long as the queue is empty.

        Cancelled while it waits, it has taken nothing. Where there is an item, an edge made by hand
        gives it at once, as `asyncio.Queue` does. A queue of a run may let other tasks run
        first, so that one that never has to wait does not keep the event loop to itself.

        Raises:
            QueueClosed: the queue is closed and empty, or its reader has closed it. If it ended
                because the run failed, the failure is its `__cause__`.
            RunStateError: it is another thread than that of the run.
        """
        if self._host.thread and self._host.thread != get_ident():
            self._refuse(_GET)
        self._reader = asyncio.current_task()
        if self._host.pace is not None:
            await self._host.pace.keep()
        while True:
            try:
                return self._take()
            except QueueEmpty:
                self._intake.watch()
                await self._bell.rung()

    def get_nowait(self) -> T_co:
        """Take the oldest item at once.

        Raises:
            QueueEmpty: there is none now.
            QueueClosed: the queue is closed and empty, or its reader has closed it.
            RunStateError: it is another thread than that of the run.
        """
        if self._host.thread and self._host.thread != get_ident():
            self._refuse(_GET)
        return self._take()

    def _take(self) -> T_co:
        if self._held and not self._left:
            return self._held.popleft()
        if not self._bell.attention:
            for item in self._items:
                return item
        return self._begin_burst()

    def drain(self) -> Sequence[T_co]:
        """Take everything that is there now, oldest first, without waiting.

        Also from a queue that its reader has closed.

        Raises:
            RunStateError: it is another thread than that of the run, which goes on.
        """
        if self._host.thread and self._host.thread != get_ident():
            self._refuse(_GET)
        left = list(self._held)
        self._held.clear()
        self._items = _NOTHING
        while count := self._intake.ready():
            left += self._intake.take(count)
            self._intake.release()
        return left

    def close(self) -> None:
        """Leave: read no more. Closing again changes nothing.

        What is inside stays there: for `drain`, and in the report as not delivered. Later `get`
        raises `QueueClosed`, and so does one that waits; `async for` ends. Those who write for
        others as well go on without this queue, and do not wait for it any more. What writes
        for nobody else ends, back to its sources; `put` of an edge made by hand raises
        `QueueClosed`.

        The next run of the plumber opens the queue again, unless it was closed before the first.

        Raises:
            RunStateError: it is another thread than that of the run.
        """
        if self._host.thread and self._host.thread != get_ident():
            self._refuse("loop.call_soon_threadsafe(queue.close)")
        if self._left:
            return
        self._left = True
        self._items = _NOTHING
        for buffer in self._intake.buffers:
            buffer.hang_up()
        self._bell.wake()

    async def aclose(self) -> None:
        """Do as `close`, for `contextlib.aclosing`. It never waits."""
        self.close()

    def __aiter__(self) -> Self:
        """Take items one by one until the queue is closed and empty, or closed by its reader.

        Raises:
            QueueClosed: it is, because the run failed; the failure is its `__cause__`.
        """
        return self

    async def __anext__(self) -> T_co:
        if not self._bell.attention:
            for item in self._items:
                return item
        if self._held and not self._left:
            return self._held.popleft()
        return await self._next_burst()

    async def _next_burst(self) -> T_co:
        if self._host.thread and self._host.thread != get_ident():
            self._refuse(_GET)
        self._reader = asyncio.current_task()
        if self._host.pace is not None:
            await self._host.pace.keep()
        while True:
            try:
                return self._begin_burst()
            except QueueEmpty:
                self._intake.watch()
                await self._bell.rung()
            except QueueClosed as error:
                if error.__cause__ is None:
                    raise StopAsyncIteration from None
                raise

    def _begin_burst(self) -> T_co:
        """Take an item, and see how many more can be taken before a look at the other end."""
        if self._left:
            raise QueueClosed("the queue was closed by its reader; `drain` takes what is left")
        intake = self._intake
        self._bell.attention = False
        self._items = _NOTHING  # what was seen before may be gone
        intake.release()
        count = min(intake.ready(), self._longest_burst)
        if count:
            for buffer in intake.buffers:
                if buffer.writer_waits:  # look again in time to wake it
                    count = min(count, max(len(buffer.items) - 1 - buffer.low, 1))
            items = intake.take(count)
            item = next(items)
            if count > 1:
                self._items = items
            return item
        if self._over():
            raise closed("the queue is closed and everything in it was taken", self._host.failures)
        raise QueueEmpty("the queue is empty; wait for an item with `get`")

    def _refuse(self, way_out: str) -> None:
        """Refuse what is asked for in another thread than that of the run."""
        self._host.refuse_others("a queue", way_out)

    def _over(self) -> bool:
        """Whether nothing more comes out, or whoever keeps the other end has given that up."""
        given_up = any(buffer.hung_up for buffer in self._intake.buffers)
        return self._intake.over() or (given_up and not self._intake.ready())

    def qsize(self) -> int:
        """How many items can be taken now."""
        return len(self._held) + self._intake.waiting()

    @property
    def maxsize(self) -> int:
        """How many items it can hold."""
        return self._intake.maxsize()

    def empty(self) -> bool:
        """Whether there is nothing to take now."""
        return not self.qsize()

    def full(self) -> bool:
        """Whether it holds `maxsize` items."""
        return self._intake.waiting() >= self._intake.maxsize()

    @property
    def closed(self) -> bool:
        """Whether nothing more goes in; there may still be items to take."""
        closed = all(buffer.closed for buffer in self._intake.buffers)
        return self._left or closed or self._over()


def attach(queue: InputQueue[T_co], intake: Intake[T_co], host: Host = BY_HAND) -> None:
    """Have the queue read from another intake, of that run; readers that wait go on there.

    It is open again, unless its reader has left before it belonged to any run.
    """
    queue._left = queue._left and queue._host is BY_HAND
    queue._intake = intake
    queue._longest_burst = _longest_burst(intake)
    queue._host = host
    for buffer in intake.buffers:
        buffer.reader = queue._bell
    look_again(queue)


def _longest_burst(intake: object) -> int:
    # One by one from a zip: its iterator keeps the tuple that it gave last.
    return 1 if isinstance(intake, Zipped) else _LONGEST_BURST


def look_again(queue: InputQueue[Any]) -> None:  # Any: whatever is read
    """Have readers see anew what there is."""
    queue._items = _NOTHING
    queue._bell.attention = True
    queue._bell.wake()


def has_left(queue: InputQueue[Any]) -> bool:  # Any: whatever is read
    """Whether the reader of the queue has closed it."""
    return queue._left


def last_reader(
    queue: InputQueue[Any],
) -> asyncio.Task[Any] | None:  # Any: whatever is read, in whatever task
    """Give the task that read from the queue last, if it can still read."""
    return None if queue._reader is None or queue._reader.done() else queue._reader


def zipped(queues: Sequence[InputQueue[Any]]) -> InputQueue[Any]:  # Any: the callers know the tuple
    """Read several queues, which must not be read by themselves any more, as one of tuples.

    Raises:
        WiringError: one of them reads several edges itself.
    """
    if any(len(queue._intake.buffers) != 1 for queue in queues):
        raise WiringError(
            "zip_inputs takes queues of one edge each. Give it all the edges at once."
        )
    return InputQueue(Zipped([buffer for queue in queues for buffer in queue._intake.buffers]))
