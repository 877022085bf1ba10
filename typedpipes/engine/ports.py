"""What a node that takes items is connected to."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from typedpipes.flow.edge import NOWHERE
from typedpipes.flow.inputs import Inputs
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.tracks import Hand
from typedpipes.processor import Failure

Item = Any
"""An item inside the engine. Any: the types were checked when the graph was drawn."""


@frozen
class Ports:
    """What a node that takes items is connected to.

    Attributes:
        name: of the node, as in the blueprint.
        inputs: what it takes from.
        outputs: what it puts into.
        failures: the failures edge, if one is connected.
        outcomes: whether failures go on in place of results.
        leaves_gaps: whether a gap is to stand for an item that becomes nothing.
        passes_gaps: whether gaps come in, to be passed on.
        asked: whether all items belong to requests of an exchange.
        hand: what is in hand, if the run is traced.
    """

    name: str
    inputs: Inputs[Item]
    outputs: Outputs[Item]
    failures: Outputs[Failure[Item]] = NOWHERE
    outcomes: bool = False
    leaves_gaps: bool = False
    passes_gaps: bool = False
    asked: bool = False
    hand: Hand | None = None
