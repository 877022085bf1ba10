"""What is attached to a plumber that is instrumented."""

from __future__ import annotations

from typedpipes.engine.tracing import Tracing
from typedpipes.gauges import Gauges
from typedpipes.observe.opentelemetry.measuring import Measured
from typedpipes.observe.opentelemetry.spans import Sampling, Spans


class Instrumented:
    """Tells metrics and spans that a run begins.

    Args:
        measured: the plumber, as it is measured.
        sampling: how spans are made, if they are.
    """

    def __init__(self, measured: Measured, sampling: Sampling | None) -> None:
        self._measured = measured
        self._sampling = sampling

    def begin(self, last: Gauges | None) -> Tracing | None:
        """Note that a run is about to begin; return what makes spans for it, if they are wanted."""
        self._measured.begin(last)
        return None if self._sampling is None else Spans(self._sampling)
