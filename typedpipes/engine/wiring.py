"""From a blueprint to the nodes of one run, with fresh buffers between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from attrs import evolve

from typedpipes.blueprint import Blueprint
from typedpipes.blueprint import Node as Drawn
from typedpipes.engine.filled import FromFeed, FromRig
from typedpipes.engine.node import Life, Node
from typedpipes.engine.origin import FromAsyncIterable, FromIterable, Spring
from typedpipes.engine.passing import Batching, Collecting, Keeping, Passing, ReadOut
from typedpipes.engine.place import Item, Place
from typedpipes.engine.pool import Ordered, Unordered
from typedpipes.engine.single import Ending, Forking, Giving
from typedpipes.engine.stream import Streams
from typedpipes.engine.work import Timed, Work
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay
from typedpipes.processor import Processor, calls_of
from typedpipes.queues.buffer import Buffer
from typedpipes.queues.combined import Merged, Zipped
from typedpipes.queues.intake import Intake, Single
from typedpipes.queues.outflow import Outflow
from typedpipes.source import (
    Feed,
    InputRig,
    Source,
    begin_to_serve,
    is_iterable,
    refuse_if_serving,
)


def build(blueprint: Blueprint, life: Life) -> Sequence[Node]:
    """Make the nodes of a run, from upstream to downstream.

    Raises:
        RunStateError: a feed serves in another run.
    """
    for drawn in blueprint.nodes:
        if isinstance(drawn.part, Feed):
            refuse_if_serving(drawn.part)
    incoming: dict[str, list[Buffer[Item]]] = defaultdict(list)
    outgoing: dict[tuple[str, bool], list[Buffer[Item]]] = defaultdict(list)
    for pipe in blueprint.pipes:
        buffer = Buffer[Item](pipe.maxsize, low=pipe.maxsize // 2)
        incoming[pipe.end].append(buffer)
        outgoing[pipe.start, pipe.failures].append(buffer)

    def node(drawn: Drawn) -> Node:
        failures = outgoing.get((drawn.name, True))
        place = Place(
            drawn.name,
            _intake(drawn, incoming[drawn.name]),
            Outflow(outgoing[drawn.name, False]),
            None if failures is None else Outflow(failures),
            drawn.keeps_gaps,
            drawn.keeps_gaps and any(pipe.gaps for pipe in drawn.inputs),
        )
        return _node(drawn, place, life)

    return [node(drawn) for drawn in blueprint.nodes]


def _intake(drawn: Drawn, buffers: Sequence[Buffer[Item]]) -> Intake[Item]:
    gaps = [number for number, pipe in enumerate(drawn.inputs) if pipe.gaps]
    match drawn.how:
        case "none":
            return Merged(())  # the node of a source brings its own
        case "one":
            return Single(buffers[0], gappy=bool(gaps) and not drawn.keeps_gaps)
        case "zip":
            return Zipped(
                buffers,
                aligned=[number for number in gaps if number in drawn.aligned],
                gappy=[number for number in gaps if number not in drawn.aligned],
                passing=drawn.keeps_gaps,
            )
        case "merge":
            return Merged(buffers, gappy=gaps)


def _node(drawn: Drawn, place: Place, life: Life) -> Node:  # noqa: PLR0911  # one for each part
    match drawn.part:
        case Processor() as processor:
            return _processor(processor, place, life)
        case Source() as source:
            return _source(source, place, life)
        case Keep() as keep:
            return Keeping(keep.test, place, life)
        case Batch() as batch:
            return Batching(batch, place, life)
        case Relay():
            return Passing(place, life)
        case Collector() as collector:
            return Collecting(collector, place, life)
        case Reader() as reader:
            return ReadOut(reader, place, life)


def _processor(processor: Processor[Item, Item], place: Place, life: Life) -> Node:
    workers, window = processor.workers, processor.window
    work: Work = calls_of(processor)
    if processor.kind == "generator":
        return Streams(work, workers, window, processor.ordered, processor.timeout, place, life)
    if processor.timeout is not None:
        work = Timed(work, processor.timeout, place.name)
    if workers == 1:
        kinds = (Ending, Giving, Forking)
        return kinds[min(len(place.outflow.buffers), 2)](work, place, life)
    if processor.ordered:
        return Ordered(work, workers, window, place, life)
    return Unordered(work, workers, place, life)


def _source(source: Source[Item], place: Place, life: Life) -> Node:
    if isinstance(source, Feed):
        outside = begin_to_serve(source, life.host)
        return FromFeed(source, evolve(place, intake=Single(outside)), life)
    spring = Spring(place.outflow)
    place = evolve(place, intake=spring)
    if isinstance(source, InputRig):
        return FromRig(source.coro, place, spring, life)
    if is_iterable(source.items):
        return FromIterable(source.items, place, spring, life)
    return FromAsyncIterable(source.items, place, spring, life)
