"""What lies between the requests and the replies of each exchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from attrs import evolve

from typedpipes.blueprint import NodeSpec
from typedpipes.errors import WiringError
from typedpipes.exchange import Replies
from typedpipes.fittings import Keep, Relay, Split
from typedpipes.fold import is_folded
from typedpipes.processor import Processor


def enclose(nodes: Sequence[NodeSpec]) -> tuple[Sequence[NodeSpec], Sequence[WiringError]]:
    """Mark the nodes that lead from the requests of an exchange to its replies.

    Args:
        nodes: from upstream to downstream.

    Returns:
        The marked nodes, and an error for each that would mix up requests.
    """
    errors: list[WiringError] = []
    exchanges: dict[str, str] = {}
    for end in nodes:
        if isinstance(end.part, Replies):
            start = next(node for node in nodes if node.part is end.part.requests)
            inside = _descendants(start, nodes) & _ancestors(end, nodes)
            exchanges |= dict.fromkeys(inside, start.name)
            errors += _mixed(start, end, [node for node in nodes if node.name in inside])
    return [
        evolve(node, exchange=exchanges[node.name]) if node.name in exchanges else node
        for node in nodes
    ], errors


def _descendants(start: NodeSpec, nodes: Sequence[NodeSpec]) -> AbstractSet[str]:
    found = {start.name}
    for node in nodes:
        if _follows(node, found):
            found.add(node.name)
    return found


def _ancestors(end: NodeSpec, nodes: Sequence[NodeSpec]) -> AbstractSet[str]:
    found = {end.name}
    for node in reversed(nodes):
        if node.name in found:
            found.update(edge.start for edge in node.inputs)
    return found


def _mixed(start: NodeSpec, end: NodeSpec, inside: Sequence[NodeSpec]) -> Iterator[WiringError]:
    names = {node.name for node in inside}
    if end.name not in names:
        given = end.inputs[0].start
        yield WiringError(
            f"the replies of the exchange {start.name!r} come from {given!r}, which no request "
            "leads to. Have the segment return a joint that follows the one it is given.",
            nodes=[start.name, given],
        )
    for node in inside:
        for edge in node.inputs:
            if edge.start not in names:
                yield WiringError(
                    f"in the exchange {start.name!r}, the {node.how} before {node.name!r} also "
                    f"takes from {edge.start!r}, which belongs to no request. Look it up in a "
                    "processor, or put it into the request.",
                    nodes=[start.name, node.name, edge.start],
                )
        if node is not start and node is not end and not _keeps_apart(node):
            yield WiringError(
                f"in the exchange {start.name!r}, {node.name!r} makes one item of several, which "
                "may be of different requests. Leave it out of the segment, or let it end a "
                "branch that does not lead to the replies.",
                nodes=[start.name, node.name],
                culprit=node.name,
            )


def _keeps_apart(node: NodeSpec) -> bool:
    """Whether each item that a node gives is of one request."""
    if isinstance(node.part, Processor):
        return not is_folded(node.part.coro)
    return isinstance(node.part, Keep | Split | Relay)


def beyond(nodes: Sequence[NodeSpec]) -> Mapping[str, AbstractSet[str]]:
    """Return the names of the nodes beyond each that may have several items of one request.

    Args:
        nodes: from upstream to downstream, marked.
    """
    several: set[str] = set()
    for node in nodes:
        if node.exchange and (_multiplies(node) or _follows(node, several)):
            several.add(node.name)
    return {
        node.name: _descendants(node, nodes) - {node.name} for node in nodes if node.name in several
    }


def _follows(node: NodeSpec, others: AbstractSet[str]) -> bool:
    return any(edge.start in others for edge in node.inputs)


def _multiplies(node: NodeSpec) -> bool:
    """Whether several items may come out of a node for one request."""
    return node.how == "merge" or (
        isinstance(node.part, Processor) and node.part.kind == "generator"
    )
