"""Runs for OpenTelemetry: their gauges as metrics, and spans of items or slices if asked for.

It needs the API of OpenTelemetry, which the extra `otel` brings. What exports, such as its SDK, is
up to the program.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Final, Literal

from typedpipes.arguments import share
from typedpipes.errors import SettingError
from typedpipes.observe.missing import missing
from typedpipes.plumber import Plumber
from typedpipes.plumber.instruments import attach, instruments_of
from typedpipes.shorten import shorten

try:
    from opentelemetry import metrics, trace

    from typedpipes.observe.opentelemetry.instrumented import Instrumented
    from typedpipes.observe.opentelemetry.measuring import Measured, measure
    from typedpipes.observe.opentelemetry.spans import Sampling
except ImportError as _error:
    raise missing(__name__, _error, "otel") from _error

__all__ = ["instrument"]

_SCOPE: Final = "typedpipes"


def instrument(
    plumber: Plumber,
    *,
    meter: metrics.Meter | None = None,
    tracer: trace.Tracer | None = None,
    spans: Literal["item", "slice"] | None = None,
    sample: float = 0.01,
) -> None:
    """Have OpenTelemetry know of all runs of a plumber, from now on.

        from typedpipes.observe.opentelemetry import instrument

        instrument(plumber, spans="item", sample=0.001)

    Its gauges become metrics. They are asked for when a reader collects, in whatever thread, and
    never in between. If the event loop of a run is blocked for longer than a second, the reader
    gets what it got before, and `typedpipes.snapshot.age` says how old that is. Counters go on from
    run to run.

    Spans are for a share of the work. With `"item"`, a source samples items; each processor that
    one comes to has a span for it, whose parent is the span before. On the branches of a fork,
    behind a zip and behind a `batch` there begins a trace of its own, with a link to each span
    that it comes from. With `"slice"`, there is a span for all that a processor with one worker
    works on in one go, or for a call if it has more, with links to those that its items come from.
    A span is the current one in the coroutines that it is for, so that spans of the user's are
    inside it. Items in exchanges, in `Processor.folding` and in children of `in_process` have no
    spans, and what comes out there begins anew.

    Runs without spans are as quick as without this. No item, no `repr` and no text of an exception
    gets into a metric or a span: of exceptions they have the name of the type.

    Args:
        plumber: whose runs. It must not run yet for spans, and is not kept alive.
        meter: makes the metrics; that of the global provider by default.
        tracer: makes the spans; that of the global provider by default.
        spans: what spans are for, if for anything.
        sample: the share of the items or slices that have spans, above 0, and 1 at most. The
            sampler of the tracer may leave out more.

    Raises:
        SettingError: the plumber is instrumented already, or another one of its name is with this
            meter; `spans` is another word, or `sample` is out of bounds.
    """
    if any(isinstance(each, Instrumented) for each in instruments_of(plumber)):
        raise SettingError(f"{plumber.name!r} is instrumented already: once is enough")
    if spans not in ("item", "slice", None):
        raise SettingError(f"spans must be 'item' or 'slice', or None, not {shorten(spans)}")
    share("sample", sample)
    sampling = None
    if spans is not None:
        if tracer is None:
            tracer = trace.get_tracer(_SCOPE, version(_SCOPE))
        sampling = Sampling(tracer, plumber.name, sample, by_slice=spans == "slice")
    measured = Measured(plumber)
    measure(measured, _usual_meter() if meter is None else meter)
    attach(plumber, Instrumented(measured, sampling))


@cache
def _usual_meter() -> metrics.Meter:
    """Return the meter of the global provider, whether that is set by now or later."""
    return metrics.get_meter(_SCOPE, version(_SCOPE))
