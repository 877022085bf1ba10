"""Waiting for something that cannot be cancelled, and the cancellations that come meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
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


async def outlast_thread(called: Future[Result]) -> Result:
    """Wait for a call in a thread, as `outlast` does.

    It is cheaper than to make a future of asyncio that follows the other one, and to shield that.
    """
    loop = asyncio.get_running_loop()
    cancellation: asyncio.CancelledError | None = None
    try:
        while not called.done():
            waiter = loop.create_future()
            called.add_done_callback(partial(_wake, loop, waiter))
            try:
                await waiter
            except asyncio.CancelledError as another:
                cancellation = cancellation or another
        if cancellation is not None:
            if called.exception() is not None:
                raise cancellation
            put_off(cancellation)
        return called.result()
    finally:
        del cancellation  # it knows this frame by its traceback


def _wake(loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[None], _: Future[Any], /) -> None:
    """As a thread: wake the task that waits for it."""
    with suppress(RuntimeError):  # the loop is closed: the call was left behind
        loop.call_soon_threadsafe(_end_waiting, waiter)


def _end_waiting(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def is_put_off() -> bool:
    """Whether a cancellation was put off: let it arrive, by `sleep(0)`, before anything begins."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def put_off(cancellation: asyncio.CancelledError) -> None:
    """Cancel the current task again, in the next turn of the event loop."""
    task = asyncio.current_task()
    asyncio.get_running_loop().call_soon(_cancel_again, task, cancellation.args)


def _cancel_again(task: asyncio.Task[Any] | None, message: tuple[object, ...]) -> None:
    # Not if the scope that cancelled it has been left since: a time-out takes its own back.
    if task is not None and task.cancelling():
        task.uncancel()  # it is the same one, so it counts once
        task.cancel(*message)
