"""The spans of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import Token
from random import Random
from types import TracebackType
from typing import Final
from uuid import uuid4

from attrs import frozen
from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import Link, SpanContext, Tracer

from typedpipes.flow.trail import Trail

MESSAGES: Final = "messaging.batch.message_count"
"""As the conventions for messaging call a number of items."""


@frozen
class Sampling:
    """How spans are made for the runs of a plumber.

    Attributes:
        tracer: makes them.
        plumber: its name.
        share: of the items, or of the slices, that have spans.
        by_slice: which of the two.
    """

    tracer: Tracer
    plumber: str
    share: float
    by_slice: bool


class Spans:
    """Makes the spans of one run.

    Each trace begins in it, with a link to the span in which the run began: as its child, all
    would be one trace, as long as the run.
    """

    def __init__(self, sampling: Sampling) -> None:
        self._tracer = sampling.tracer
        self._share = sampling.share
        self._by_slice = sampling.by_slice
        self._random = Random()  # noqa: S311  # no secret depends on it
        self._attributes = {
            "typedpipes.plumber.name": sampling.plumber,
            "typedpipes.run.id": uuid4().hex,
        }
        around = trace.get_current_span().get_span_context()
        self._around = [around] if around.is_valid else []

    @property
    def by_slice(self) -> bool:
        """Whether spans are for slices of items, rather than for sampled ones."""
        return self._by_slice

    def _is_sampled(self) -> bool:
        return self._random.random() < self._share

    def sample(self, source: str) -> Trail | None:
        """Return the trail of an item that a source has made, if it is sampled."""
        if not self._is_sampled():
            return None
        span = self._start(f"create {source}", source, Context(), self._around)
        span.end()
        made = span.get_span_context()
        return Trail((made,)) if made.trace_flags.sampled else None

    def begin(self, processor: str, trail: Trail | None) -> _Span | None:
        """Begin a span of a processor, unless what it would tell about is not sampled."""
        if trail is None if not self._by_slice else not self._is_sampled():
            return None
        name = f"process {processor}"
        before = _contexts(trail)
        if trail is None or trail.joined or self._by_slice:
            span = self._start(name, processor, Context(), before or self._around)
        else:
            (parent,) = before
            around = trace.set_span_in_context(trace.NonRecordingSpan(parent), Context())
            span = self._start(name, processor, around)
        return _Span(span, before, counts=self._by_slice)

    def _start(
        self, name: str, node: str, context: Context, links: Sequence[SpanContext] = ()
    ) -> trace.Span:
        attributes: Mapping[str, str] = {**self._attributes, "typedpipes.processor.name": node}
        return self._tracer.start_span(
            name, context, attributes=attributes, links=[*map(Link, links)]
        )


class _Span:
    """A span in which one item or several are worked on."""

    __slots__ = ("_counts", "_items", "_linked", "_span", "_token", "trail")

    def __init__(self, span: trace.Span, before: Sequence[SpanContext], *, counts: bool) -> None:
        self.trail: Trail = Trail((span.get_span_context(),))
        self._span = span
        self._linked = {context.span_id for context in before}
        self._counts = counts
        self._items = 1
        self._token: Token[Context] | None = None

    def __enter__(self) -> None:
        self._token = attach(trace.set_span_in_context(self._span))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            detach(self._token)
            self._token = None

    def add(self, trail: Trail | None) -> None:
        self._items += 1
        for context in _contexts(trail):
            if context.span_id not in self._linked:
                self._linked.add(context.span_id)
                self._span.add_link(context)

    def fail(self, error: BaseException) -> None:
        self._span.set_attribute("error.type", type(error).__name__)
        if not isinstance(error, asyncio.CancelledError):
            self._span.set_status(trace.StatusCode.ERROR)

    def end(self) -> None:
        if self._counts:
            self._span.set_attribute(MESSAGES, self._items)
        self._span.end()


def _contexts(trail: Trail | None) -> Sequence[SpanContext]:
    spans = () if trail is None else trail.spans
    return [span for span in spans if isinstance(span, SpanContext)]
