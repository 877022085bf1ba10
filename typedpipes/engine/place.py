"""Where a node stands: the buffers around it, and the run that it is part of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from typedpipes.engine.crew import Crew
from typedpipes.errors import ProcessorFailed
from typedpipes.processor import Failure
from typedpipes.queues.intake import Intake
from typedpipes.queues.outflow import Outflow
from typedpipes.queues.pace import Pace

if TYPE_CHECKING:
    from typedpipes.engine.node import Node

Item = Any
"""An item inside the engine. Any: the types were checked when the graph was drawn."""


class Life(Protocol):
    """What a node needs of the run that it is part of."""

    @property
    def pace(self) -> Pace: ...

    @property
    def crew(self) -> Crew: ...

    def spawn(
        self, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]: ...  # Any: what a coroutine yields to the loop

    def enter(self, function: Callable[[], None]) -> None:
        """Call a function in the context of the run."""

    def fail(self, error: ProcessorFailed) -> None:
        """End the run because of an error."""

    def over(self, node: Node) -> None:
        """Take note that the node has ended."""


@frozen
class Place:
    """Where a node stands: its name and the buffers around it.

    Attributes:
        name: as in the blueprint.
        intake: what it takes from.
        outflow: what it puts into.
        failures: the failures edge, if one is connected.
        keeps_gaps: whether a gap is to stand for an item that it does not give.
        gets_gaps: whether gaps come in, to be passed on.
    """

    name: str
    intake: Intake[Item]
    outflow: Outflow[Item]
    failures: Outflow[Failure[Item]] | None = None
    keeps_gaps: bool = False
    gets_gaps: bool = False
