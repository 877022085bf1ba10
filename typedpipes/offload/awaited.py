"""Calls in child processes that are awaited one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from typedpipes.errors import ChildDied
from typedpipes.offload.call import Call
from typedpipes.offload.children import Children
from typedpipes.offload.job import Job
from typedpipes.offload.outlast import put_off


class Awaited:
    """Children of one job whose calls are awaited.

    Args:
        job: what they do.
        limit: how many there may be, 1 or more.
    """

    def __init__(self, job: Job, limit: int) -> None:
        self._name = job.name
        self._children = Children(job, limit, self._wake)
        self._waiters: dict[Call, asyncio.Future[None]] = {}

    async def call(self, item: Any) -> Any:  # noqa: ANN401  # `in_process` knows the types
        """Call the function with an item in a child.

        Cancelled, it kills the child that is at it. If the child has just answered, it returns the
        result, and the cancellation comes at the next `await` that has to wait.

        Raises:
            ChildDied: the child ended before the function returned, or what it sent cannot be read.
            Exception: whatever the function raises.
        """
        call = Call(item)
        waiter = asyncio.get_running_loop().create_future()
        self._waiters[call] = waiter
        try:
            self._children.make([call])
            await waiter
        except asyncio.CancelledError as cancellation:
            self._children.drop(call)
            if not call.done or call.error is not None:
                raise
            put_off(cancellation)
        finally:
            del self._waiters[call]
        if call.error is not None:
            raise call.error
        return call.result

    def _wake(self, calls: Sequence[Call]) -> None:
        for call in calls:
            waiter = self._waiters.get(call)
            if waiter is not None and not waiter.done():
                waiter.set_result(None)

    async def close(self) -> None:
        """End the children. Calls that are still awaited fail."""
        for call in self._children.halt():
            call.fail(ChildDied(f"the run in which {self._name!r} was called is over"))
            self._wake([call])
        await self._children.close()
