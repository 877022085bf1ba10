"""Waiting for an end that must be waited for, whoever cancels the one who waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any


class Patience:
    """Waits to the end, and remembers a cancellation until there is time for it.

    Args:
        cancelled: called when the one who waits is cancelled.

    Attributes:
        cancellation: the last one that came, to be raised afterwards.
    """

    def __init__(self, cancelled: Callable[[], None]) -> None:
        self._cancelled = cancelled
        self.cancellation: asyncio.CancelledError | None = None

    async def wait(self, future: asyncio.Future[Any], limit: float | None = None) -> None:
        """Wait until the future is done, or for `limit` seconds. Its outcome is not looked at."""
        end = None if limit is None else monotonic() + limit
        while not future.done():
            left = None if end is None else end - monotonic()
            if left is not None and left <= 0:
                return
            try:
                await asyncio.wait((future,), timeout=left)
            except asyncio.CancelledError as error:
                self.cancellation = error
                self._cancelled()
