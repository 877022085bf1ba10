"""What the nodes and edges of a run that is traced know of where items come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.engine.hands import BatchHand, FilterHand, SourceHand, WorkHand
from typedpipes.engine.ports import Item
from typedpipes.engine.tracing import Tracing
from typedpipes.fittings import Batch, Keep
from typedpipes.flow.edge import Edge
from typedpipes.flow.tracks import Hand, TracedItems
from typedpipes.processor import Processor
from typedpipes.source import Source


def hands_of(blueprint: Blueprint, tracing: Tracing | None) -> Mapping[str, Hand]:
    """Return the hands of the nodes, by name: none if the run is not traced.

    Between the requests and the replies of an exchange there are none: there, items are known by
    their requests.

    Args:
        blueprint: what is run.
        tracing: makes the spans.
    """
    if tracing is None:
        return {}
    failing = {spec.start for spec in blueprint.edges if spec.failures}
    return {
        drawn.name: _hand(drawn, tracing, tells=drawn.outcomes or drawn.name in failing)
        for drawn in blueprint.nodes
        if not drawn.exchange
    }


def _hand(drawn: NodeSpec, tracing: Tracing, *, tells: bool) -> Hand:
    match drawn.part:
        case Source() if not tracing.by_slice:
            return SourceHand(drawn.name, tracing)
        case Processor():
            return WorkHand(drawn.name, tracing, tells=tells)
        case Keep():
            return FilterHand()
        case Batch():
            return BatchHand()
        case _:
            return Hand()


def track(
    blueprint: Blueprint, hands: Mapping[str, Hand], incoming: Mapping[str, Sequence[Edge[Item]]]
) -> None:
    """Have the edges know where their items come from, and tell the hands that take them.

    Args:
        blueprint: what is run.
        hands: those of its nodes.
        incoming: the edges that lead to each node.
    """
    forks = Counter((spec.start, spec.failures) for spec in blueprint.edges)
    copies = Counter((spec.start, spec.failures, spec.way) for spec in blueprint.edges)
    for drawn in blueprint.nodes if hands else ():
        end = hands.get(drawn.name)
        if end is None:
            continue
        for place, spec in enumerate(drawn.inputs):
            forks_off = forks[spec.start, spec.failures] > 1  # then the fork has marked the item
            incoming[drawn.name][place].items = TracedItems(
                None if forks_off else hands.get(spec.start),
                end,
                is_part=place > 0 and drawn.how in ("zip", "rejoin"),
                joined=copies[spec.start, spec.failures, spec.way] > 1 or drawn.how == "zip",
            )
