"""From nodes as drawn to a checked blueprint, or to everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.blueprint.alignment import align
from typedpipes.blueprint.enclosed import enclose
from typedpipes.errors import WiringError, WiringErrors
from typedpipes.exchange import Replies
from typedpipes.fittings import Collector, Reader, Split
from typedpipes.processor import Processor, Sink
from typedpipes.source import Source

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")

_AROUND = (
    "Have a Sink put what has to go round into a Feed(ends_when_idle=True), which ends when "
    "nothing is left. 'Items that go round again' in docs/guide.md has one."
)


def finish(name: str, nodes: Sequence[NodeSpec], errors: Sequence[WiringError] = ()) -> Blueprint:
    """Check the nodes, sort them from upstream to downstream, and mark what keeps zips aligned.

    Args:
        name: the name of the plumber.
        nodes: the nodes as drawn, in any order.
        errors: what was found wrong while the nodes were made.

    Raises:
        WiringErrors: there are errors, or the graph is wrong.
    """
    found = [*errors]
    if not nodes:
        found.append(
            WiringError(f"{name!r} has nothing to run. Connect a source to a processor first.")
        )
    found += _loose_ends(nodes)
    try:
        order = list(
            TopologicalSorter(
                {node.name: [edge.start for edge in node.inputs] for node in nodes}
            ).static_order()
        )
    except CycleError as error:
        found.append(_cycle(error.args[1]))
        raise WiringErrors(name, found) from None
    by_name = {node.name: node for node in nodes}
    enclosed, mixed = enclose([by_name[each] for each in order])
    marked, misaligned = align(enclosed)
    if found or mixed or misaligned:
        raise WiringErrors(name, [*found, *mixed, *misaligned])
    return Blueprint(name, marked)


def ready_for_failures(blueprint: Blueprint) -> Blueprint:
    """Mark what keeps zips aligned if any item may fail without ending the run at once.

    Raises:
        WiringErrors: a zip could not keep its pairs.
    """
    marked, misaligned = align(blueprint.nodes, all_may_fail=True)
    if misaligned:
        raise WiringErrors(blueprint.name, misaligned)
    return Blueprint(blueprint.name, marked)


def _loose_ends(nodes: Sequence[NodeSpec]) -> Iterator[WiringError]:
    givers = {edge.start for node in nodes for edge in node.inputs if not edge.failures}
    for node in nodes:
        if not node.inputs and not isinstance(node.part, Source):
            yield WiringError(
                f"the input of {node.name!r} comes from nowhere. "
                "Connect a source, a processor or a joint to it.",
                nodes=[node.name],
            )
        if node.name in givers and isinstance(node.part, Sink) and not node.outcomes:
            takers = [
                each.name
                for each in nodes
                for edge in each.inputs
                if edge.start == node.name and not edge.failures
            ]
            yield WiringError(
                f"the sink {node.name!r} is connected to {takers[0]!r}, but a sink gives nothing. "
                "Make it a Processor.",
                nodes=[node.name, *takers],
            )
        if isinstance(node.part, Split):
            yield from _loose_ways(node.name, node.part, nodes)
        elif node.name not in givers and not isinstance(
            node.part, Sink | Collector | Reader | Replies
        ):
            way_out = (
                "Connect it to a processor, collect or read it, or make it a Sink."
                if isinstance(node.part, Processor)
                else "Connect it to a processor, or collect or read it."
            )
            yield WiringError(
                f"the output of {node.name!r} goes nowhere. {way_out}", nodes=[node.name]
            )


def _loose_ways(name: str, split: Split, nodes: Sequence[NodeSpec]) -> Iterator[WiringError]:
    used = {edge.way for node in nodes for edge in node.inputs if edge.start == name}
    for way in range(split.ways):
        if way not in used:
            yield WiringError(
                f"the {_ORDINALS[way]} way of {name!r} goes nowhere. "
                "Connect it to a processor, or collect or read it.",
                nodes=[name],
            )


def _cycle(names: Sequence[str]) -> WiringError:
    around = " -> ".join(repr(name) for name in names)
    return WiringError(
        f"the graph goes in a circle: {around}. An item would never leave it. {_AROUND}",
        nodes=names,
    )
