"""From a processor to its node."""

from __future__ import annotations

from typedpipes.engine.asked import AskedCalls, AskedGeneratorCalls, asked_key
from typedpipes.engine.asked_offloading import AskedOffloadNode
from typedpipes.engine.calls import Calls, GeneratorCalls, TimedCalls
from typedpipes.engine.folding import FoldNode
from typedpipes.engine.generator import GeneratorNode
from typedpipes.engine.hands import WorkHand
from typedpipes.engine.keys import Keys
from typedpipes.engine.lanes import Lanes
from typedpipes.engine.node import Node
from typedpipes.engine.offloading import OffloadNode
from typedpipes.engine.parallel import ParallelNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.resources import Equipment
from typedpipes.engine.results import Bag, Line, Results
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.serial import SerialNode, SinkNode
from typedpipes.engine.traced import (
    SlicedNode,
    SlicedSinkNode,
    TracedCalls,
    TracedGeneratorCalls,
    TracedKeys,
)
from typedpipes.fold import is_folded
from typedpipes.offload.job import job_of
from typedpipes.processor import Processor, calls_of


def processor_node(processor: Processor[Item, Item], ports: Ports, runtime: Runtime) -> Node:
    """Make the node of a processor, as plain as its settings allow."""
    if is_folded(processor.coro):
        return FoldNode(processor.coro, ports, runtime)
    keys = _keys(processor, ports)
    job = job_of(processor.coro)
    if job is not None and keys is None:
        offload = AskedOffloadNode if ports.asked else OffloadNode
        return offload(job, processor, ports, runtime)
    equipment = runtime.resources.equipment(processor.coro, ports.name)
    if processor.kind == "generator":
        return _generator(processor, keys, ports, runtime, equipment)
    if processor.workers == 1 and equipment is None:
        return _serial(processor, ports, runtime)
    calls = _calls(processor, ports)
    if isinstance(ports.hand, WorkHand):
        calls = TracedCalls(calls, ports.hand)
    results = _results(processor, ports)
    return ParallelNode(calls, processor.workers, results, keys, ports, runtime, equipment)


def _calls(processor: Processor[Item, Item], ports: Ports) -> Calls:
    calls: Calls = calls_of(processor)
    if processor.timeout is not None:
        calls = TimedCalls(calls, processor.timeout, ports.name)
    return AskedCalls(calls, ports.name) if ports.asked else calls


def _serial(processor: Processor[Item, Item], ports: Ports, runtime: Runtime) -> Node:
    calls = _calls(processor, ports)
    if isinstance(ports.hand, WorkHand):
        if ports.hand.may_slice:
            sliced = SlicedNode if ports.outputs.edges else SlicedSinkNode
            return sliced(calls, ports, runtime, ports.hand)
        calls = TracedCalls(calls, ports.hand)
    return (SerialNode if ports.outputs.edges else SinkNode)(calls, ports, runtime)


def _generator(
    processor: Processor[Item, Item],
    keys: Keys | None,
    ports: Ports,
    runtime: Runtime,
    equipment: Equipment | None,
) -> Node:
    return GeneratorNode(
        _generator_calls(processor, ports),
        processor.workers,
        _results(processor, ports),
        keys,
        processor.timeout,
        ports,
        runtime,
        equipment,
    )


def _generator_calls(processor: Processor[Item, Item], ports: Ports) -> Calls:
    calls = calls_of(processor)
    if isinstance(ports.hand, WorkHand):
        return TracedGeneratorCalls(calls, ports.hand)
    return AskedGeneratorCalls(calls, ports.name) if ports.asked else GeneratorCalls(calls)


def _keys(processor: Processor[Item, Item], ports: Ports) -> Keys | None:
    if processor.key is None or processor.workers == 1:
        return None
    if ports.hand is not None:
        return TracedKeys(processor.key, processor.window, ports.hand)
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
