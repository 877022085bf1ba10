"""What the nodes of a run that is traced have in hand: where their items come from."""

from __future__ import annotations

from collections import deque

from typedpipes.engine.ports import Item
from typedpipes.engine.tracing import Span, Tracing
from typedpipes.errors import CoroutineCancelled
from typedpipes.flow.edge import GAP
from typedpipes.flow.tracks import Hand
from typedpipes.flow.trail import Trail, join, traced
from typedpipes.processor import Failure


class SourceHand(Hand):
    """What a source has in hand: it decides which of its items are sampled."""

    __slots__ = ("_name", "_tracing")

    def __init__(self, name: str, tracing: Tracing) -> None:
        super().__init__()
        self._name = name
        self._tracing = tracing

    def mark(self, item: Item) -> Item:
        return traced(item, self._tracing.sample(self._name))


class WorkHand(Hand):
    """What a processor has in hand, and the span in which it works on that.

    Args:
        name: of the processor.
        tracing: makes its spans.
        tells: whether its failures go somewhere.

    Attributes:
        by_slice: whether the span is for all items up to `end_slice`, rather than for one.
    """

    __slots__ = ("_begun", "_failed", "_name", "_span", "_tracing", "by_slice")

    def __init__(self, name: str, tracing: Tracing, *, tells: bool) -> None:
        super().__init__()
        self.by_slice: bool = False
        self._name = name
        self._tracing = tracing
        self._failed: dict[int, Trail] | None = {} if tells else None
        self._begun = False
        self._span: Span | None = None

    @property
    def may_slice(self) -> bool:
        """Whether spans are for slices wherever there are any."""
        return self._tracing.by_slice

    def begin(self) -> Span | None:
        """Return the span for the item that was taken last, if there is to be one."""
        if not self.by_slice:
            return self._tracing.begin(self._name, self.trail)
        if not self._begun:
            self._begun = True
            self._span = self._tracing.begin(self._name, self.trail)
        elif self._span is not None:
            self._span.add(self.trail)
        return self._span

    def fail(self, span: Span, error: BaseException) -> None:
        """Note that an item failed within a span."""
        span.fail(error)
        if self._failed is not None:
            self._failed[id(error)] = span.trail  # until the failure is put, which has the error

    def end(self, span: Span) -> None:
        """Note that an item is done."""
        if not self.by_slice:
            span.end()

    def end_slice(self) -> None:
        """Note that a slice is over."""
        span, self._span, self._begun = self._span, None, False
        if span is not None:
            span.end()

    def mark(self, item: Item) -> Item:
        if not self._failed or type(item) is not Failure:
            return item
        error = item.error.__cause__ if isinstance(item.error, CoroutineCancelled) else item.error
        return traced(item, self._failed.pop(id(error), None))


class FilterHand(Hand):
    """What is in hand where some items are put, several at once."""

    __slots__ = ("_trails",)

    def __init__(self) -> None:
        super().__init__()
        self._trails: deque[Trail | None] = deque()

    def keep(self) -> None:
        """Note that the item that was taken last will be put."""
        self._trails.append(self.trail)

    def mark(self, item: Item) -> Item:
        return item if item is GAP else traced(item, self._trails.popleft())


class BatchHand(Hand):
    """What is in hand where all items that were taken are put as a list."""

    __slots__ = ("_trails",)

    def __init__(self) -> None:
        super().__init__()
        self._trails: list[Trail] = []

    def keep(self) -> None:
        """Note that the item that was taken last will be in the list."""
        if self.trail is not None:
            self._trails.append(self.trail)

    def mark(self, item: Item) -> Item:
        trail = join(self._trails)
        self._trails.clear()
        return traced(item, trail)
