"""The metrics of a run, whatever they are for: their names, and their values in its gauges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from typedpipes.gauges import EdgeGauges, Gauges
from typedpipes.gauges.snapshot import RUN_STATES

Kind: TypeAlias = Literal["count", "level", "gauge"]
"""A `count` only grows in a run. A `level` makes sense as a sum over edges or processors; a `gauge`
does not."""

Value: TypeAlias = tuple[str, tuple[str, ...], float]
"""The key of a metric, the values of its labels, and its own."""


@frozen
class Metric:
    """A metric of a run.

    Attributes:
        kind: how its values are to be taken.
        key: its name in Prometheus, without the prefix.
        name: its name in OpenTelemetry.
        unit: its unit there, in UCUM; what is counted is in braces.
        what: what it says.
        labels: what tells its values apart, beside the plumber, by the names in Prometheus.
    """

    kind: Kind
    key: str
    name: str
    unit: str
    what: str
    labels: tuple[str, ...] = ()


def _metric(kind: Kind, key: str, name: str, unit: str, what: str, *labels: str) -> Metric:
    return Metric(kind, key, f"typedpipes.{name}", unit, what, labels)


METRICS: Final[Sequence[Metric]] = (
    _metric(
        "count",
        "processor_items",
        "processor.items",
        "{item}",
        "items by what became of them",
        "processor",
        "outcome",
    ),
    _metric(
        "count",
        "processor_received",
        "processor.received",
        "{item}",
        "items taken, or made by a source",
        "processor",
    ),
    _metric(
        "count", "processor_emitted", "processor.emitted", "{item}", "items given", "processor"
    ),
    _metric(
        "count",
        "processor_time_seconds",
        "processor.time",
        "s",
        "time of a worker, by state",
        "processor",
        "state",
    ),
    _metric(
        "count",
        "processor_exceptions",
        "processor.exceptions",
        "{exception}",
        "exceptions raised",
        "processor",
        "error_type",
    ),
    _metric(
        "level",
        "processor_in_flight",
        "processor.in_flight",
        "{item}",
        "items in progress",
        "processor",
    ),
    _metric(
        "level",
        "processor_workers",
        "processor.workers",
        "{worker}",
        "items that may be in progress",
        "processor",
    ),
    _metric("level", "edge_items", "edge.items", "{item}", "items that wait", "edge"),
    _metric("level", "edge_limit", "edge.limit", "{item}", "the most items that may wait", "edge"),
    _metric("gauge", "run_state", "run.state", "1", "1 for the state that the run is in", "state"),
    _metric("gauge", "run_wedged", "run.wedged", "1", "1 if nothing can move any more"),
    _metric("gauge", "run_duration_seconds", "run.duration", "s", "how long the run has taken"),
    _metric(
        "count", "run_dooms", "run.dooms", "{doom}", "what was put into the doomsday queue", "mode"
    ),
    _metric(
        "count", "loop_busy_seconds", "loop.time", "s", "time in which the event loop was busy"
    ),
    _metric("gauge", "snapshot_age_seconds", "snapshot.age", "s", "how old all this is"),
)
"""All of them, in the order in which they are shown."""


def values(gauges: Gauges, age: float) -> Iterator[Value]:
    """Yield the values of all metrics in a snapshot.

    Args:
        gauges: the snapshot.
        age: how old it is, in seconds.
    """
    yield from _of_processors(gauges)
    yield from _of_run(gauges)
    yield "snapshot_age_seconds", (), age


def _of_processors(gauges: Gauges) -> Iterator[Value]:
    for each in gauges.processors:
        name = each.name
        for outcome in ("completed", "failed", "dropped", "interrupted"):
            yield "processor_items", (name, outcome), getattr(each, outcome)
        for state in ("busy", "idle", "backpressured", "paused"):
            yield "processor_time_seconds", (name, state), getattr(each, state)
        for kind, count in each.raised.items():
            yield "processor_exceptions", (name, kind), count
        yield "processor_received", (name,), each.received
        yield "processor_emitted", (name,), each.emitted
        yield "processor_in_flight", (name,), each.in_flight
        yield "processor_workers", (name,), each.workers


def _of_run(gauges: Gauges) -> Iterator[Value]:
    for name, edge in zip(_names(gauges.edges), gauges.edges, strict=True):
        yield "edge_items", (name,), edge.items
        if edge.limit is not None:
            yield "edge_limit", (name,), edge.limit
    for state in RUN_STATES:
        yield "run_state", (state,), state == gauges.state
    for mode, count in Counter(doom.mode for doom in gauges.dooms).items():
        yield "run_dooms", (mode,), count
    yield "run_wedged", (), gauges.wedge is not None
    yield "run_duration_seconds", (), gauges.duration
    yield "loop_busy_seconds", (), gauges.loop_busy


def _names(edges: Sequence[EdgeGauges]) -> Iterator[str]:
    """Yield a name for each edge; two may join the same nodes, as those of a zip."""
    seen: Counter[str] = Counter()
    for edge in edges:
        seen[edge.name] += 1
        yield edge.name if seen[edge.name] == 1 else f"{edge.name} ({seen[edge.name]})"
