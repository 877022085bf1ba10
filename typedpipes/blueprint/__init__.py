"""The finished drawing: frozen, checked, plain data.

It separates drawing from running, showing and verifying.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from typedpipes.exchange import Replies
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
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
    | Replies
)
"""What a node holds. Any: a drawing has items of all types, checked when it was drawn."""

How: TypeAlias = Literal["none", "one", "zip", "merge", "rejoin"]

Gaps: TypeAlias = Literal["none", "skip", "pass", "pair"]
"""What becomes of the gaps that come along an edge, each in place of an item that was dropped.

`"none"`: there are none. `"skip"`: they say nothing where they arrive, and are cleared away.
`"pass"`: the node passes them on, to a zip or rejoin further on. `"pair"`: they arrive there; a zip
leaves out the tuple, and a rejoin takes the item of another branch.
"""


@frozen
class EdgeSpec:
    """A connection: an edge of the graph, before it is run.

    Attributes:
        start: the name of the node that gives.
        end: the name of the node that takes.
        maxsize: the most items it holds.
        failures: whether it takes the failures of `start` rather than its results.
        way: which way of a split it is, by number.
        gaps: what becomes of the gaps that come along it.
        asked: whether the user set `maxsize`; otherwise it is what the graph needs.
    """

    start: str
    end: str
    maxsize: int
    failures: bool = False
    way: int | None = None
    gaps: Gaps = "none"
    asked: bool = False


@frozen
class NodeSpec:
    """A part and its inputs.

    Attributes:
        name: unique in the blueprint.
        part: what the node holds.
        how: how several inputs are taken: as tuples (`"zip"`), as they come (`"merge"`), or
            in the order before the split that they come from (`"rejoin"`).
        inputs: the edges that lead here, in the order of the drawing.
        prefer: which of them a merge takes first as long as it has something, by number from 0.
        outcomes: whether its failures go on in place of results, on the same edges.
        leaves_gaps: whether it leaves a gap for an item that becomes nothing.
        exchange: the exchange between whose requests and replies it is, by its name, if any; all
            its items belong to a request then.
        key: the key of a collector in `Report.collected`: its name, or else what it follows.
        segment: the full name of the segment that it was drawn in, such as `billing` or, for one
            inside that, `billing/lookup`; `""` if none.
    """

    name: str
    part: Part
    how: How = "none"
    inputs: Sequence[EdgeSpec] = field(default=(), converter=tuple[EdgeSpec, ...])
    prefer: int | None = field(default=None, kw_only=True)
    outcomes: bool = False
    leaves_gaps: bool = False
    exchange: str = ""
    key: str = ""
    segment: str = ""

    @property
    def total(self) -> int | None:
        """How many items a source has, if that is known: for progress only."""
        return self.part.total if isinstance(self.part, Source) else None


@frozen
class Blueprint:
    """A checked graph.

    Attributes:
        name: the name of the plumber.
        nodes: from upstream to downstream.
    """

    name: str
    nodes: Sequence[NodeSpec] = field(converter=tuple[NodeSpec, ...])

    @property
    def edges(self) -> Sequence[EdgeSpec]:
        """All connections, in the order of the nodes they lead to."""
        return [edge for node in self.nodes for edge in node.inputs]

    @property
    def segments(self) -> Mapping[str, Sequence[str]]:
        """The names of the nodes in each segment, with those of segments inside it."""
        found: dict[str, list[str]] = {}
        for node in self.nodes:
            path = node.segment.split("/") if node.segment else []
            for depth in range(1, len(path) + 1):
                found.setdefault("/".join(path[:depth]), []).append(node.name)
        return found

    @property
    def collectors(self) -> Mapping[str, Collector[Any]]:  # Any: as above
        """All collectors, by their keys."""
        return {node.key: node.part for node in self.nodes if isinstance(node.part, Collector)}
