"""What is called for an item that belongs to a request: the request goes on with the results.

The user's functions see their own items only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from functools import partial

from typedpipes.engine.calls import Calls, GeneratorCalls
from typedpipes.engine.node import Node
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.steps import Steps
from typedpipes.engine.timeout import Timeout
from typedpipes.flow.edge import Edge
from typedpipes.flow.request import Tagged
from typedpipes.flow.segment import WayOut
from typedpipes.processor import Failure


class AskedCalls:
    """Calls a coroutine function, and cancels the call when it is not wanted any more."""

    def __init__(self, calls: Calls, name: str) -> None:
        self._calls = calls
        self._name = name

    async def coro(self, tagged: Tagged) -> Tagged:
        async with tagged.request.call(self._name):
            result = await self._calls.coro(tagged.item)
        return tagged.become(result)


class AskedGeneratorCalls(GeneratorCalls):
    """Calls a generator function: each result waits until its asker has room for it."""

    def __init__(self, calls: Calls, name: str) -> None:
        super().__init__(calls)
        self._name = name

    def coro(self, item: Tagged) -> Steps[Item]:
        return _AskedSteps(self.generator(item.item), item, self._name)


class _AskedSteps(Steps[Item]):
    """Asks a generator for what it makes of an item of a request."""

    __slots__ = ("_behind", "_name", "_tagged")

    def __init__(self, items: AsyncIterator[Item], tagged: Tagged, name: str) -> None:
        super().__init__(items)
        self._name = name
        self._tagged = tagged
        self._behind = tagged.request.behind(name, tagged.behind)

    async def next(self, limit: Callable[[], Timeout] | None = None) -> Tagged:
        return await self.next_after(_at_once, limit)

    async def next_after(
        self,
        waiting: Callable[[], Awaitable[None]],
        limit: Callable[[], Timeout] | None = None,
    ) -> Tagged:
        tagged = self._tagged
        try:
            async with tagged.request.call(self._name):
                result = await super().next_after(partial(self._wait, waiting), limit)
        except StopAsyncIteration:
            tagged.add(-1)
            raise
        made = Tagged(result, tagged.request, self._behind)
        made.add(1)
        return made

    async def _wait(self, waiting: Callable[[], Awaitable[None]]) -> None:
        await self._tagged.request.wait_for_room(self._name, self._behind)
        await waiting()


async def _at_once() -> None:
    """Wait for nothing."""


def asked_test(test: Callable[[Item], object], ports: Ports) -> Callable[[Tagged], bool]:
    """Return a test of items that belong to requests.

    A failure that it drops is raised where it was asked, if that was its only way to the replies.

    Args:
        test: of the items.
        ports: of the node that tests them.
    """
    name = ports.name
    only = all(map(_leads_nowhere_else, ports.inputs.edges))

    def passes(tagged: Tagged) -> bool:
        item: object = tagged.item
        if test(item):
            return True
        if only and isinstance(item, Failure):
            tagged.request.fail(name, item.error)
        tagged.add(-1)
        return False

    return passes


def _leads_nowhere_else(edge: Edge[Item]) -> bool:
    """Whether what is on an edge goes no other way to the replies."""
    writer = edge.writer
    edges = writer.outputs.edges if isinstance(writer, Node) else ()
    return sum(not isinstance(each, WayOut) for each in edges) == 1


def asked_sort(
    sort: Callable[[Item], tuple[int, object]],
) -> Callable[[Tagged], tuple[int, Tagged]]:
    """Return what sorts items that belong to requests."""

    def way_of(tagged: Tagged) -> tuple[int, Tagged]:
        way, sent = sort(tagged.item)
        return way, tagged.become(sent)

    return way_of


def asked_key(key: Callable[[Item], Hashable]) -> Callable[[Tagged], Hashable]:
    """Return what knows the key of items that belong to requests."""
    return lambda tagged: key(tagged.item)
