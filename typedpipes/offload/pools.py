"""The threads and child processes of one run: begun on first use, gone at its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

from typing_extensions import TypeVar

from typedpipes.offload.children import Children
from typedpipes.offload.outlast import outlast

Item = TypeVar("Item")
Result = TypeVar("Result")


class Pools:
    """Where the plain functions of a run are called.

    Args:
        threads: how many calls may be in threads at once, 1 or more.
    """

    def __init__(self, threads: int) -> None:
        self.children: Children = Children(os.cpu_count() or 1)
        self._limit = threads
        self._threads: ThreadPoolExecutor | None = None
        self._busy = 0

    async def in_thread(self, function: Callable[[Item], Result], item: Item) -> Result:
        """Call a function in a thread.

        Cancelled, it waits for the function all the same: a thread cannot be stopped.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._limit, thread_name_prefix="typedpipes")
        self._busy += 1
        context = copy_context()
        call = self._threads.submit(lambda: context.run(function, item))
        call.add_done_callback(self._call_ended)
        return await outlast(asyncio.wrap_future(call))

    def _call_ended(self, _: object) -> None:
        self._busy -= 1

    async def close(self) -> None:
        """End the threads and the children; a thread that does not return is left behind."""
        await self.children.close()
        if self._threads is not None:
            self._threads.shutdown(wait=not self._busy)


pools: ContextVar[Pools] = ContextVar("pools")
"""The pools of the run that the current coroutine works for."""
