"""Spans that know what they are for, to see whether items are linked to the right ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextvars import ContextVar, Token
from types import TracebackType
from typing import cast

from attrs import frozen

from tests.properties.items import Made, looks
from typedpipes import Failure, Gauges
from typedpipes.flow.trail import Trail


class Call:
    """A span of a call, or of a slice of them.

    Attributes:
        name: of the processor.
        items: what it is for.
        trails: where these come from, in order.
        ended: how often it was ended.
    """

    def __init__(self, name: str, trail: Trail | None) -> None:
        self.name = name
        self.items: list[object] = []
        self.trails = [trail]
        self.ended = 0
        self.trail = Trail((self,))
        self._token: Token[Call | None] | None = None

    def __enter__(self) -> None:
        self._token = _CURRENT.set(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._token is not None
        _CURRENT.reset(self._token)

    def add(self, trail: Trail | None) -> None:
        self.trails.append(trail)

    def fail(self, error: BaseException) -> None: ...

    def end(self) -> None:
        self.ended += 1


_CURRENT: ContextVar[Call | None] = ContextVar("current", default=None)


@frozen(eq=False)
class Origin:
    """The span of an item of a source."""

    source: str


class Spans:
    """Makes spans for all items of a run, or for all slices, and finds those that are wrong.

    Args:
        by_slice: which of the two.
        complete: whether it is known of every item where it comes from.

    Attributes:
        complaints: what was wrong.
    """

    def __init__(self, *, by_slice: bool, complete: bool) -> None:
        self.by_slice = by_slice
        self._complete = complete
        self.complaints: list[str] = []
        self._calls: list[Call] = []

    # What the run asks

    def sample(self, source: str) -> Trail | None:
        return Trail((Origin(source),))

    def begin(self, processor: str, trail: Trail | None) -> Call | None:
        if trail is None and not self.by_slice:
            return None
        call = Call(processor, trail)
        self._calls.append(call)
        return call

    # What the coroutines tell

    def note(self, name: str, item: object) -> None:
        """Note that a coroutine begins with an item, and look where that is said to come from."""
        call = _CURRENT.get()
        if call is None or call.name != name:
            if call is not None or self.by_slice or self._complete:
                self.complaints.append(f"{name} works on {looks(item)} in another span")
            return
        call.items.append(item)
        self.complaints += self._wrong(call, item)

    def _wrong(self, call: Call, item: object) -> Iterator[str]:
        trail = call.trails[len(call.items) - 1]
        spans = () if trail is None else trail.spans
        makers, what = {*makers_of(item)}, looks(item)
        for span in spans:
            if isinstance(span, Call) and not makers & made_in(span):
                yield f"{what} before {call.name} is linked to {sorted(made_in(span))}"
        too_few = self._complete and not self.by_slice and len(spans) < len(makers)
        if too_few or len(spans) > len(makers):
            yield f"{what} before {call.name} has {len(spans)} links"
        if trail is not None and not trail.joined and isinstance(item, tuple | list):
            yield f"{what} before {call.name} has a parent"

    def unended(self) -> Iterator[str]:
        """Find spans that were not ended once, after the run."""
        for call in self._calls:
            if call.ended != 1:
                yield f"a span of {call.name} was ended {call.ended} times"


class Traced:
    """Has the runs of a plumber traced.

    Attributes:
        spans: those of the last run.
    """

    def __init__(self, *, by_slice: bool, complete: bool) -> None:
        self._by_slice = by_slice
        self._complete = complete
        self.spans = self.begin(None)

    def begin(self, last: Gauges | None) -> Spans:  # noqa: ARG002  # as instruments are told
        self.spans = Spans(by_slice=self._by_slice, complete=self._complete)
        return self.spans


def made_in(call: Call) -> set[str]:
    """Return the calls that a span is for."""
    return {_call(call.name, item) for item in call.items}


def makers_of(item: object) -> Iterator[str]:
    """Yield the calls that have made an item, or its parts."""
    match item:
        case Made():
            yield _call(item.by, item.of)
        case Failure():
            failure = cast("Failure[object]", item)  # one that holds an item of ours
            yield _call(failure.processor, failure.item)
        case tuple() | list():
            parts = cast("Sequence[object]", item)  # as above
            yield from (maker for part in parts for maker in makers_of(part))
        case _:
            yield f"the source of {looks(item)}"


def _call(name: str, item: object) -> str:
    return f"{name}({looks(item)})"
