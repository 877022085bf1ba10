"""Coroutines that do not return when they are cancelled: the run ends without them."""

from __future__ import annotations

import asyncio
from typing import Any


def leave_alone(task: asyncio.Task[Any]) -> None:  # Any: nobody asks for its result
    """Have nobody wait for a task that hangs.

    Whoever closes an event loop, such as `asyncio.run`, cancels all tasks that asyncio
    knows of and waits for them without a limit; so asyncio had better not know of this one.
    """
    asyncio.tasks._unregister_task(task)
