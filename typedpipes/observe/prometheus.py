"""The gauges of runs for Prometheus: a collector for `prometheus-client`.

It needs prometheus-client, which the extra `prometheus` brings.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from attrs import field, frozen

from typedpipes.errors import RunStateError, SettingError, WiringErrors
from typedpipes.gauges import EdgeGauges, Gauges
from typedpipes.gauges.snapshot import RUN_STATES
from typedpipes.observe.missing import missing
from typedpipes.plumber import Plumber

try:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
    from prometheus_client.metrics_core import Metric
    from prometheus_client.registry import Collector as _Collector
except ImportError as _error:
    raise missing(__name__, _error, "prometheus") from _error

PATIENCE: Final = 1.0
"""Seconds that a scrape waits for the event loop of a run."""

_PROCESSOR: Final = ("plumber", "processor")


class Collector(_Collector):
    """Collects the gauges of runs whenever they are scraped, and never in between.

        from prometheus_client import REGISTRY, start_http_server

        REGISTRY.register(Collector(plumber))
        start_http_server(9100)

    A scrape may come in any thread. Where the event loop of a run is blocked for longer than a
    second, it gets what the last scrape got, and `typedpipes_snapshot_age_seconds` says how old
    that is. Counters begin anew in each run of a plumber. No item, and nothing that is said of one,
    is in any label.

    Args:
        plumbers: those whose runs are collected, now or later.

    Raises:
        SettingError: two of them have the same name, which tells them apart in Prometheus.
    """

    def __init__(self, *plumbers: Plumber) -> None:
        twice = [
            name for name, count in Counter(each.name for each in plumbers).items() if count > 1
        ]
        if twice:
            raise SettingError(
                f"two plumbers are called {twice[0]!r}, and Prometheus tells them apart by their "
                "names. Name them when you make them."
            )
        self._plumbers = plumbers
        self._last: dict[str, _Seen] = {}
        self._lock = threading.Lock()  # two scrapes may come at once

    def describe(self) -> Iterator[Metric]:
        """Yield the metrics without their values, so that registering asks no run."""
        yield from _Families().all()

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics, with a value for each plumber whose gauges are known."""
        families = _Families()
        for plumber in self._plumbers:
            with self._lock:
                seen = self._look(plumber)
            if seen is not None:
                families.add(seen)
        yield from families.all()

    def _look(self, plumber: Plumber) -> _Seen | None:
        """Return the gauges of a plumber, or the last ones if its event loop is blocked."""
        last = self._last.get(plumber.name)
        try:
            gauges = plumber.gauges(within=PATIENCE)
        except (RunStateError, WiringErrors):
            return last
        # A counter that falls, be it by rounding, counts as one that has begun anew.
        highest = last.highest if last and last.gauges.began == gauges.began else {}
        self._last[plumber.name] = seen = _Seen(gauges, monotonic(), highest)
        return seen


@frozen
class _Seen:
    """Gauges, and when they were taken.

    Attributes:
        highest: what each counter has reached in this run.
    """

    gauges: Gauges
    at: float
    highest: dict[tuple[str, ...], float] = field(eq=False)


class _Families:
    """The metrics, in the order in which they are shown."""

    def __init__(self) -> None:
        self._metrics: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        self._count("processor_items", "items by what became of them", *_PROCESSOR, "outcome")
        self._count("processor_received", "items taken, or made by a source", *_PROCESSOR)
        self._count("processor_emitted", "items given", *_PROCESSOR)
        self._count("processor_time_seconds", "time of a worker, by state", *_PROCESSOR, "state")
        self._count("processor_exceptions", "exceptions raised", *_PROCESSOR, "error_type")
        self._gauge("processor_in_flight", "items in progress", *_PROCESSOR)
        self._gauge("processor_workers", "items that may be in progress", *_PROCESSOR)
        self._gauge("edge_items", "items that wait", "plumber", "edge")
        self._gauge("edge_limit", "the most items that may wait", "plumber", "edge")
        self._gauge("run_state", "1 for the state that the run is in", "plumber", "state")
        self._gauge("run_wedged", "1 if nothing can move any more", "plumber")
        self._gauge("run_duration_seconds", "how long the run has taken", "plumber")
        self._count("run_dooms", "what was put into the doomsday queue", "plumber", "mode")
        self._count("loop_busy_seconds", "time in which the event loop was busy", "plumber")
        self._gauge("snapshot_age_seconds", "how old all this is", "plumber")

    def _count(self, name: str, what: str, *labels: str) -> None:
        self._metrics[name] = CounterMetricFamily(f"typedpipes_{name}", what, labels=labels)

    def _gauge(self, name: str, what: str, *labels: str) -> None:
        self._metrics[name] = GaugeMetricFamily(f"typedpipes_{name}", what, labels=labels)

    def all(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._metrics.values()

    def add(self, seen: _Seen) -> None:
        """Add a value to each, for one plumber."""
        age = monotonic() - seen.at
        created = datetime.now(UTC).timestamp() - age - seen.gauges.duration
        for name, place, value in (*_of_processors(seen.gauges), *_of_run(seen.gauges)):
            metric, labels = self._metrics[name], (seen.gauges.plumber, *place)
            if isinstance(metric, CounterMetricFamily):
                key = (name, *labels)
                seen.highest[key] = highest = max(value, seen.highest.get(key, 0.0))
                metric.add_metric(labels, highest, created=created)
            else:
                metric.add_metric(labels, float(value))
        self._metrics["snapshot_age_seconds"].add_metric((seen.gauges.plumber,), age)


_Value = tuple[str, tuple[str, ...], float]


def _of_processors(gauges: Gauges) -> Iterator[_Value]:
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


def _of_run(gauges: Gauges) -> Iterator[_Value]:
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
