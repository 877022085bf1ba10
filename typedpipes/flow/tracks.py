"""Edges of a run that is traced: where their items come from is kept beside them.

Items go along the edges as they are. An edge knows its items by their places, so a table of the few
that were sampled is enough, and the others cost a comparison.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Generic

from typing_extensions import TypeVar

from typedpipes.flow.edge import Append, Edge
from typedpipes.flow.fork import Fork
from typedpipes.flow.trail import Traced, Trail, join

T = TypeVar("T")


class Hand:
    """What a node has in hand: where the item comes from that it took last.

    Attributes:
        trail: that.
    """

    __slots__ = ("trail",)

    def __init__(self) -> None:
        self.trail: Trail | None = None

    def take(self, trail: Trail | None) -> None:
        """Note where an item comes from that is taken now."""
        self.trail = trail

    def take_part(self, trail: Trail | None) -> None:
        """Note the same of another part of it: a zip takes from all its edges, the first first."""
        if trail is not None:
            self.trail = trail if self.trail is None else join([self.trail, trail])

    def mark(self, item: Any) -> Any:  # noqa: ANN401  # of any type
        """Return an item that is about to be put; as `Traced`, if it has a trail."""
        return item


class TracedItems(deque[T]):
    """The items of an edge, of which some have a trail.

    Args:
        start: the hand of the node that puts, if that is traced, and no fork has marked the items.
        end: the hand of the node that takes.
        is_part: whether that takes parts of a tuple here, after those of another edge.
        joined: whether the items are on a branch, or on the way to a zip.
    """

    def __init__(
        self, start: Hand | None, end: Hand, *, is_part: bool = False, joined: bool = False
    ) -> None:
        super().__init__()
        self._mark = None if start is None else start.mark
        self._note = end.take_part if is_part else end.take
        self._joined = joined
        self._trails: dict[int, Trail] = {}  # by how many items were put before
        self._popped = 0

    def append(self, item: Any, /) -> None:  # noqa: ANN401  # it may be traced
        if self._mark is not None:
            item = self._mark(item)
        if type(item) is Traced:
            trail = item.trail.branch() if self._joined else item.trail
            self._trails[self._popped + len(self)] = trail
            item = item.item
        super().append(item)

    def extend(self, items: Iterable[T], /) -> None:
        for item in items:
            self.append(item)

    def popleft(self) -> T:
        item = super().popleft()
        self._note(self._trails.pop(self._popped, None) if self._trails else None)
        self._popped += 1
        return item

    def clear(self) -> None:
        super().clear()
        self._trails.clear()


class TracedFork(Fork[T], Generic[T]):
    """A fork in a run that is traced: an item has one trail, whichever branch it takes.

    Args:
        edges: as for any fork.
        hand: of the node that puts.
    """

    __slots__ = ("_hand",)

    def __init__(self, edges: Sequence[Edge[T]], hand: Hand) -> None:
        super().__init__(edges)
        self._hand = hand

    def append(self, item: T) -> None:
        super().append(self._hand.mark(item))

    def appender(self) -> Append[T]:
        return self.append

    def extend(self, items: Iterable[T]) -> None:
        for item in items:
            self.append(item)
