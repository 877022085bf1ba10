"""Where an item comes from, in a run that is traced."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen


@frozen
class Trail:
    """The spans that led to an item.

    Attributes:
        spans: what a tracer knows them by.
        joined: whether the way from there is not a straight line: the item is on a branch of a
            fork, or made of several.
    """

    spans: tuple[object, ...]
    joined: bool = False

    def branch(self) -> Trail:
        """Return the same for one of several."""
        return self if self.joined else Trail(self.spans, joined=True)


def join(trails: Iterable[Trail]) -> Trail | None:
    """Return the trail of an item that is made of several, if any of them has one."""
    spans = {id(span): span for trail in trails for span in trail.spans}
    return Trail((*spans.values(),), joined=True) if spans else None


class Traced:
    """An item and its trail, on the way from the call that made it to the edges.

    Attributes:
        item: what goes on.
        trail: where it comes from.
    """

    __slots__ = ("item", "trail")

    def __init__(self, item: Any, trail: Trail) -> None:  # noqa: ANN401  # of any type
        self.item: Any = item  # Any: as above
        self.trail: Trail = trail


def traced(item: Any, trail: Trail | None) -> Any:  # noqa: ANN401  # of any type
    """Return an item as `Traced`, if it has a trail."""
    return item if trail is None else Traced(item, trail)
