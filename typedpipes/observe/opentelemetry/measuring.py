"""The metrics of plumbers, as instruments that a collector asks."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary, WeakSet, ref

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from typedpipes.errors import RunStateError, SettingError, WiringErrors
from typedpipes.gauges import Gauges
from typedpipes.observe.metrics import METRICS, values
from typedpipes.plumber import Plumber

PATIENCE: Final = 1.0
"""Seconds that a reader waits for the event loop of a run."""

PLUMBER: Final = "typedpipes.plumber.name"

_ATTRIBUTES: Final[Mapping[str, str]] = {
    "processor": "typedpipes.processor.name",
    "edge": "typedpipes.edge.name",
    "outcome": "typedpipes.item.outcome",
    "mode": "typedpipes.doom.mode",
    "error_type": "error.type",
}
"""What labels are called here; a `state` is called after what is in it."""

_COUNTS: Final = {metric.key for metric in METRICS if metric.kind == "count"}
_LABELS: Final = {
    metric.key: [
        _ATTRIBUTES.get(label, f"{metric.name.rpartition('.')[0]}.{label}")
        for label in metric.labels
    ]
    for metric in METRICS
}

_Place: TypeAlias = tuple[str, tuple[str, ...]]


class Totals:
    """Counters of a plumber, which go on from run to run and never fall, not even by rounding."""

    def __init__(self) -> None:
        self._reached: dict[_Place, float] = {}
        self._before: dict[_Place, float] = {}  # by earlier runs

    def count(self, place: _Place, value: float) -> None:
        """Note what a counter of the run is at."""
        total = self._before.get(place, 0) + value
        self._reached[place] = max(total, self._reached.get(place, 0))

    def begin_anew(self) -> None:
        """Note that another run begins, whose counters begin at 0."""
        self._before = self._reached.copy()

    def all(self) -> Iterable[tuple[_Place, float]]:
        """Return all of them, those of nodes that are not in the drawing any more too."""
        return self._reached.items()


class Measured:
    """A plumber as it is measured.

    All instruments are asked one after the other when a reader collects, and get what one look at
    the run has found: another one is taken once the first of them asks again.
    """

    def __init__(self, plumber: Plumber) -> None:
        self.name: str = plumber.name
        self._plumber = ref(plumber)
        self._totals = Totals()
        self._guard = threading.Lock()  # of the totals; nothing is waited for inside
        self._since = 0.0  # when the run began whose counters count
        self._looking = threading.Lock()  # two readers may collect at once
        self._last: tuple[Gauges, float] | None = None
        self._asked: set[str] = set()
        self._observed: Mapping[str, Sequence[Observation]] | None = None

    def begin(self, last: Gauges | None) -> None:
        """Note that a run is about to begin, and what was reached in the one before."""
        with self._guard:
            if last is not None:
                self._count(last)
            self._totals.begin_anew()
            self._since = monotonic()

    def _count(self, gauges: Gauges) -> None:
        for key, labels, value in values(gauges, 0.0):
            if key in _COUNTS:
                self._totals.count((key, labels), value)

    def observe(self, key: str) -> Sequence[Observation]:
        """Return the values of one metric."""
        with self._looking:
            if key in self._asked or self._observed is None:
                self._asked.clear()
                self._observed = self._look()
            self._asked.add(key)
            return self._observed.get(key, ())

    def _look(self) -> Mapping[str, Sequence[Observation]]:
        plumber = self._plumber()
        if plumber is None:
            return {}
        with suppress(RunStateError, WiringErrors):  # it is blocked, or nothing is drawn yet
            self._last = plumber.gauges(within=PATIENCE), monotonic()
        if self._last is None:
            return {}
        gauges, at = self._last
        found = defaultdict[str, list[Observation]](list)
        with self._guard:
            if gauges.began >= self._since:  # else another run has begun just now
                self._count(gauges)
            totals = [*self._totals.all()]
        now = [each for each in values(gauges, monotonic() - at) if each[0] not in _COUNTS]
        for key, labels, value in [*((*place, value) for place, value in totals), *now]:
            attributes = dict(zip(_LABELS[key], labels, strict=True))
            found[key].append(Observation(value, {PLUMBER: self.name, **attributes}))
        return found


class _Instruments:
    """The instruments of one meter, for all plumbers that are measured with it."""

    def __init__(self, meter: Meter) -> None:
        self.measured: WeakSet[Measured] = WeakSet()  # each is held by its plumber
        make = {
            "count": meter.create_observable_counter,
            "level": meter.create_observable_up_down_counter,
            "gauge": meter.create_observable_gauge,
        }
        for metric in METRICS:
            make[metric.kind](
                metric.name, [partial(self._observe, metric.key)], metric.unit, metric.what
            )

    def _observe(self, key: str, _: CallbackOptions) -> Iterable[Observation]:
        return [seen for each in [*self.measured] for seen in each.observe(key)]


_ALL: Final[WeakKeyDictionary[Meter, _Instruments]] = WeakKeyDictionary()
"""Instruments of the same name must not be made twice."""


def measure(measured: Measured, meter: Meter) -> None:
    """Have a meter measure a plumber.

    Raises:
        SettingError: it measures another one of its name.
    """
    instruments = _ALL.get(meter)
    if instruments is None:
        instruments = _ALL[meter] = _Instruments(meter)
    if any(each.name == measured.name for each in instruments.measured):
        raise SettingError(
            f"another plumber that is called {measured.name!r} is instrumented, and OpenTelemetry "
            "tells them apart by their names. Name them when you make them."
        )
    instruments.measured.add(measured)
