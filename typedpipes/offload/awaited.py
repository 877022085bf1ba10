"""Calls in child processes that are awaited one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from typedpipes.errors import ChildDied
from typedpipes.offload.calling import Failed
from typedpipes.offload.children import Children
from typedpipes.offload.job import Job
from typedpipes.offload.outlast import put_off
from typedpipes.offload.piece import Answer, Piece


class Awaited:
    """Children of one job whose calls are awaited.

    Args:
        job: what they do.
        limit: how many there may be, 1 or more.
    """

    def __init__(self, job: Job, limit: int) -> None:
        self._name = job.name
        self._children = Children(job, limit, self)
        self._waiters: dict[Piece, asyncio.Future[None]] = {}

    async def call(self, item: Any) -> Any:  # noqa: ANN401  # `in_process` knows the types
        """Call the function with an item in a child.

        Cancelled, it kills the child that is at it. If the child has just answered, it returns the
        result, and the cancellation comes at the next `await` that has to wait.

        Raises:
            ChildDied: the child ended before the function returned, or what it sent cannot be read.
            Exception: whatever the function raises.
        """
        single = Piece([item])
        waiter = asyncio.get_running_loop().create_future()
        self._waiters[single] = waiter
        try:
            self._children.make([single])
            self._children.share_out()
            await waiter
        except asyncio.CancelledError as cancellation:
            self._children.drop(single)
            if not single.results or type(single.results[0]) is Failed:
                raise
            put_off(cancellation)
        finally:
            del self._waiters[single]
        (result,) = single.results
        if type(result) is Failed:
            raise result.error()
        return result

    def answered(self, answers: Sequence[Answer], *, failed: bool) -> None:
        """Wake those who wait for these results."""
        del failed  # each looks at its own
        for single, _, results in answers:
            single.results.extend(results)
            waiter = self._waiters.get(single)
            if waiter is not None and not waiter.done():
                waiter.set_result(None)

    async def close(self) -> None:
        """End the children. Calls that are still awaited fail."""
        over = ChildDied(f"the run in which {self._name!r} was called is over")
        undone = self._children.halt()
        self.answered([(single, single.items, [Failed(over)]) for single in undone], failed=True)
        await self._children.close()
