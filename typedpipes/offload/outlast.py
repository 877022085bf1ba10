"""Waiting for something that cannot be cancelled."""

from __future__ import annotations

import asyncio

from typing_extensions import TypeVar

Result = TypeVar("Result")


async def outlast(future: asyncio.Future[Result]) -> Result:
    """Wait for the future to end, even when cancelled; raise the cancellation afterwards."""
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            try:
                await asyncio.wait((future,))
            except asyncio.CancelledError:
                continue  # raised below, with the first
        if not future.cancelled():
            future.exception()  # retrieved, so that asyncio does not warn about it
        raise


async def heed() -> None:
    """Let a cancellation that is on its way come before anything else is begun.

    Raises:
        CancelledError: that came.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        await asyncio.sleep(0)
