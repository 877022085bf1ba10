"""What OpenTelemetry gets in a test, kept in memory by its SDK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

Place = tuple[str, frozenset[tuple[str, object]]]


class Metrics:
    """Collects metrics when it is asked.

    Attributes:
        meter: what is to make them.
    """

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader])
        self.meter: Meter = self.provider.get_meter("tests")

    def collect(self) -> Sequence[Metric]:
        """Return all metrics as they are now."""
        data = self._reader.get_metrics_data()
        if data is None:
            return []
        return [
            metric
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]

    def values(self) -> Mapping[Place, float]:
        """Return all values as they are now, by the name and the attributes."""
        return {
            (metric.name, frozenset((point.attributes or {}).items())): point.value
            for metric in self.collect()
            for point in metric.data.data_points
            if isinstance(point, NumberDataPoint)
        }


def at(name: str, **attributes: str) -> Place:
    """Return where the value of a metric is found; `_` in an attribute stands for a dot."""
    dotted = {f"typedpipes.{key.replace('_', '.')}": value for key, value in attributes.items()}
    return f"typedpipes.{name}", frozenset(dotted.items())


class Tracing:
    """Keeps the spans that are over.

    Attributes:
        tracer: what is to make them.
    """

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._provider = TracerProvider()
        self._provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer: Tracer = self._provider.get_tracer("tests")

    def spans(self, name: str | None = None) -> Sequence[ReadableSpan]:
        """Return all spans, or those of a name, in the order in which they began."""
        spans = self._exporter.get_finished_spans()
        found = [span for span in spans if name in (None, span.name)]
        return sorted(found, key=lambda span: span.start_time or 0)


def key(span: ReadableSpan) -> int:
    """Return the identifier of a span."""
    assert span.context is not None
    span_id: int = span.context.span_id
    return span_id


def trace_of(span: ReadableSpan) -> int:
    """Return the identifier of the trace that a span is part of."""
    assert span.context is not None
    trace_id: int = span.context.trace_id
    return trace_id


def parent(span: ReadableSpan) -> int | None:
    """Return the identifier of its parent, if it has one."""
    return None if span.parent is None else span.parent.span_id


def links(span: ReadableSpan) -> set[int]:
    """Return the identifiers of the spans that it is linked to."""
    return {link.context.span_id for link in span.links}


def attribute(span: ReadableSpan, name: str) -> str | int | None:
    """Return an attribute of a span, if it has that."""
    value = (span.attributes or {}).get(name)
    assert value is None or isinstance(value, str | int)
    return value
