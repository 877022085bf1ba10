"""Where a node stands: the buffers around it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from typedpipes.processor import Failure
from typedpipes.queues.intake import Intake
from typedpipes.queues.outflow import Outflow

Item = Any
"""An item inside the engine. Any: the types were checked when the graph was drawn."""


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
