"""What is called for an item: the user's coroutine, as plain as its settings allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from typedpipes.engine.limit import Limit
from typedpipes.engine.node import Node
from typedpipes.engine.place import Item
from typedpipes.queues.buffer import GAP

Coro: TypeAlias = Callable[[Item], Any]
"""Gives an awaitable or an async iterable. Any: the kind of node knows which."""


class Work(Protocol):
    """Holds a coroutine function. It is looked up for every item, so that it can be replaced."""

    @property
    def coro(self) -> Coro: ...


class Timed:
    """Limits each call to the `timeout` of its processor."""

    def __init__(self, work: Work, timeout: float, name: str) -> None:
        self._work = work
        self._timeout = timeout
        self._name = name

    async def coro(self, item: Item) -> Item:
        return await Limit(self._timeout, self._name).hold(self._work.coro(item))


class PassingGaps:
    """Lets gaps pass by the coroutine, and has the node count them."""

    def __init__(self, work: Work, node: Node) -> None:
        self._work = work
        self._node = node

    async def coro(self, item: Item) -> Item:
        if item is GAP:
            self._node.gaps += 1
            return GAP
        return await self._work.coro(item)
