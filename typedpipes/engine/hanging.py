"""Coroutines that do not return when they are cancelled: how the run waits for them, and ends."""

from __future__ import annotations

import asyncio
import inspect
from time import monotonic
from types import CodeType
from typing import Any

from typedpipes.errors import NO_ITEM


def item_in_hand(task: asyncio.Task[None], *workers: CodeType) -> object:
    """Return the item that a task works on, `NO_ITEM` if there is none.

    A task that hangs cannot be asked, and to store each item would cost a quick coroutine 3 %.
    So this looks for the frame of the worker, which waits for the user's coroutine.

    Args:
        task: the task.
        workers: the code of the coroutine functions whose local variable `item` is the item; the
            innermost counts.
    """
    item: object = NO_ITEM
    coro: object = task.get_coro()
    while inspect.iscoroutine(coro) and coro.cr_frame is not None:
        if coro.cr_code in workers:
            item = inspect.getcoroutinelocals(coro).get("item", item)
        coro = coro.cr_await
    return item


def leave_alone(task: asyncio.Task[Any]) -> None:  # Any: its result is not used
    """Make asyncio forget a task that hangs, which the run has named.

    Closing an event loop, as `asyncio.run` does, cancels all tasks that asyncio knows of, and
    waits for them without a limit. Nothing is logged when this one is collected in the end.
    """
    # Both are parts of asyncio that its own subclasses of Task use; a later Python may lack them,
    # and then closing the loop waits.
    unregister = getattr(asyncio.tasks, "_unregister_task", None)
    if unregister is not None:
        unregister(task)
    if hasattr(task, "_log_destroy_pending"):
        setattr(task, "_log_destroy_pending", False)  # noqa: B010  # no type checker knows it


async def wait_patiently(
    future: asyncio.Future[Any],  # Any: its outcome is not looked at
    limit: float | None = None,
) -> None:
    """Wait until the future is done, or for `limit` seconds, also when cancelled.

    Only for what has to be finished and ends soon, in a task that belongs to the run alone: the
    cancellation is lost.
    """
    end = None if limit is None else monotonic() + limit
    while not future.done():
        left = None if end is None else end - monotonic()
        if left is not None and left <= 0:
            return
        try:
            await asyncio.wait((future,), timeout=left)
        except asyncio.CancelledError:
            continue


async def end_within(
    task: asyncio.Task[Any],  # Any: its result is not looked at
    limit: float,
) -> TimeoutError | None:
    """Wait for the end of a task, then cancel it and wait again, each time for `limit` seconds.

    Returns:
        An error if it took too long; it says whether the task hangs even now, and was left alone.
    """
    await wait_patiently(task, limit)
    if task.done():
        return None
    task.cancel()
    await wait_patiently(task, limit)
    if not task.done():
        leave_alone(task)
    return TimeoutError(
        f"it took more than {limit:g} s"
        + ("" if task.done() else ", and hangs since it was cancelled")
    )
