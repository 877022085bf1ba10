"""From a blueprint to the nodes of one run, with fresh buffers between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.blueprint.enclosed import beyond
from typedpipes.engine.asked import asked_sort, asked_test
from typedpipes.engine.batch import BatchNode
from typedpipes.engine.filter import FilterNode
from typedpipes.engine.hands import BatchHand, FilterHand
from typedpipes.engine.idle import IdleFeedSource, Idleness
from typedpipes.engine.node import Node
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.processors import processor_node
from typedpipes.engine.read import ReadNode
from typedpipes.engine.relay import CollectNode, RelayNode
from typedpipes.engine.replies import ReplyNode
from typedpipes.engine.rig import RigSource
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sources import AsyncSource, FeedSource, IterableSource
from typedpipes.engine.split import SplitNode
from typedpipes.engine.thread import ThreadNode
from typedpipes.engine.traced import (
    TracedBatchNode,
    TracedRelayNode,
    traced_sort,
    traced_test,
)
from typedpipes.engine.tracing import Tracing
from typedpipes.engine.tracking import hands_of, track
from typedpipes.errors import TypedpipesError
from typedpipes.exchange import Replies
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.flow.edge import NOWHERE, Edge
from typedpipes.flow.fork import Fork
from typedpipes.flow.inputs import Inputs
from typedpipes.flow.merge import Merge
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.rejoin import Rejoin
from typedpipes.flow.segment import RequestFork, RequestZip
from typedpipes.flow.tracks import Hand, TracedFork
from typedpipes.flow.zip import Zip
from typedpipes.processor import Processor
from typedpipes.source import (
    Feed,
    InputRig,
    Source,
    ThreadSource,
    begin_to_serve,
    is_iterable,
    refuse_if_serving,
)


def build(
    blueprint: Blueprint,
    runtime: Runtime,
    errors: Sequence[TypedpipesError],
    tracing: Tracing | None = None,
) -> Sequence[Node]:
    """Make the nodes of a run, from upstream to downstream.

    Args:
        blueprint: what is run.
        runtime: what the run provides to them.
        errors: why it has failed so far, for what uses a queue of the run.
        tracing: makes spans, if the run is traced.

    Raises:
        RunStateError: a feed serves in another run.
    """
    for drawn in blueprint.nodes:
        if isinstance(drawn.part, Feed):
            refuse_if_serving(drawn.part)
    idleness = Idleness(blueprint)
    incoming, outgoing = _edges(blueprint, idleness)
    hands = hands_of(blueprint, tracing)
    track(blueprint, hands, incoming)

    def node(drawn: NodeSpec) -> Node:
        name = drawn.name
        asked = bool(drawn.exchange)
        hand = hands.get(name)
        outputs = _outputs(outgoing[name, False], hand, asked=asked)
        if isinstance(drawn.part, Source):
            return _source(drawn.part, name, outputs, runtime, errors, idleness)
        ports = Ports(
            name,
            _inputs(drawn, incoming[name]),
            outputs,
            _outputs(outgoing[name, True], hand, asked=asked),
            outcomes=drawn.outcomes,
            leaves_gaps=drawn.leaves_gaps,
            passes_gaps=any(spec.gaps == "pass" for spec in drawn.inputs),
            asked=asked,
            hand=hand,
        )
        if isinstance(drawn.part, Reader):
            return ReadNode(drawn.part, ports, runtime, errors)
        if isinstance(drawn.part, Replies):
            return ReplyNode(drawn.part, ports, runtime, errors, beyond(blueprint.nodes))
        if isinstance(drawn.part, Split):
            ways = [spec.way for spec in blueprint.edges if spec.start == name]
            return SplitNode(_sort(drawn.part, ports), ways, ports, runtime)
        return _stage(drawn.part, ports, runtime)

    nodes = [node(drawn) for drawn in blueprint.nodes]
    idleness.watch(nodes)
    return nodes


_Incoming: TypeAlias = dict[str, list[Edge[Item]]]
_Outgoing: TypeAlias = dict[tuple[str, bool], list[Edge[Item]]]


def _edges(blueprint: Blueprint, idleness: Idleness) -> tuple[_Incoming, _Outgoing]:
    """Make the edges, by the nodes where they end, and by those where they start."""
    incoming: _Incoming = defaultdict(list)
    outgoing: _Outgoing = defaultdict(list)
    exchanges = {drawn.name: drawn.exchange for drawn in blueprint.nodes}
    for spec in blueprint.edges:
        leaves = exchanges[spec.start] != exchanges[spec.end]
        edge = idleness.edge(spec.maxsize, low=spec.maxsize // 2, leaves=leaves)
        incoming[spec.end].append(edge)
        outgoing[spec.start, spec.failures].append(edge)
    return incoming, outgoing


def _source(
    source: Source[Item],
    name: str,
    outputs: Outputs[Item],
    runtime: Runtime,
    errors: Sequence[TypedpipesError],
    idleness: Idleness,
) -> Node:
    if isinstance(source, Feed):
        ports = Ports(name, begin_to_serve(source, runtime.home, errors), outputs)
        if source.ends_when_idle:
            return IdleFeedSource(source, ports, runtime, idleness)
        return FeedSource(source, ports, runtime)
    if isinstance(source, InputRig):
        return RigSource(source.coro, name, outputs, runtime, errors)
    if isinstance(source, ThreadSource):
        return ThreadNode(source, name, outputs, runtime)
    if is_iterable(source.items):
        return IterableSource(source.items, name, outputs, runtime)
    return AsyncSource(source.items, name, outputs, runtime)


def _inputs(drawn: NodeSpec, edges: Sequence[Edge[Item]]) -> Inputs[Item]:
    for edge, spec in zip(edges, drawn.inputs, strict=True):
        if spec.gaps == "skip":
            edge.skip_gaps()
    gaps = [spec.gaps for spec in drawn.inputs]
    if drawn.how == "zip":
        pairs = [edge for edge, each in zip(edges, gaps, strict=True) if each in ("pair", "pass")]
        kind = RequestZip if drawn.exchange else Zip
        return kind(edges, pairs=pairs, passes="pass" in gaps)
    if drawn.how == "rejoin":
        return Rejoin(edges, passes="pass" in gaps)
    return Merge(edges, drawn.prefer) if drawn.how == "merge" else edges[0]


def _outputs(edges: Sequence[Edge[Item]], hand: Hand | None, *, asked: bool) -> Outputs[Item]:
    if not edges:
        return NOWHERE
    if len(edges) == 1:
        return edges[0]
    if hand is not None:
        return TracedFork(edges, hand)
    return RequestFork(edges) if asked else Fork(edges)


def _stage(
    part: Processor[Item, Item] | Keep[Item] | Batch | Relay | Collector[Item],
    ports: Ports,
    runtime: Runtime,
) -> Node:
    match part:
        case Processor() as processor:
            return processor_node(processor, ports, runtime)
        case Keep() as keep:
            return FilterNode(_test(keep, ports), ports, runtime)
        case Batch() as batch:
            return _batch(batch, ports, runtime)
        case Relay():
            traced = ports.hand is not None
            return (TracedRelayNode if traced else RelayNode)(ports, runtime)
        case Collector() as collector:
            return CollectNode(collector, ports, runtime)


def _batch(batch: Batch, ports: Ports, runtime: Runtime) -> Node:
    traced = isinstance(ports.hand, BatchHand)
    return (TracedBatchNode if traced else BatchNode)(batch, ports, runtime)


def _test(keep: Keep[Item], ports: Ports) -> Callable[[Item], object]:
    if isinstance(ports.hand, FilterHand):
        return traced_test(keep.test, ports.hand)
    return asked_test(keep.test, ports) if ports.asked else keep.test


def _sort(split: Split, ports: Ports) -> Callable[[Item], tuple[int, object]]:
    if ports.hand is not None:
        return traced_sort(split.sort, ports.hand)
    return asked_sort(split.sort) if ports.asked else split.sort
