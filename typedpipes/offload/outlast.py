"""Waiting for what cannot be cancelled."""

from __future__ import annotations

import asyncio

from typing_extensions import TypeVar

Result = TypeVar("Result")


async def outlast(future: asyncio.Future[Result]) -> Result:
    """Wait for the future to its end, also when cancelled; the cancellation goes on afterwards."""
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            try:
                await asyncio.wait((future,))
            except asyncio.CancelledError:
                continue  # this one is told of below, too
        if not future.cancelled():
            future.exception()  # seen: nobody is told that nobody looked
        raise
