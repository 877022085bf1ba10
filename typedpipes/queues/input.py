"""The input kind of queue: a reader takes items from it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from threading import get_ident
from typing import Any, Generic, Self

from typing_extensions import TypeVar

from typedpipes.errors import QueueClosed, QueueEmpty, TypedpipesError, WiringError, closed
from typedpipes.flow.inputs import Inputs
from typedpipes.flow.waiting import Waiters
from typedpipes.flow.zip import Zip
from typedpipes.queues.home import Home

T_co = TypeVar("T_co", covariant=True)

_QUEUE = "a queue"
_GET = "asyncio.run_coroutine_threadsafe(queue.get(), loop).result()"
_LONGEST_BURST = 64  # items that `async for` takes between two looks at the clock
_NOTHING: Iterator[Any] = iter(())  # Any: it has no items


class InputQueue(Generic[T_co]):
    """The reading end of one edge, or of several taken as tuples (zip) or as they come (merge).

    A cleanup coroutine gets one that is closed: `drain` it for what the processor
    had in hand when it was cancelled and for what it never took.

    After a run that was aborted or failed, what the queue holds can still be taken; the report of
    the run says what that was, as it counts it as unprocessed.

    Several tasks may read from one queue; each item goes to one of them. A reader that wants no
    more may `close` it, for all of them: `async with contextlib.aclosing(queue)` does at the end
    of its block.
    """

    def __init__(self, inputs: Inputs[T_co], *, held: Iterable[T_co] = ()) -> None:
        self._held = deque(held)
        self._readers = Waiters()
        self._last: asyncio.Task[Any] | None = None  # Any: whatever task the user reads in
        self._burst: Iterator[T_co] = _NOTHING
        self._longest_burst = _LONGEST_BURST
        self._home: Home | None = None
        self._errors: Sequence[TypedpipesError] = ()
        self._left = False
        self._inputs = inputs
        _read_from(self, inputs)

    async def get(self) -> T_co:
        """Take the oldest item, waiting for one as long as the queue is empty.

        Cancelled while it waits, it has taken nothing. Where there is an item, an edge made by hand
        hands it over at once, as `asyncio.Queue` does. A queue of a run may let other tasks run
        first, so that one that never has to wait does not keep the event loop to itself.

        Raises:
            QueueClosed: the queue is closed and empty, or its reader has closed it. If it ended
                because the run failed, the failure is its `__cause__`.
            RunStateError: it is another thread than that of the run.
        """
        home = self._home
        if home is not None and home.thread != get_ident():
            home.refuse_others(_QUEUE, _GET)
        self._last = asyncio.current_task()
        if home is not None:
            await home.pace.keep()
        while True:
            try:
                return self._take()
            except QueueEmpty:
                self._inputs.want_items()
                await self._readers.wait()

    def get_nowait(self) -> T_co:
        """Take the oldest item at once.

        Raises:
            QueueEmpty: there is none now.
            QueueClosed: the queue is closed and empty, or its reader has closed it.
            RunStateError: it is another thread than that of the run.
        """
        self._refuse_other_threads(_GET)
        return self._take()

    def _take(self) -> T_co:
        if self._held and not self._left:
            return self._held.popleft()
        if not self._readers.attention:
            for item in self._burst:
                return item
        return self._begin_burst()

    def drain(self) -> Sequence[T_co]:
        """Take everything that is there now, oldest first, without waiting.

        Also from a queue that its reader has closed.

        Raises:
            RunStateError: it is another thread than that of the run, which goes on.
        """
        self._refuse_other_threads(_GET)
        left = list(self._held)
        self._held.clear()
        self._burst = _NOTHING
        self._inputs.advance()
        while count := self._inputs.available():
            left += self._inputs.take(count)
            self._inputs.took()
            self._inputs.advance()
        return left

    def close(self) -> None:
        """Leave: read no more. Closing again changes nothing.

        What is inside stays there: for `drain`, and in the report as not delivered. Later `get`
        raises `QueueClosed`, and so does one that waits; `async for` ends. What writes to
        other readers as well goes on without this queue, and does not wait for it any more. What
        writes to no other reader ends, back to its sources; `put` of an edge made by hand raises
        `QueueClosed`.

        The next run of the plumber opens the queue again, unless it was closed before the first.

        Raises:
            RunStateError: it is another thread than that of the run.
        """
        self._refuse_other_threads("loop.call_soon_threadsafe(queue.close)")
        if self._left:
            return
        self._left = True
        self._burst = _NOTHING
        self._inputs.leave()
        self._readers.wake()

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
        if not self._readers.attention:
            for item in self._burst:
                return item
        if self._held and not self._left:
            return self._held.popleft()
        return await self._next_burst()

    async def _next_burst(self) -> T_co:
        home = self._home
        if home is not None and home.thread != get_ident():
            home.refuse_others(_QUEUE, _GET)
        self._last = asyncio.current_task()
        if home is not None:
            await home.pace.keep()
        while True:
            try:
                return self._begin_burst()
            except QueueEmpty:
                self._inputs.want_items()
                await self._readers.wait()
            except QueueClosed as error:
                if error.__cause__ is None:
                    raise StopAsyncIteration from None
                raise

    def _begin_burst(self) -> T_co:
        """Take an item, and see how many more can be taken before a look at the other end."""
        if self._left:
            raise QueueClosed("the queue was closed by its reader; `drain` takes what is left")
        inputs = self._inputs
        self._readers.attention = False
        self._burst = _NOTHING  # what was seen before may be gone
        inputs.took()
        inputs.advance()
        count = min(inputs.available(), self._longest_burst)
        if count:
            count = min(count, inputs.before_low())
            items = inputs.take(count)
            item = next(items)
            if count > 1:
                self._burst = items
            return item
        if self._over():
            raise closed("the queue is closed and everything in it was taken", self._errors)
        raise QueueEmpty("the queue is empty; wait for an item with `get`")

    def _refuse_other_threads(self, way_out: str) -> None:
        """Refuse what is asked for in another thread than that of the run."""
        if self._home is not None and self._home.thread != get_ident():
            self._home.refuse_others(_QUEUE, way_out)

    def _over(self) -> bool:
        """Whether nothing more comes out, also because the node that read here has left."""
        left = any(edge.left for edge in self._inputs.edges)
        return self._inputs.over() or (left and not self._inputs.waiting())

    def qsize(self) -> int:
        """How many items can be taken now."""
        return len(self._held) + self._inputs.waiting()

    @property
    def maxsize(self) -> int:
        """How many items it can hold."""
        return self._inputs.maxsize

    def empty(self) -> bool:
        """Whether there is nothing to take now."""
        return not self.qsize()

    def full(self) -> bool:
        """Whether it holds `maxsize` items."""
        return self._inputs.waiting() >= self._inputs.maxsize

    @property
    def closed(self) -> bool:
        """Whether nothing more goes in; there may still be items to take."""
        closed = all(edge.closed for edge in self._inputs.edges)
        return self._left or closed or self._over()


def attach(
    queue: InputQueue[T_co],
    inputs: Inputs[T_co],
    home: Home,
    errors: Sequence[TypedpipesError],
) -> None:
    """Have the queue read in a run; readers that wait go on there.

    It is open again, unless its reader has left before it belonged to any run.

    Args:
        queue: the queue.
        inputs: what it reads from.
        home: where the run lives.
        errors: why the run has failed so far.
    """
    queue._left = queue._left and queue._home is None
    queue._home = home
    queue._errors = errors
    _read_from(queue, inputs)
    look_again(queue)


def _read_from(queue: InputQueue[T_co], inputs: Inputs[T_co]) -> None:
    queue._inputs = inputs
    queue._longest_burst = 1 if inputs.keeps_last else _LONGEST_BURST
    for edge in inputs.edges:
        edge.reader = queue._readers


def look_again(queue: InputQueue[Any]) -> None:  # Any: whatever is read
    """Have readers look again at what there is."""
    queue._burst = _NOTHING
    queue._readers.attention = True
    queue._readers.wake()


def has_left(queue: InputQueue[Any]) -> bool:  # Any: whatever is read
    """Whether the reader of the queue has closed it."""
    return queue._left


def last_reader(
    queue: InputQueue[Any],
) -> asyncio.Task[Any] | None:  # Any: whatever is read, in whatever task
    """Return the task that read from the queue last, if it can still read."""
    return None if queue._last is None or queue._last.done() else queue._last


def zipped(queues: Sequence[InputQueue[Any]]) -> InputQueue[Any]:  # Any: the callers know the tuple
    """Read several queues, which must not be read by themselves any more, as one of tuples.

    Raises:
        WiringError: one of them reads several edges itself.
    """
    if any(len(queue._inputs.edges) != 1 for queue in queues):
        raise WiringError(
            "zip_inputs takes queues of one edge each. Pass it all the edges at once."
        )
    return InputQueue(Zip([edge for queue in queues for edge in queue._inputs.edges]))
