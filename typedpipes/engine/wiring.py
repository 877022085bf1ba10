"""From a blueprint to the nodes of one run, with fresh buffers between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.engine.batch import BatchNode
from typedpipes.engine.calls import Calls, TimedCalls
from typedpipes.engine.filter import FilterNode
from typedpipes.engine.generator import GeneratorNode
from typedpipes.engine.idle import IdleFeedSource, Idleness
from typedpipes.engine.keys import Keys
from typedpipes.engine.node import Node
from typedpipes.engine.offloading import OffloadNode
from typedpipes.engine.parallel import ParallelNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.read import ReadNode
from typedpipes.engine.relay import CollectNode, RelayNode
from typedpipes.engine.results import Bag, Line
from typedpipes.engine.rig import RigSource
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.serial import SerialNode, SinkNode
from typedpipes.engine.sources import AsyncSource, FeedSource, IterableSource
from typedpipes.engine.split import SplitNode
from typedpipes.engine.thread import ThreadNode
from typedpipes.errors import TypedpipesError
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.flow.edge import NOWHERE, Edge
from typedpipes.flow.fork import Fork
from typedpipes.flow.inputs import Inputs
from typedpipes.flow.merge import Merge
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.rejoin import Rejoin
from typedpipes.flow.zip import Zip
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
    incoming: dict[str, list[Edge[Item]]] = defaultdict(list)
    outgoing: dict[tuple[str, bool], list[Edge[Item]]] = defaultdict(list)
    for spec in blueprint.edges:
        edge = idleness.edge(spec.maxsize, low=spec.maxsize // 2)
        incoming[spec.end].append(edge)
        outgoing[spec.start, spec.failures].append(edge)

    def node(drawn: NodeSpec) -> Node:
        name = drawn.name
        outputs = _outputs(outgoing[name, False])
        if isinstance(drawn.part, Source):
            return _source(drawn.part, name, outputs, runtime, errors, idleness)
        ports = Ports(
            name,
            _inputs(drawn, incoming[name]),
            outputs,
            _outputs(outgoing[name, True]),
            outcomes=drawn.outcomes,
            leaves_gaps=drawn.leaves_gaps,
            passes_gaps=any(spec.gaps == "pass" for spec in drawn.inputs),
        )
        if isinstance(drawn.part, Reader):
            return ReadNode(drawn.part, ports, runtime, errors)
        if isinstance(drawn.part, Split):
            ways = [spec.way for spec in blueprint.edges if spec.start == name]
            return SplitNode(drawn.part.sort, ways, ports, runtime)
        return _stage(drawn.part, ports, runtime)

    nodes = [node(drawn) for drawn in blueprint.nodes]
    idleness.watch(nodes)
    return nodes


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
        return Zip(edges, pairs=pairs, passes="pass" in gaps)
    if drawn.how == "rejoin":
        return Rejoin(edges, passes="pass" in gaps)
    return Merge(edges, drawn.prefer) if drawn.how == "merge" else edges[0]


def _outputs(edges: Sequence[Edge[Item]]) -> Outputs[Item]:
    if not edges:
        return NOWHERE
    return edges[0] if len(edges) == 1 else Fork(edges)


def _stage(
    part: Processor[Item, Item] | Keep[Item] | Batch | Relay | Collector[Item],
    ports: Ports,
    runtime: Runtime,
) -> Node:
    match part:
        case Processor() as processor:
            return _processor(processor, ports, runtime)
        case Keep() as keep:
            return FilterNode(keep.test, ports, runtime)
        case Batch() as batch:
            return BatchNode(batch, ports, runtime)
        case Relay():
            return RelayNode(ports, runtime)
        case Collector() as collector:
            return CollectNode(collector, ports, runtime)


def _processor(processor: Processor[Item, Item], ports: Ports, runtime: Runtime) -> Node:
    workers, window = processor.workers, processor.window
    keys = None if processor.key is None or workers == 1 else Keys(processor.key, window)
    job = job_of(processor.coro)
    if job is not None and keys is None:
        return OffloadNode(job, processor, ports, runtime)
    in_order = processor.ordered and workers > 1
    calls: Calls = calls_of(processor)
    equipment = runtime.resources.equipment(processor.coro, ports.name)
    if processor.kind == "generator":
        results = Line(workers, share=max(window // workers, 1)) if in_order else Bag()
        return GeneratorNode(
            calls, workers, results, keys, processor.timeout, ports, runtime, equipment
        )
    if processor.timeout is not None:
        calls = TimedCalls(calls, processor.timeout, ports.name)
    if workers == 1 and equipment is None:
        kind = SerialNode if ports.outputs.edges else SinkNode
        return kind(calls, ports, runtime)
    results = Line(window, share=1) if in_order else Bag()
    return ParallelNode(calls, workers, results, keys, ports, runtime, equipment)
