"""A clock that tests control, and an event loop that never sleeps: it jumps to the next timer.

So tests with a grace, a timeout or a `within` run at once, and always alike. A test that takes
the fixture `clock` runs in such a loop; a plain function makes one by `Clock.run`.

Sockets, pipes and threads work, but outside of the loop no time passes: where something else
than a timer is awaited as well, the timer comes first.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest

T = TypeVar("T")


class Clock:
    """Gives the time in seconds when it is called. It moves only when it is moved.

    Args:
        look: how many seconds a look at it takes. With 0, no task ever keeps the event loop
            for too long, unless it moves the clock.

    Attributes:
        now: the time.
    """

    def __init__(self, *, look: float = 0.0) -> None:
        self.now = 1000.0
        self._look = look

    def __call__(self) -> float:
        self.now += self._look
        return self.now

    def run(self, coro: Coroutine[object, None, T]) -> T:
        """Run a coroutine in a loop of this clock, in which the library goes by it too."""
        with (
            pytest.MonkeyPatch.context() as patch,
            asyncio.Runner(loop_factory=lambda: ClockLoop(self)) as runner,
        ):
            govern(self, patch)
            return runner.run(coro)


class ClockLoop(asyncio.SelectorEventLoop):
    """An event loop that goes by a clock of its own.

    Attributes:
        clock: that clock.
        turned: called between two turns of the loop, when no task is at work.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = Clock() if clock is None else clock
        self.turned: Callable[[], None] = _nothing
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.clock()

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002
        # No limit: threads end in the time of the world outside.
        await super().shutdown_default_executor()


class _Selector(selectors.DefaultSelector):
    """Moves the clock instead of waiting for a timer."""

    def __init__(self, loop: ClockLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.turned()
        if not timeout:  # a task is ready, or there is no timer
            return super().select(timeout)
        events = super().select(0)
        if not events:
            self._loop.clock.now += timeout
        return events


def govern(clock: Clock, patch: pytest.MonkeyPatch) -> None:
    """Have all modules of the library go by a clock, as long as the patch lasts."""
    for name, module in list(sys.modules.items()):
        for told in ("monotonic", "time"):
            is_told = vars(module).get(told) is getattr(time, told)
            if name.startswith("typedpipes.") and is_told:
                patch.setattr(module, told, clock)
        # How long the processor of this machine takes has no place in a time that is made up.
        if name.startswith("typedpipes.") and hasattr(module, "thread_time"):
            patch.setattr(module, "thread_time", _no_time)


def _nothing() -> None:
    """Do nothing."""


def _no_time() -> float:
    return 0.0
