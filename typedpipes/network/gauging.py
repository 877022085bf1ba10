"""Taking the gauges of a run over a network, from what its records have told the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from time import monotonic

from attrs import evolve

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec
from typedpipes.engine.gauging import kind_of
from typedpipes.gauges import EdgeGauges, Gauges, ProcessorGauges
from typedpipes.gauges.snapshot import RunState, State
from typedpipes.network.follower import Follower
from typedpipes.network.record import Tally
from typedpipes.queues import Doom
from typedpipes.report import Counts


class Gauging:
    """Says what the stops of a run have done up to the last records that were heard of.

    What each is doing is concluded from that: it is busy if something is before it, and the time
    since the last look counts as spent so.

    Args:
        blueprint: what is run.
        followers: what is heard of each stop, by its name.
    """

    def __init__(self, blueprint: Blueprint, followers: Mapping[str, Follower]) -> None:
        self._blueprint = blueprint
        self._followers = followers
        self._began = self._looked = monotonic()
        self._spent: dict[str, dict[State, float]] = {
            node.name: defaultdict(float) for node in blueprint.nodes
        }
        self._last: Gauges | None = None

    @property
    def duration(self) -> float:
        """How long the run has taken up to now, in seconds."""
        return monotonic() - self._began

    def finish(self, counts: Sequence[Counts[object, object]]) -> None:
        """Keep the gauges as they are now, with the final counts: the run is over."""
        last = self.gauges("running", (), ())
        processors = [
            gauges._replace(
                state="ended",
                received=each.received,
                completed=each.completed,
                failed=each.failed,
                dropped=each.dropped,
                emitted=each.emitted,
            )
            for gauges, each in zip(last.processors, counts, strict=True)
        ]
        self._last = evolve(last, processors=processors)

    def gauges(
        self,
        state: RunState,
        dooms: Sequence[Doom],
        paused: Collection[str],
        wedge: str | None = None,
    ) -> Gauges:
        """Return the gauges now.

        Args:
            state: where the run is.
            dooms: what was put up to now.
            paused: the names of the stops that are paused.
            wedge: why nothing can move, if it is known.
        """
        if self._last is not None:
            return evolve(self._last, state=state, dooms=tuple(dooms))
        now = monotonic()
        since, self._looked = now - self._looked, now
        edges = [*self._edges()]
        processors: list[ProcessorGauges] = []
        for node in self._blueprint.nodes:
            doing = self._state(node, edges, paused)
            self._spent[node.name][doing] += since
            processors.append(self._processor(node, doing))
        return Gauges(
            self._blueprint.name,
            state,
            self._began,
            now - self._began,
            0.0,
            wedge,
            processors,
            edges,
            tuple(dooms),
            [node.part for node in self._blueprint.nodes],
        )

    def counts(self) -> Sequence[Counts[object, object]]:
        """Return what became of the items up to now, without those that wait."""
        return [
            Counts(
                node.name,
                received=tally.received,
                completed=tally.completed,
                failed=tally.failed,
                dropped=tally.dropped,
                emitted=tally.emitted,
            )
            for node in self._blueprint.nodes
            for tally in (self._tally(node.name),)
        ]

    def _tally(self, name: str) -> Tally:
        return self._followers[name].known_head.tally

    def _edges(self) -> Iterator[EdgeGauges]:
        for node in self._blueprint.nodes:
            for edge in node.inputs:
                inside = self._inside(edge) if node.how == "one" else 0
                yield EdgeGauges(edge.start, edge.end, edge.maxsize, inside, edge.failures)

    def _inside(self, edge: EdgeSpec) -> int:
        """Return how many items an edge holds, those in hand of what takes them included."""
        start = self._tally(edge.start)
        given = start.failed if edge.failures else start.emitted
        return max(given - self._tally(edge.end).received, 0)

    def _state(self, node: NodeSpec, edges: Sequence[EdgeGauges], paused: Collection[str]) -> State:
        if self._followers[node.name].known_head.closes:
            return "ended"
        if node.name in paused:
            return "paused"
        if node.inputs and not any(edge.items for edge in edges if edge.end == node.name):
            return "idle"
        is_full = any(edge.items == edge.limit for edge in edges if edge.start == node.name)
        return "backpressured" if is_full else "busy"

    def _processor(self, node: NodeSpec, state: State) -> ProcessorGauges:
        tally, spent = self._tally(node.name), self._spent[node.name]
        return ProcessorGauges(
            node.name,
            kind_of(node),
            state,
            received=tally.received,
            completed=tally.completed,
            failed=tally.failed,
            dropped=tally.dropped,
            emitted=tally.emitted,
            workers=getattr(node.part, "workers", 1),
            busy=spent["busy"],
            idle=spent["idle"] + spent["ended"],
            backpressured=spent["backpressured"],
            paused=spent["paused"],
        )
