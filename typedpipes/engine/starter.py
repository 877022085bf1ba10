"""How the tasks of a run are started."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any


class Starter:
    """Starts tasks in the context of a run.

    Args:
        context: what was set before the run; each task gets a copy.
    """

    def __init__(self, context: Context) -> None:
        self._loop = asyncio.get_running_loop()
        self.context: Context = context

    def start(
        self,
        work: Coroutine[Any, Any, None],  # Any: what a coroutine yields to the loop
        context: Context | None = None,
    ) -> asyncio.Task[None]:
        """Start a task, in a context that was copied for it, or in a copy of its own."""
        context = context or self.context.copy()
        # Not by the loop's factory: an eager one would begin it in the middle of its caller's step.
        return asyncio.Task(work, loop=self._loop, context=context)
