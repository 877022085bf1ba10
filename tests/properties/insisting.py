"""Producers and readers that are cancelled, and then try again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


async def insist(attempt: Callable[[], Coroutine[object, None, T]], turns: int) -> T:
    """Try in a task that is cancelled after so many turns, and if that was in vain, try again."""
    hasty = asyncio.create_task(attempt())
    for _ in range(turns):
        await asyncio.sleep(0)
    hasty.cancel()
    await asyncio.wait([hasty])
    return await attempt() if hasty.cancelled() else hasty.result()
