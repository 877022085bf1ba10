"""Exchanges: requests into a graph, and the replies to each out of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from typing import Any, ClassVar, Final, Generic

from typing_extensions import TypeVar

from typedpipes.arguments import positive
from typedpipes.errors import NoReply, QueueClosed, RunStateError, TypedpipesError, closed
from typedpipes.flow.request import Request, Tagged
from typedpipes.queues.home import Home
from typedpipes.source import Feed

In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)

_ASK = "asyncio.run_coroutine_threadsafe(exchange.ask(item), loop).result()"


class Requests(Feed[Any]):  # Any: its exchange knows the type of the items
    """The source of an exchange: where its requests enter the graph.

    Args:
        maxsize: the most requests that are in progress.
        buffer: how many replies to a request may wait for its asker before generators do.
        name: of the exchange.

    Attributes:
        buffer: as above.
    """

    _instead: ClassVar[Mapping[str, str]] = {
        **Feed._instead,
        "buffer": "Pass it when you make the exchange.",
    }

    def __init__(self, maxsize: int, buffer: int, name: str) -> None:
        super().__init__(maxsize=maxsize, name=name)
        self.buffer: Final[int] = positive(f"buffer of {self.name!r}", buffer)
        self._home: Home | None = None
        self._errors: Sequence[TypedpipesError] = ()
        self._beyond: Mapping[str, AbstractSet[str]] = {}

    def _usual_name(self, _: object, /) -> str:
        return "exchange"

    def _open(self) -> None:
        super()._open()
        self._places = asyncio.Semaphore(self._edge.maxsize)
        self._waiting = 0  # for a place
        self._in_progress: dict[Request, None] = {}

    def close(self) -> None:
        """Take no more requests; also those that wait for a place are refused."""
        super().close()
        for _ in range(self._waiting):
            self._places.release()  # to learn that there is none any more

    async def begin(self, item: object) -> Request:
        """Put a request, waiting for a place.

        Raises:
            QueueClosed: no more requests are taken.
            RunStateError: there was no run yet, or it is another thread than that of the run.
        """
        if self._home is None:
            raise RunStateError(
                f"{self.name!r} takes requests while its plumber runs, and that has not begun. "
                "Ask in the block of `async with plumber.running()`."
            )
        self._home.refuse_others("an exchange", f"`{_ASK}`")
        queue, places = self._queue, self._places
        if not queue.closed:
            self._waiting += 1
            try:
                await places.acquire()
            finally:
                self._waiting -= 1
        if queue.closed:
            raise self._ended(f"{self.name!r} takes no more requests: its run ends, or is over")
        request = Request(self.buffer, self._beyond, self._gone)
        self._in_progress[request] = None
        self.put_nowait(Tagged(item, request))
        return request

    def _gone(self, request: Request) -> None:
        if request in self._in_progress:  # else it is of an earlier run
            del self._in_progress[request]
            self._places.release()

    def _ended(self, why: str) -> QueueClosed:
        return closed(why, self._errors)

    @property
    def places(self) -> int:
        """How many requests may be in progress."""
        return self._edge.maxsize

    @property
    def full(self) -> bool:
        """Whether a request would wait for a place."""
        return self._places.locked()

    @property
    def closed(self) -> bool:
        """Whether no more requests are taken."""
        return self._queue.closed


def begin_to_answer(
    requests: Requests,
    home: Home,
    errors: Sequence[TypedpipesError],
    beyond: Mapping[str, AbstractSet[str]],
) -> None:
    """Let a run answer the requests.

    Args:
        requests: those of an exchange.
        home: where the run lives.
        errors: why the run failed, up to now.
        beyond: as for a `Request`.
    """
    requests._home = home
    requests._errors = errors
    requests._beyond = beyond


def end_to_answer(requests: Requests) -> None:
    """End all requests that are in progress: no more replies come."""
    in_progress, requests._in_progress = requests._in_progress, {}
    for request in in_progress:
        request.end(requests._ended(f"the run of {requests.name!r} ended before it replied"))


def give_up(
    requests: Requests,
    task: asyncio.Task[Any] | None,  # Any: the task of the user
) -> None:
    """Withdraw the requests that this task was the last to read from: it reads no more."""
    for request in [*requests._in_progress]:
        asker = request.asker
        if asker is None or asker is task or asker.done():
            request.give_up(requests._ended(f"the block beside the run of {requests.name!r} ended"))


class Replies:
    """Hands what comes out of an exchange to the askers.

    Attributes:
        name: what it is called in reports and drawings.
        requests: where it comes from.
        buffer: the bound of the edges that lead here: the usual one.
    """

    def __init__(self, requests: Requests) -> None:
        self.name: str = f"replies of {requests.name}"
        self.requests: Requests = requests
        self.buffer: int | None = None


class Exchange(Generic[In_contra, Out_co]):
    """Requests into a graph, and the replies to each out of it. Made by `Plumber.exchange`.

    All askers share the graph between its requests and its replies, with its workers and its
    limits, and each gets what its own item becomes. What fails there fails for the one that
    asked, and nobody else: the error of a coroutine is raised where it was asked, as it is. It
    does not end the run.

    Nobody has to wait for a reply. One who stops, because it is cancelled, out of time, or
    breaks out of its loop, *withdraws* the request: calls in hand for it are cancelled, what waits
    for it is dropped when its turn comes, and both are counted as dropped.

    What branches off between the requests and the replies, and does not lead to the replies, such
    as a log, belongs to no request. It goes on in any case, and what fails there ends the run.

    At most `maxsize` requests are in progress: from when they are put until nothing of
    them is left in the graph and their asker has left. A drain answers them and takes no more; in
    an abort each raises.
    """

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    @property
    def name(self) -> str:
        """Its name in messages and reports."""
        return self._requests.name

    @property
    def maxsize(self) -> int:
        """The most requests that are in progress."""
        return self._requests.places

    async def ask(self, item: In_contra) -> Out_co:
        """Send a request, and return the first reply to it.

        It waits while `maxsize` requests are in progress, and while what it needs is paused. If
        there would be more replies, they are withdrawn as if the asker had left: `stream` has all.

        Raises:
            NoReply: all that the item became was dropped, as by `keep`.
            QueueClosed: the run ends and takes no more requests, or ended before the reply. If it
                failed, the failure is its `__cause__`.
            RunStateError: the run has not begun, or it is another thread than that of the run.
            Exception: what a coroutine raised on the way.
        """
        async with aclosing(self.stream(item)) as replies:
            async for reply in replies:
                return reply
        raise NoReply(self.name, item)

    async def stream(self, item: In_contra) -> AsyncGenerator[Out_co]:
        """Send a request when the first reply is asked for, and yield all replies to it.

        Replies come in the order in which the graph gives them. A generator in the graph waits for
        the asker, and keeps its worker, while `buffer` of them wait to be taken or are on their
        way. Other processors never wait for it.

        To close the iterator withdraws the request: `contextlib.aclosing` does that at once, also
        after a `break`. A generator that waits for a stream that is neither read nor closed keeps
        the run from ending; at the end of the block of `running`, those are given up that no other
        task was the last to read.

        Raises:
            QueueClosed: as for `ask`. Replies that were there come before.
            RunStateError: as for `ask`.
            Exception: as for `ask`, after the replies that came before.
        """
        request = await self._requests.begin(item)
        try:
            while True:
                try:
                    reply: Out_co = await request.next()
                except StopAsyncIteration:
                    return
                yield reply
        finally:
            request.leave()

    def close(self) -> None:
        """Take no more requests. Those in progress are answered, and the run may end.

        Closing again changes nothing. The next run of the plumber opens it again.

        Raises:
            RunStateError: it is another thread than that of the run.
        """
        self._requests.close()

    def full(self) -> bool:
        """Whether `maxsize` requests are in progress, so that one more would wait.

        A server may turn it away instead: between this and the first step of `ask` or `stream`
        nothing comes, unless something is awaited.
        """
        return self._requests.full

    @property
    def closed(self) -> bool:
        """Whether it takes no more requests, because it was closed, or the run ends or is over."""
        return self._requests.closed

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"
