"""Event loops for one example each."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from tests.support.clock import Clock

T = TypeVar("T")


def finish(coro: Coroutine[object, None, T], clock: Clock | None = None) -> T:
    """Run a coroutine to its end; one that hangs fails."""
    return (clock or Clock()).run(asyncio.wait_for(coro, timeout=3600))
