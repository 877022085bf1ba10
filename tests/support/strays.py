"""The tasks that a run has left behind: asyncio does not tell of them any more."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from typing_extensions import TypeIs


def strays() -> set[asyncio.Task[Any]]:
    """Return all tasks that are not done, known to asyncio or not, but the current one."""
    tasks = filter(is_task, gc.get_objects())
    return {task for task in tasks if not task.done()} - {asyncio.current_task()}


def is_task(thing: object) -> TypeIs[asyncio.Task[Any]]:
    return isinstance(thing, asyncio.Task)
