"""What a run that is traced asks its tracer for."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from typedpipes.flow.trail import Trail


class Span(Protocol):
    """What is told about one call, or about the calls of one slice.

    As a context manager it is the current span of the coroutine inside, as often as it is entered.

    Attributes:
        trail: that of what is made in it.
    """

    @property
    def trail(self) -> Trail: ...

    def __enter__(self) -> object: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def add(self, trail: Trail | None) -> None:
        """Note that one more item is worked on in it, and where it comes from."""

    def fail(self, error: BaseException) -> None:
        """Note that a coroutine raised."""

    def end(self) -> None:
        """Say that it is over."""


class Tracing(Protocol):
    """Makes the spans of one run.

    Attributes:
        by_slice: whether spans are for slices of items, rather than for sampled ones.
    """

    @property
    def by_slice(self) -> bool: ...

    def sample(self, source: str) -> Trail | None:
        """Return the trail of an item that a source has made, if it is sampled."""
        ...

    def begin(self, processor: str, trail: Trail | None) -> Span | None:
        """Begin a span of a processor, unless what it would tell about is not sampled.

        Args:
            processor: its name.
            trail: where the item comes from, if it is known; the first one of a slice.
        """
        ...
