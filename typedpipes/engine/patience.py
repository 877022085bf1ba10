"""Waiting for an end that must be waited for, also by one who is cancelled."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any


async def wait_patiently(
    future: asyncio.Future[Any],  # Any: its outcome is not looked at
    limit: float | None = None,
) -> None:
    """Wait until the future is done, or for `limit` seconds, also when cancelled.

    Only for what has to be finished and ends soon, in a task that is nobody else's: the
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
