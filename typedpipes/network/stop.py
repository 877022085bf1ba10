"""Stops: the nodes of a run, in whatever processes work for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import frozen

from typedpipes.blueprint import How
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.network.form import Form
from typedpipes.network.leg import Leg
from typedpipes.network.record import Made
from typedpipes.processor import Processor
from typedpipes.source import Source

Part: TypeAlias = (
    Source[Any]
    | Processor[Any, Any]
    | Keep[Any]
    | Batch
    | Split
    | Relay
    | Collector[Any]
    | Reader[Any]
)
"""What a stop holds. Any: as in a blueprint."""

OnFailure: TypeAlias = Literal["leads on", "drains", "aborts"]
"""What becomes of an item that fails: a leg takes it, or the run drains or aborts."""


@frozen
class Stop:
    """A node, or what joins several inputs before one, in whatever processes work for it.

    Attributes:
        name: unique in the run.
        node: the name of the node of the drawing that it belongs to.
        part: what it holds: a relay, where it joins several inputs.
        how: how it takes its inputs.
        legs: what it takes; a source has none.
        cap: the most slices before each stop that follows; `None` if none does.
        forms: how its results travel, for each way of a split: a form for each type that those who
            take them see. There are none if it passes on what it takes, or gives nothing.
        in_order: whether its results keep the order of its items.
        abreast: how many items of one slice are worked on at once.
        on_failure: what becomes of its items that fail.
        leaves_gaps: whether the place of an item that becomes nothing stays empty.
        outcomes: whether its results and failures are taken together.
        deserted_by: the stops that take its results, if all of them may end before it does.
    """

    name: str
    node: str
    part: Part
    how: How
    legs: Sequence[Leg]
    cap: int | None
    forms: Mapping[int, Sequence[Form]]
    in_order: bool
    abreast: int
    on_failure: OnFailure
    leaves_gaps: bool
    outcomes: bool
    deserted_by: Sequence[str] = ()

    def finished(self, made: Made) -> Made:
        """Return what was made as it gives it: without places and failures that no leg needs."""
        if self.on_failure == "drains":
            made = made.keeping_failures()
        return made if self.leaves_gaps else made.closed_up(outcomes=self.outcomes)

    @property
    def may_end_early(self) -> bool:
        """Whether it may end before its inputs do."""
        reads = isinstance(self.part, Reader)
        return reads or self.how == "zip" or bool(self.deserted_by)

    @property
    def leg(self) -> Leg | None:
        """What it takes, if that is one leg."""
        return self.legs[0] if len(self.legs) == 1 else None

    @property
    def is_at_caller(self) -> bool:
        """Whether it belongs to the process that asked for the run."""
        return isinstance(self.part, Source | Collector | Reader)
