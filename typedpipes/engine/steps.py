"""Asking an async iterator for its items one by one, with waiting in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Generic

from typing_extensions import TypeIs, TypeVar

from typedpipes.engine.limit import Limit
from typedpipes.offload.outlast import heed

T = TypeVar("T")


class Steps(Generic[T]):
    """Asks an async iterator for its items.

    A generator may hold a time-out or a task group open over its `yield`; that cancels the task
    when it has to, be it in the generator or outside. So what cancels the task while something
    else is waited for is thrown into the generator: its own scope makes a `TimeoutError` of it,
    or the errors of its tasks, and any other cancellation it lets through (see PEP 789).
    """

    __slots__ = ("_items",)

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items

    async def next(self, limit: Callable[[], Limit] | None = None) -> T:
        """Return the next item.

        Args:
            limit: makes the limit of how long it may take.

        Raises:
            StopAsyncIteration: there are no more.
            Exception: whatever the iterator raises.
        """
        if limit is None:  # a time-out costs more than a quick item
            return await anext(self._items)
        return await limit().hold(anext(self._items))

    async def next_after(
        self, waiting: Awaitable[None], limit: Callable[[], Limit] | None = None
    ) -> T:
        """Wait, then do the same; the limit does not count the waiting."""
        try:
            await waiting
        except asyncio.CancelledError as error:
            if not _is_generator(self._items):
                raise
            # Nothing here may name what holds the error, whose traceback holds this.
            if limit is None:
                return await self._items.athrow(error)
            return await limit().hold(self._items.athrow(error))
        return await self.next(limit)

    async def settle(self) -> None:
        """Let a cancellation come that is on its way: it is not for what a generator does at last.

        To be called when the task has been told to stop, and is about to close.
        """
        with suppress(asyncio.CancelledError):
            await heed()

    async def close(self) -> None:
        """Close a generator; other iterators have nothing to close."""
        if _is_generator(self._items):
            await self._items.aclose()


def _is_generator(items: AsyncIterator[T]) -> TypeIs[AsyncGenerator[T, None]]:
    return isinstance(items, AsyncGenerator)
