"""From a blueprint to the nodes of one run, with fresh buffers between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.blueprint.enclosed import beyond
from typedpipes.engine.asked import (
    AskedCalls,
    AskedGeneratorNode,
    asked_key,
    asked_sort,
    asked_test,
)
from typedpipes.engine.asked_offloading import AskedOffloadNode
from typedpipes.engine.batch import BatchNode
from typedpipes.engine.calls import Calls, TimedCalls
from typedpipes.engine.filter import FilterNode
from typedpipes.engine.folding import FoldNode
from typedpipes.engine.generator import GeneratorNode
from typedpipes.engine.idle import IdleFeedSource, Idleness
from typedpipes.engine.keys import Keys
from typedpipes.engine.lanes import Lanes
from typedpipes.engine.node import Node
from typedpipes.engine.offloading import OffloadNode
from typedpipes.engine.parallel import ParallelNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.read import ReadNode
from typedpipes.engine.relay import CollectNode, RelayNode
from typedpipes.engine.replies import ReplyNode
from typedpipes.engine.results import Bag, Line, Results
from typedpipes.engine.rig import RigSource
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.serial import SerialNode, SinkNode
from typedpipes.engine.sources import AsyncSource, FeedSource, IterableSource
from typedpipes.engine.split import SplitNode
from typedpipes.engine.thread import ThreadNode
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
from typedpipes.flow.zip import Zip
from typedpipes.fold import is_folded
from typedpipes.offload.job import job_of
from typedpipes.processor import Processor, calls_of
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
    blueprint: Blueprint, runtime: Runtime, errors: Sequence[TypedpipesError]
) -> Sequence[Node]:
    """Make the nodes of a run, from upstream to downstream.

    Args:
        blueprint: what is run.
        runtime: what the run provides to them.
        errors: why it has failed so far, for what uses a queue of the run.

    Raises:
        RunStateError: a feed serves in another run.
    """
    for drawn in blueprint.nodes:
        if isinstance(drawn.part, Feed):
            refuse_if_serving(drawn.part)
    idleness = Idleness(blueprint)
    incoming, outgoing = _edges(blueprint, idleness)

    def node(drawn: NodeSpec) -> Node:
        name = drawn.name
        asked = bool(drawn.exchange)
        outputs = _outputs(outgoing[name, False], asked=asked)
        if isinstance(drawn.part, Source):
            return _source(drawn.part, name, outputs, runtime, errors, idleness)
        ports = Ports(
            name,
            _inputs(drawn, incoming[name]),
            outputs,
            _outputs(outgoing[name, True], asked=asked),
            outcomes=drawn.outcomes,
            leaves_gaps=drawn.leaves_gaps,
            passes_gaps=any(spec.gaps == "pass" for spec in drawn.inputs),
            asked=asked,
        )
        if isinstance(drawn.part, Reader):
            return ReadNode(drawn.part, ports, runtime, errors)
        if isinstance(drawn.part, Replies):
            return ReplyNode(drawn.part, ports, runtime, errors, beyond(blueprint.nodes))
        if isinstance(drawn.part, Split):
            ways = [spec.way for spec in blueprint.edges if spec.start == name]
            sort = asked_sort(drawn.part.sort) if asked else drawn.part.sort
            return SplitNode(sort, ways, ports, runtime)
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


def _outputs(edges: Sequence[Edge[Item]], *, asked: bool) -> Outputs[Item]:
    if not edges:
        return NOWHERE
    if len(edges) == 1:
        return edges[0]
    return RequestFork(edges) if asked else Fork(edges)


def _stage(
    part: Processor[Item, Item] | Keep[Item] | Batch | Relay | Collector[Item],
    ports: Ports,
    runtime: Runtime,
) -> Node:
    match part:
        case Processor() as processor:
            return _processor(processor, ports, runtime)
        case Keep() as keep:
            test = asked_test(keep.test, ports) if ports.asked else keep.test
            return FilterNode(test, ports, runtime)
        case Batch() as batch:
            return BatchNode(batch, ports, runtime)
        case Relay():
            return RelayNode(ports, runtime)
        case Collector() as collector:
            return CollectNode(collector, ports, runtime)


def _processor(processor: Processor[Item, Item], ports: Ports, runtime: Runtime) -> Node:
    if is_folded(processor.coro):
        return FoldNode(processor.coro, ports, runtime)
    workers, asked = processor.workers, ports.asked
    keys = _keys(processor, ports)
    job = job_of(processor.coro)
    if job is not None and keys is None:
        offload = AskedOffloadNode if asked else OffloadNode
        return offload(job, processor, ports, runtime)
    calls: Calls = calls_of(processor)
    equipment = runtime.resources.equipment(processor.coro, ports.name)
    results = _results(processor, ports)
    if processor.kind == "generator":
        generator = AskedGeneratorNode if asked else GeneratorNode
        return generator(
            calls, workers, results, keys, processor.timeout, ports, runtime, equipment
        )
    if processor.timeout is not None:
        calls = TimedCalls(calls, processor.timeout, ports.name)
    if asked:
        calls = AskedCalls(calls, ports.name)
    if workers == 1 and equipment is None:
        kind = SerialNode if ports.outputs.edges else SinkNode
        return kind(calls, ports, runtime)
    return ParallelNode(calls, workers, results, keys, ports, runtime, equipment)


def _keys(processor: Processor[Item, Item], ports: Ports) -> Keys | None:
    if processor.key is None or processor.workers == 1:
        return None
    return Keys(asked_key(processor.key) if ports.asked else processor.key, processor.window)


def _results(processor: Processor[Item, Item], ports: Ports) -> Results:
    if not processor.ordered or processor.workers == 1:
        return Bag()
    window = processor.window
    share = max(window // processor.workers, 1) if processor.kind == "generator" else 1
    # Only a zip needs the requests themselves in order.
    lines = Lanes if ports.asked and not ports.leaves_gaps else Line
    places = processor.workers if processor.kind == "generator" else window
    return lines(places, share)
