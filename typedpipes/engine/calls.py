"""What is called for an item: the user's coroutine, as plain as its settings allow."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any, Protocol, TypeAlias, cast

from typedpipes.engine.ports import Item
from typedpipes.engine.stage import StageNode
from typedpipes.engine.steps import Steps
from typedpipes.engine.timeout import Timeout
from typedpipes.flow.edge import GAP

Coro: TypeAlias = Callable[[Item], Any]
"""Returns an awaitable, an async iterable or its steps. Any: the kind of node knows which."""


class Calls(Protocol):
    """Holds a coroutine function. It is looked up for every item, so that it can be replaced."""

    @property
    def coro(self) -> Coro: ...


class TimedCalls:
    """Limits each call to the `timeout` of its processor."""

    def __init__(self, calls: Calls, timeout: float, name: str) -> None:
        self._calls = calls
        self._timeout = timeout
        self._name = name

    async def coro(self, item: Item) -> Item:
        return await Timeout(self._timeout, self._name).hold(self._calls.coro(item))


class GeneratorCalls:
    """Calls a generator function, and returns what asks the generator for its results."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def coro(self, item: Item) -> Steps[Item]:
        return Steps(self.generator(item))

    def generator(self, item: Item) -> AsyncIterator[Item]:
        """Return the generator of an item."""
        return aiter(cast("AsyncIterable[Item]", self._calls.coro(item)))  # as its kind says


class GapPassingCalls:
    """Lets gaps pass by the coroutine, and has the node count them."""

    def __init__(self, calls: Calls, node: StageNode) -> None:
        self._calls = calls
        self._node = node

    async def coro(self, item: Item) -> Item:
        if item is GAP:
            self._node.gaps += 1
            return GAP
        return await self._calls.coro(item)
