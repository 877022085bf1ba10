"""Coroutines that do not return when they are cancelled: the run ends without them."""

from __future__ import annotations

import asyncio
from typing import Any


def leave_alone(task: asyncio.Task[Any]) -> None:  # Any: nobody asks for its result
    """Have asyncio forget a task that hangs, which the run has named.

    Closing an event loop, as `asyncio.run` does, cancels all tasks that asyncio knows of, and
    waits for them without a limit. When this one is collected at last, it is no news.
    """
    asyncio.tasks._unregister_task(task)
    setattr(task, "_log_destroy_pending", False)  # noqa: B010  # no type checker knows it
