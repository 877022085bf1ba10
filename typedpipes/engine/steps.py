"""Asking an async iterator for its items one by one, with waiting in between."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Generic

from typing_extensions import TypeIs, TypeVar

from typedpipes.engine.timeout import Timeout
from typedpipes.offload.outlast import is_put_off

T = TypeVar("T")


class Steps(Generic[T]):
    """Asks an async iterator for its items.

    A generator may hold a time-out or a task group open over its `yield`; that cancels the task
    when it has to, be it in the generator or outside. So what cancels the task while something
    else is waited for is thrown into the generator: its own scope makes a `TimeoutError` of it,
    or the errors of its tasks, and any other cancellation it lets through (see PEP 789).

    Attributes:
        measured: returns what is awaited in place of an item, if anything is.
    """

    __slots__ = ("_begun", "_items", "measured")

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items
        self._begun = False
        self.measured: Callable[[Awaitable[T]], Awaitable[T]] | None = None

    def _ask(self) -> Awaitable[T]:
        asked = self._items.__anext__() if self._begun else self._begin()
        return asked if self.measured is None else self.measured(asked)

    def _begin(self) -> Awaitable[T]:
        """Ask for the first item.

        The generator is hidden from the event loop. `close` closes it anyway; but one that hangs is
        left behind, and an event loop that is closing would complain about it.
        """
        self._begun = True
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(None, None)
        try:
            return self._items.__anext__()
        finally:
            sys.set_asyncgen_hooks(*hooks)

    async def next(self, limit: Callable[[], Timeout] | None = None) -> T:
        """Return the next item.

        Args:
            limit: makes the limit of how long it may take.

        Raises:
            StopAsyncIteration: there are no more.
            Exception: whatever the iterator raises.
        """
        if limit is None:  # a time-out costs more than a quick item
            return await self._ask()
        return await limit().hold(self._ask())

    async def next_after(
        self,
        waiting: Callable[[], Awaitable[None]],
        limit: Callable[[], Timeout] | None = None,
    ) -> T:
        """Wait, then do the same; the limit does not count the waiting."""
        try:
            await waiting()
        except asyncio.CancelledError as error:
            if not _is_generator(self._items):
                raise
            # Nothing here may name what holds the error, whose traceback holds this.
            if limit is None:
                return await self._items.athrow(error)
            return await limit().hold(self._items.athrow(error))
        return await Steps[T].next(self, limit)  # a subclass may do more in its own

    async def settle(self) -> None:
        """Take a cancellation that is on its way: it must not hit the clean-up of a generator.

        Called when the task was asked to stop, and is about to close.
        """
        with suppress(asyncio.CancelledError):
            if is_put_off():
                await asyncio.sleep(0)

    async def close(self) -> None:
        """Close a generator; other iterators have nothing to close."""
        # One that runs cannot be closed: its task was left behind, and is being collected.
        if _is_generator(self._items) and not getattr(self._items, "ag_running", False):
            await self._items.aclose()


def _is_generator(items: AsyncIterator[T]) -> TypeIs[AsyncGenerator[T, None]]:
    return isinstance(items, AsyncGenerator)
