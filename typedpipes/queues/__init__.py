"""The typed queue kinds over bounded edges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from typing_extensions import TypeVar

from typedpipes.queues.doomsday import Doom, DoomsdayQueue, abort, doomsday, drain
from typedpipes.queues.edge import Edge
from typedpipes.queues.input import InputQueue
from typedpipes.queues.output import OutputQueue

QueueKind = TypeVar(
    "QueueKind",
    # Any: a bound cannot name the items.
    bound="InputQueue[Any] | OutputQueue[Any] | DoomsdayQueue[Any]",
)

Cleanup: TypeAlias = Callable[[QueueKind], Awaitable[None]]
"""A coroutine function that runs once, at the end, for one queue kind of one processor."""

__all__ = [
    "Cleanup",
    "Doom",
    "DoomsdayQueue",
    "Edge",
    "InputQueue",
    "OutputQueue",
    "QueueKind",
    "abort",
    "doomsday",
    "drain",
]
