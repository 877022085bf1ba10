"""Event loops for one example each."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def finish(coro: Coroutine[object, None, T]) -> T:
    """Run a coroutine to its end; one that hangs fails."""
    return asyncio.run(asyncio.wait_for(coro, timeout=20))
