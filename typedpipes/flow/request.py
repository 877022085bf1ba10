"""A request on its way through a graph: what is under way for it, and the replies to it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Any

from typedpipes.flow.trail import Traced
from typedpipes.flow.waiting import Waiters


class Withdrawn(Exception):
    """What a node has of a request is not wanted any more."""


class Request:
    """What is under way for one request, and the replies that its asker has not taken.

    Each item that was made of the request refers to it, as `Tagged`. What makes an item more, or
    one less, says so. When none is under way any more, there are no more replies.

    When its asker leaves, nothing more is wanted of it: calls in hand are cancelled, and what waits
    is dropped when its turn comes. When an item fails, only what is beyond goes on: it was made
    before, and the error comes after it.

    Args:
        room: how many replies may wait, or be on their way behind a generator, before that waits.
        beyond: the names of the nodes beyond each where something of one request may still be
            when another item of it fails.
        gone: called once nothing is under way, and the asker has left.

    Attributes:
        asker: the task that asked for a reply last.
    """

    __slots__ = (
        "_behind",
        "_beyond",
        "_calls",
        "_error",
        "_gone",
        "_left",
        "_replies",
        "_room",
        "_under_way",
        "_waiters",
        "_wanted",
        "asker",
    )

    def __init__(
        self,
        room: int,
        beyond: Mapping[str, AbstractSet[str]],
        gone: Callable[[Request], None],
    ) -> None:
        self.asker: asyncio.Task[Any] | None = None  # Any: the task of the user
        self._under_way = 1
        self._beyond = beyond
        self._wanted: AbstractSet[str] | None = None  # the names of nodes; None: all
        self._left = False
        self._replies: deque[Any] = deque()  # Any: the exchange knows their type
        self._error: BaseException | None = None
        self._room = room
        self._behind: dict[tuple[str, Behind | None], Behind] = {}
        self._gone = gone
        self._calls: dict[asyncio.Timeout, str] = {}  # with the names of their nodes
        self._waiters = Waiters()  # the asker, and generators that wait for it

    # The graph

    def add(self, count: int) -> None:
        """Note that so many more items are under way."""
        self._under_way += count
        if self._under_way == 0:
            self._waiters.wake()
            if self._left:
                self._gone(self)

    def reply(self, item: object) -> None:
        """Keep a reply for the asker."""
        self._replies.append(item)
        self._waiters.wake()

    def is_wanted(self, node: str) -> bool:
        """Whether a node, given by its name, is to go on with what it has of the request."""
        return self._wanted is None or node in self._wanted

    def fail(self, node: str, error: Exception) -> None:
        """Have the asker get the error of a node, after what was made before; the first counts."""
        if self._wanted is None:
            self._error = error
            self._want_only(self._beyond.get(node, frozenset()))

    def end(self, error: Exception) -> None:
        """Have the asker get an error if there would be more: the run is over, calls included."""
        if self._under_way and not self._left:
            self._error = error if self._error is None else self._error
            self._wanted = frozenset()
            self._waiters.wake()

    def give_up(self, error: Exception) -> None:
        """Go on no more, and have the asker get an error if it should ask for more."""
        if self._under_way and not self._left:
            self._error = error if self._error is None else self._error
            self._want_only(frozenset())

    def call(self, node: str) -> InHand:
        """Return a block for a call that is cancelled when nothing of the node is wanted."""
        return InHand(self, node, self._calls)

    def behind(self, node: str, before: Behind | None) -> Behind:
        """Return what is on its way behind a generator.

        Args:
            node: the name of the generator.
            before: the same of a generator before that.
        """
        return self._behind.setdefault((node, before), Behind(before))

    async def wait_for_room(self, node: str, behind: Behind) -> None:
        """Wait, as a generator, while there is no room for a reply more."""
        while len(self._replies) + behind.count >= self._room and self.is_wanted(node):
            await self._waiters.wait()

    def wake(self) -> None:
        """Wake the asker, and generators that wait for it."""
        self._waiters.wake()

    # The asker

    async def next(self) -> Any:  # noqa: ANN401  # the exchange knows the type
        """Return the next reply, waiting for it.

        Raises:
            StopAsyncIteration: there are no more.
            Exception: an item of the request failed, or the run is over.
        """
        self.asker = asyncio.current_task()
        while not self._replies:
            over = self._under_way == 0
            if self._error is not None and (over or not self._wanted):
                raise self._error
            if over:
                raise StopAsyncIteration
            await self._waiters.wait()
        self._waiters.wake()
        return self._replies.popleft()

    def leave(self) -> None:
        """Take no more replies."""
        self._left = True
        self._replies.clear()
        self._error = None  # its traceback holds this
        if self._under_way == 0:
            self._gone(self)
        else:
            self._want_only(frozenset())

    def _want_only(self, nodes: AbstractSet[str]) -> None:
        for call, node in self._calls.items():
            if self.is_wanted(node) and node not in nodes:
                call.reschedule(0.0)  # that is: cancel it in the next turn of the event loop
        self._wanted = nodes
        self._waiters.wake()


class InHand:
    """A block around one call for a request.

    A time-out without a time is how asyncio cancels a part of a task, and takes that back.

    Raises:
        Withdrawn: it is not wanted, before or meanwhile.
    """

    __slots__ = ("_calls", "_node", "_request", "_scope")

    def __init__(self, request: Request, node: str, calls: dict[asyncio.Timeout, str]) -> None:
        self._request = request
        self._node = node
        self._calls = calls
        self._scope = asyncio.timeout(None)

    async def __aenter__(self) -> None:
        if not self._request.is_wanted(self._node):
            raise Withdrawn
        await self._scope.__aenter__()
        self._calls[self._scope] = self._node

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del self._calls[self._scope]
        try:
            await self._scope.__aexit__(kind, error, traceback)
        except TimeoutError:
            raise Withdrawn from None
        finally:
            del self._scope  # it knows the task, which knows the error, whose traceback knows this


class Behind:
    """Counts the items of a request on their way behind a generator.

    Attributes:
        count: how many there are.
        before: the same for a generator before that, which counts them too.
    """

    __slots__ = ("before", "count")

    def __init__(self, before: Behind | None) -> None:
        self.count: int = 0
        self.before: Behind | None = before


class Tagged:
    """An item with the request that it belongs to.

    Attributes:
        item: the user's item.
        request: what it was made of.
        behind: where it is counted, if a generator made it, or what became it.
    """

    __slots__ = ("behind", "item", "request")

    def __init__(
        self,
        item: Any,  # noqa: ANN401  # of any type
        request: Request,
        behind: Behind | None = None,
    ) -> None:
        self.item: Any = item  # Any: as above
        self.request: Request = request
        self.behind: Behind | None = behind

    def become(self, item: object) -> Tagged:
        """Return another item in the place of this one."""
        return Tagged(item, self.request, self.behind)

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process as the user's item alone."""
        return plain, (self.item,)

    def add(self, count: int) -> None:
        """Note that so many more like this are under way."""
        behind = self.behind
        while behind is not None:
            behind.count += count
            behind = behind.before
        if count < 0 and self.behind is not None:
            self.request.wake()
        self.request.add(count)


def plain(item: Any) -> Any:  # noqa: ANN401  # an item of any type
    """Return the user's item, without a request or a trail."""
    return item.item if type(item) is Tagged or type(item) is Traced else item
