"""What a live drawing shows of a run, as plain data: a snapshot, and what changed since another.

A snapshot has the names of nodes and edges that the drawing has as `data-node` and `data-edge`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypedDict, cast

from typedpipes.blueprint import Blueprint
from typedpipes.gauges import EdgeGauges, Gauges, ProcessorGauges, ProcessorRates
from typedpipes.gauges.snapshot import Kind, RunState, State
from typedpipes.show.picture import printable

_MEMORY: Final = 8
"""How many looks a rate is computed over."""

_HALF: Final = 0.5
"""The share of the time from which on a node does something most of the time."""

_SOME: Final = 0.2
"""The share from which on it is called busy if it does nothing most of the time."""

_CLEARLY: Final = 0.2
"""By how much a share has to be larger than that of what a node did before."""

_BEFORE_ALL: Final = Gauges("", "not begun", began=-1.0)
"""Is of another run than any gauges, so that what they say counts from its beginning."""


class NodeSnapshot(TypedDict):
    """What one node does: as in `ProcessorGauges`, but for what is listed here.

    Attributes:
        mostly: what it does most of the time. It stays what it was as long as nothing else has a
            share that is clearly larger, because two that are nearly the same would flicker.
        busy: the share of the time, from 0 to 1, as in `ProcessorRates`; and so the next three.
        rate: items taken a second, whatever becomes of them; of a source, made.
        failing: items failed a second.
        total: how many items a source has, if that is known.
    """

    kind: Kind
    state: State
    mostly: State
    received: int
    completed: int
    failed: int
    dropped: int
    interrupted: int
    emitted: int
    in_flight: int
    workers: int
    busy: float
    idle: float
    backpressured: float
    paused: float
    rate: float
    failing: float
    raised: Mapping[str, int]
    total: int | None


class EdgeSnapshot(TypedDict):
    """What is in one edge.

    Attributes:
        start: the node that gives; empty for what is put into a feed.
        end: the node that takes.
        items: how many wait.
        limit: how many may; `None` for a feed without a bound.
        failures: whether it takes the failures of `start`.
        rate: items that leave it a second.
    """

    start: str
    end: str
    items: int
    limit: int | None
    failures: bool
    rate: float


class DoomSnapshot(TypedDict):
    """A doom, by what it says."""

    mode: str
    reason: str


class Snapshot(TypedDict):
    """What a run does.

    Attributes:
        plumber: its name.
        run: tells runs apart.
        state: where the run is.
        duration: in seconds.
        loop_busy: the share of the time in which the event loop was busy.
        verdict: what holds it up, if something does.
        wedged: whether nothing can move any more.
        inside: how many items are in it, in edges and in progress.
        dooms: all of them.
        nodes: by name, from upstream to downstream.
        edges: by name, such as `a -> b`; a second one of that name is `a -> b (2)`.
    """

    plumber: str
    run: float
    state: RunState
    duration: float
    loop_busy: float
    verdict: str | None
    wedged: bool
    inside: int
    dooms: Sequence[DoomSnapshot]
    nodes: Mapping[str, NodeSnapshot]
    edges: Mapping[str, EdgeSnapshot]


class Snapshots:
    """Makes a snapshot of gauges, with rates over the last looks.

    Args:
        blueprint: what is run.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._drawn = {node.name: node for node in blueprint.nodes}
        self._earlier: deque[Gauges] = deque(maxlen=_MEMORY)
        self._mostly: dict[str, State] = {}

    def take(self, gauges: Gauges) -> Snapshot:
        """Return what gauges say; take those of one run in the order in which they were taken.

        Rates are since the beginning of the run as long as there are no earlier gauges, and 0 once
        the run is over.
        """
        earlier = self._earlier[0] if self._earlier else _BEFORE_ALL
        if gauges.is_over:
            earlier = gauges
        rates = gauges.since(earlier)
        self._earlier.append(gauges)
        of = {each.name: each for each in rates.processors}
        return Snapshot(
            plumber=printable(gauges.plumber),
            run=gauges.began,
            state=gauges.state,
            duration=round(gauges.duration, 1),
            loop_busy=round(rates.loop_busy, 2),
            verdict=rates.verdict,
            wedged=gauges.wedge is not None,
            inside=_inside(gauges),
            dooms=[
                DoomSnapshot(mode=doom.mode, reason=printable(doom.reason)) for doom in gauges.dooms
            ],
            nodes={
                printable(each.name): self._node(each, of[each.name]) for each in gauges.processors
            },
            edges=dict(self._edges(gauges.edges, of)),
        )

    def forget(self) -> None:
        """Forget all looks: the next one is a first one."""
        self._earlier.clear()
        self._mostly.clear()

    def _node(self, gauges: ProcessorGauges, rates: ProcessorRates) -> NodeSnapshot:
        mostly = _mostly(gauges.state, rates, self._mostly.get(gauges.name))
        self._mostly[gauges.name] = mostly
        return NodeSnapshot(
            kind=gauges.kind,
            state=gauges.state,
            mostly=mostly,
            received=gauges.received,
            completed=gauges.completed,
            failed=gauges.failed,
            dropped=gauges.dropped,
            interrupted=gauges.interrupted,
            emitted=gauges.emitted,
            in_flight=gauges.in_flight,
            workers=gauges.workers,
            busy=round(rates.busy, 2),
            idle=round(rates.idle, 2),
            backpressured=round(rates.backpressured, 2),
            paused=round(rates.paused, 2),
            rate=_rounded(rates.received),
            failing=_rounded(rates.failed),
            raised=dict(gauges.raised),
            total=self._drawn[gauges.name].total,
        )

    def _edges(
        self, edges: Sequence[EdgeGauges], rates: Mapping[str, ProcessorRates]
    ) -> Iterator[tuple[str, EdgeSnapshot]]:
        seen: Counter[str] = Counter()
        for edge in edges:
            name = printable(edge.name)
            seen[name] += 1
            shown = EdgeSnapshot(
                start=printable(edge.start),
                end=printable(edge.end),
                items=edge.items,
                limit=edge.limit,
                failures=edge.failures,
                rate=_rounded(self._flow(edge, rates)),
            )
            yield name if seen[name] == 1 else f"{name} ({seen[name]})", shown

    def _flow(self, edge: EdgeGauges, rates: Mapping[str, ProcessorRates]) -> float:
        """Return how many items leave an edge a second: what its reader takes, if it takes no more.

        What goes into a merge is not told apart there, but where it comes from.
        """
        if edge.failures:
            return rates[edge.start].failed
        if edge.start and self._drawn[edge.end].how in ("merge", "rejoin"):
            return rates[edge.start].emitted
        return rates[edge.end].received


def _mostly(now: State, rates: ProcessorRates, before: State | None) -> State:
    """Return what a node does most of the time."""
    if now in ("ended", "paused"):
        return now
    shares: dict[State, float] = {
        "busy": rates.busy,
        "backpressured": rates.backpressured,
        "paused": rates.paused,
        "idle": rates.idle,
    }
    mostly: State = "busy" if rates.busy >= _SOME else "idle"
    for state, share in shares.items():
        if share > _HALF:
            mostly = state
    if before is None or before in ("ended", "paused"):
        return mostly
    return mostly if shares[mostly] >= shares[before] + _CLEARLY else before


def _inside(gauges: Gauges) -> int:
    """Count what is in edges and in progress; of what a fork holds, each copy."""
    waiting = sum(edge.items for edge in gauges.edges)
    return waiting + sum(node.in_flight for node in gauges.processors)


def _rounded(rate: float) -> float:
    """Keep three digits, so that what hardly changes does not change."""
    return float(f"{max(rate, 0.0):.3g}")


def changes(earlier: Mapping[str, object], later: Mapping[str, object]) -> Mapping[str, object]:
    """Return a JSON Merge Patch (RFC 7396) that turns one into the other, if both are JSON.

    Only values of mappings inside mappings are compared one by one; anything else is sent whole.

    >>> changes({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 5, "d": 3}})
    {'b': {'c': 5}}
    >>> changes({"a": 1, "b": 2}, {"b": 2})
    {'a': None}
    """
    patch: dict[str, object] = {name: None for name in earlier if name not in later}
    for name, value in later.items():
        before = earlier.get(name)
        if value == before:
            continue
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            # cast: the keys of JSON are strings
            patch[name] = changes(
                cast("Mapping[str, object]", before), cast("Mapping[str, object]", value)
            )
        else:
            patch[name] = value
    return patch
