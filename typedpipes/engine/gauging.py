"""Taking the gauges of a run: what its nodes and edges say now, in numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic, thread_time
from typing import Final, NamedTuple, TypeAlias

from attrs import evolve

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec
from typedpipes.engine.life import ENDED, PAUSED
from typedpipes.engine.lulls import FOR_ROOM
from typedpipes.engine.node import Node
from typedpipes.engine.ports import Item
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sources import FeedSource
from typedpipes.engine.stage import StageNode
from typedpipes.engine.wedge import find_wedge
from typedpipes.fittings import Collector, Reader
from typedpipes.flow.edge import Edge
from typedpipes.gauges import EdgeGauges, Gauges, ProcessorGauges
from typedpipes.gauges.snapshot import Kind, RunState, State
from typedpipes.processor import Processor
from typedpipes.queues import Doom
from typedpipes.source import Feed, Source


class Gauging:
    """Takes the gauges of a run, in its thread.

    Args:
        blueprint: what is run.
        nodes: its nodes, in the same order.
        runtime: what the run provides to them.
    """

    def __init__(self, blueprint: Blueprint, nodes: Sequence[Node], runtime: Runtime) -> None:
        self._blueprint = blueprint
        self._nodes = nodes
        self._kinds: Sequence[Kind] = [kind_of(drawn) for drawn in blueprint.nodes]
        self._parts = [drawn.part for drawn in blueprint.nodes]
        self._feeds = [node for node in nodes if isinstance(node, FeedSource)]
        self._drawn: Sequence[_Drawn] = [*_drawn_edges(blueprint)]
        self._edges: Sequence[Edge[Item]] = [*_edges_between(nodes)]
        # Not the runtime itself, which refers to the run.
        self._began = runtime.began
        self._home = runtime.home
        self._raised = runtime.raised
        self._computed_before = thread_time()
        self._log = runtime.log
        self._told: str | None = None  # of a wedge
        self._last: Gauges | None = None

    def finish(self) -> None:
        """Keep the gauges as they are now, and let go of the nodes: the run is over."""
        self._last = self.gauges("running", ())
        self._nodes, self._feeds, self._drawn, self._edges = (), [], (), ()

    def gauges(self, state: RunState, dooms: Sequence[Doom]) -> Gauges:
        """Return the gauges now.

        Args:
            state: where the run is.
            dooms: what was put up to now.
        """
        if self._last is not None:
            return evolve(self._last, state=state, dooms=tuple(dooms))
        now = monotonic()
        duration = now - self._began
        raised = _by_node(self._raised)
        processors = [
            _processor(node, kind, now, duration, raised)
            for node, kind in zip(self._nodes, self._kinds, strict=True)
        ]
        return Gauges(
            self._blueprint.name,
            state,
            self._began,
            duration,
            self._loop_busy(processors, duration),
            self._wedge(),
            processors,
            [
                EdgeGauges._make(
                    (drawn.start, drawn.end, drawn.maxsize, len(edge.items), drawn.failures)
                )
                for drawn, edge in zip(self._drawn, self._edges, strict=True)
            ],
            tuple(dooms),
            self._parts,
        )

    def _wedge(self) -> str | None:
        """Return who waits for whom if nothing can move, and tell the log once."""
        wedge = find_wedge(self._blueprint, self._nodes, self._feeds)
        if wedge is not None and wedge != self._told:
            self._log.wedged(wedge)
            self._told = wedge
        return wedge

    def _loop_busy(self, processors: Sequence[ProcessorGauges], duration: float) -> float:
        """Return for how long the event loop was busy.

        Its thread's own clock has all that it computed. But a call that blocks keeps it without
        computing, which the nodes have measured.
        """
        kept = sum([each.computing for each in processors])
        here = self._home.is_here()
        computed = thread_time() - self._computed_before if here else 0.0
        return min(max(kept, computed), duration)


def not_begun(blueprint: Blueprint) -> Gauges:
    """Return the gauges of a run that has not begun."""
    processors = [
        ProcessorGauges(drawn.name, kind_of(drawn), workers=getattr(drawn.part, "workers", 1))
        for drawn in blueprint.nodes
    ]
    parts = [drawn.part for drawn in blueprint.nodes]
    edges = [
        EdgeGauges(drawn.start, drawn.end, drawn.maxsize, failures=drawn.failures)
        for drawn in _drawn_edges(blueprint)
    ]
    return Gauges(blueprint.name, "not begun", 0.0, 0.0, 0.0, None, processors, edges, (), parts)


def _processor(
    node: Node, kind: Kind, now: float, duration: float, raised: Mapping[str, Mapping[str, int]]
) -> ProcessorGauges:
    received, completed, failed, dropped, interrupted, in_flight, _, emitted, _ = node.tally()
    busy, backpressured, paused = node.spent(now)
    idle = duration - busy - backpressured - paused
    numbers = (
        node.name,
        kind,
        _state(node),
        received,
        completed,
        failed,
        dropped,
        interrupted,
        in_flight,
        emitted,
        node.workers,
        busy,
        idle if idle > 0 else 0.0,
        backpressured,
        paused,
        node.computed(),
        raised.get(node.name, _NONE) if raised else _NONE,
    )
    return ProcessorGauges._make(numbers)


_NONE: Final[Mapping[str, int]] = {}


def _by_node(raised: Mapping[tuple[str, str], int]) -> Mapping[str, Mapping[str, int]]:
    by_node: dict[str, dict[str, int]] = defaultdict(dict)
    for (name, kind), count in raised.items():
        by_node[name][kind] = count
    return by_node


def kind_of(drawn: NodeSpec) -> Kind:
    """Return what a node is."""
    match drawn.part:
        case Source():
            return "source"
        case Processor():
            return "processor"
        case Collector():
            return "collector"
        case Reader():
            return "reader"
        case _:
            return "fitting"


def _state(node: Node) -> State:
    if node.life is ENDED:
        return "ended"
    if node.is_at_work():
        return "busy"
    if node.life is PAUSED:
        return "paused"
    return "backpressured" if node.wait is FOR_ROOM else "idle"


class _Into(NamedTuple):
    """The edge that leads into a feed, which no blueprint has."""

    end: str
    maxsize: int | None
    start: str = ""
    failures: bool = False


_Drawn: TypeAlias = EdgeSpec | _Into


def _drawn_edges(blueprint: Blueprint) -> Iterator[_Drawn]:
    """Yield the edges as they are drawn, in the order of the nodes that they lead to."""
    for drawn in blueprint.nodes:
        if isinstance(drawn.part, Feed):
            yield _Into(drawn.name, drawn.part.maxsize)
        yield from drawn.inputs


def _edges_between(nodes: Sequence[Node]) -> Iterator[Edge[Item]]:
    """Yield the edges themselves, in the same order."""
    for node in nodes:
        if isinstance(node, StageNode):
            yield from node.inputs.edges
