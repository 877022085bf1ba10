"""The gauges of runs for Prometheus: a collector for `prometheus-client`.

It needs prometheus-client, which the extra `prometheus` brings.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from attrs import field, frozen

from typedpipes.errors import RunStateError, SettingError, WiringErrors
from typedpipes.gauges import Gauges
from typedpipes.observe.metrics import METRICS, Kind, values
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
        self._metrics: dict[str, CounterMetricFamily | GaugeMetricFamily] = {
            each.key: _KINDS[each.kind](
                f"typedpipes_{each.key}", each.what, labels=("plumber", *each.labels)
            )
            for each in METRICS
        }

    def all(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._metrics.values()

    def add(self, seen: _Seen) -> None:
        """Add a value to each, for one plumber."""
        age = monotonic() - seen.at
        created = datetime.now(UTC).timestamp() - age - seen.gauges.duration
        for name, place, value in values(seen.gauges, age):
            metric, labels = self._metrics[name], (seen.gauges.plumber, *place)
            if isinstance(metric, CounterMetricFamily):
                key = (name, *labels)
                seen.highest[key] = highest = max(value, seen.highest.get(key, 0.0))
                metric.add_metric(labels, highest, created=created)
            else:
                metric.add_metric(labels, float(value))


_KINDS: Final[Mapping[Kind, type[CounterMetricFamily | GaugeMetricFamily]]] = {
    "count": CounterMetricFamily,
    "level": GaugeMetricFamily,
    "gauge": GaugeMetricFamily,
}
