"""What a plumber and the one who asked for a run see of it, wherever its nodes work."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection
from typing import Any, Protocol

from typedpipes.errors import TypedpipesError
from typedpipes.gauges import Gauges
from typedpipes.queues.home import Home
from typedpipes.report import Report


class Running(Protocol):
    """A run that goes on, or is over.

    Attributes:
        failures: why it has failed so far.
        home: the event loop that it lives in.
        cancel_block: called when it is aborted, and at its end if it failed.
        opening: opens its resources; `None` if there are none.
    """

    failures: list[TypedpipesError]
    home: Home
    cancel_block: Callable[[], None]
    opening: asyncio.Task[None] | None

    @property
    def is_over(self) -> bool:
        """Whether every node has ended. Cleanup coroutines may still run."""
        ...

    @property
    def is_aborted(self) -> bool:
        """Whether it was aborted, and has not failed."""
        ...

    def begin(self) -> None:
        """Let it begin."""
        ...

    def report(self) -> Report:
        """Return what has become of every item up to now."""
        ...

    def gauges(self) -> Gauges:
        """Return what it is doing, in numbers."""
        ...

    def pause(self, parts: Collection[object]) -> None:
        """Let these parts take nothing more, unless it is about to end."""
        ...

    def resume(self, parts: Collection[object]) -> None:
        """Let these parts go on."""
        ...

    def drain(self) -> None:
        """Drain, because the block beside the run is over."""
        ...

    def abort(self, reason: str) -> None:
        """Abort, unless it is aborted or over already, because the caller was stopped."""
        ...

    def signalled(self, number: signal.Signals) -> bool:
        """Drain at the first signal, abort at the second; return whether that ended something."""
        ...

    def leave(self, task: asyncio.Task[Any] | None) -> None:  # Any: the task of the user
        """Leave what the task was the last to read: it reads no more."""
        ...
