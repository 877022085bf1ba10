"""The threads and child processes of one run: started on first use, gone at its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial

from typing_extensions import TypeVar

from typedpipes.errors import ResourceFailed
from typedpipes.offload.awaited import Awaited
from typedpipes.offload.calling import call
from typedpipes.offload.children import Children
from typedpipes.offload.holding import Holders, Plain
from typedpipes.offload.job import Job
from typedpipes.offload.outlast import outlast, outlast_thread
from typedpipes.offload.piece import Owner

Item = TypeVar("Item")
Result = TypeVar("Result")


class Pools:
    """Where the plain functions of a run are called.

    Args:
        threads: how many calls may be in threads at once, 1 or more.
    """

    def __init__(self, threads: int) -> None:
        self._limit = threads
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False
        self._calls = 0  # in threads
        self._holders: dict[Plain, Holders] = {}
        self._shared: dict[Job, Awaited] = {}
        self._children: list[Children] = []

    async def in_thread(self, function: Callable[[Item], Result], item: Item) -> Result:
        """Call a function in a thread.

        Cancelled, it still waits for the function, and returns its result: see `outlast`.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._limit, thread_name_prefix="typedpipes")
        # Two of them: type checkers lose the type of what a partial of `run` calls.
        work = partial(copy_context().run, partial(call, function, item))
        called = self._threads.submit(work)
        self._calls += 1
        try:
            return await outlast_thread(called)
        finally:
            if called.done():  # else this was left behind
                self._calls -= 1

    async def with_resource(self, plain: Plain, item: object) -> object:
        """Call a function in a thread that holds a resource for it; in all else as `in_thread`."""
        if plain not in self._holders:
            self._holders[plain] = Holders(plain, self._limit)
        called = self._holders[plain].call(item)
        self._calls += 1
        try:
            return await outlast_thread(called)
        finally:
            if called.done():  # as above
                self._calls -= 1

    def shared(self, job: Job) -> Awaited:
        """Return the children that all coroutines of the run share for a job, one for each CPU."""
        if job not in self._shared:
            self._shared[job] = Awaited(job, os.cpu_count() or 1)
        return self._shared[job]

    def children(
        self,
        job: Job,
        limit: int,
        owner: Owner,
        timeout: float | None,
        overdue: Callable[[], BaseException],
    ) -> Children:
        """Return children that a processor has for itself; see `Children` for the arguments."""
        children = Children(job, limit, owner, timeout, overdue)
        self._children.append(children)
        return children

    @property
    def closed(self) -> bool:
        """Whether nothing can be called here any more."""
        return self._closed

    async def close(self) -> Sequence[ResourceFailed]:
        """End the threads and the children; a thread that does not return is left behind.

        Returns:
            An error for each resource of a thread that could not be closed.
        """
        self._closed = True
        try:
            ends = [each.close() for each in self._children]
            ends += [each.close() for each in self._shared.values()]
            await outlast(asyncio.gather(*ends))
            closing = [each.close(patiently=not self._calls) for each in self._holders.values()]
            return [error for errors in await asyncio.gather(*closing) for error in errors]
        finally:
            if self._threads is not None:
                self._threads.shutdown(wait=not self._calls)


pools: ContextVar[Pools] = ContextVar("pools")
"""The pools of the run that the current coroutine works for, or worked for."""


def open_pools() -> Pools | None:
    """Return the pools of the run that the current coroutine works for.

    There are none outside of a run, nor in a task that has outlived its run.
    """
    own = pools.get(None)
    return None if own is None or own.closed else own
