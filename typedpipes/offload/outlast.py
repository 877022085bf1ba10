"""Waiting for something that cannot be cancelled, and the cancellations that come meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

from typing_extensions import TypeVar

Result = TypeVar("Result")


async def outlast(future: asyncio.Future[Result]) -> Result:
    """Wait for the future to end, even when cancelled.

    Its result is returned all the same, and the cancellation comes at the next `await` that has
    to wait. If there is no result, the cancellation is raised at once.
    """
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError as cancellation:
        while not future.done():
            try:
                await asyncio.wait((future,))
            except asyncio.CancelledError:
                continue  # counted, and raised with the first
        if future.cancelled() or future.exception() is not None:
            raise
        put_off(cancellation)
        return future.result()


async def heed() -> None:
    """Let a cancellation that was put off arrive here, before anything else is begun.

    Raises:
        CancelledError: there was one.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        await asyncio.sleep(0)


def put_off(cancellation: asyncio.CancelledError) -> None:
    """Cancel the current task again, in the next turn of the event loop."""
    task = asyncio.current_task()
    asyncio.get_running_loop().call_soon(_cancel_again, task, cancellation.args)


def _cancel_again(task: asyncio.Task[Any] | None, message: tuple[object, ...]) -> None:
    # Not if the scope that cancelled it has been left since: a time-out takes its own back.
    if task is not None and task.cancelling():
        task.uncancel()  # it is the same one, so it counts once
        task.cancel(*message)
