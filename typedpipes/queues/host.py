"""What a run lends to those of its queues that its user holds an end of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from typedpipes.errors import TypedpipesError
from typedpipes.queues.pace import Pace


@frozen
class Host:
    """The run that a queue belongs to, as far as the queue has to know it.

    Attributes:
        pace: when those who use the queue let other tasks run, although there is nothing to
            wait for; without it, never.
        failures: why the run failed, up to now: what closed the queue.
    """

    pace: Pace | None = None
    failures: Sequence[TypedpipesError] = ()


BY_HAND: Final = Host()
"""The host of a queue that belongs to no run."""
