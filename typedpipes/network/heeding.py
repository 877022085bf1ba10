"""Heeding: what fails and leads nowhere, in a run that drains then.

Such failures go along with the records of their stop, up to the last. So none is lost with the
process that had it, and a caller that resumes the run hears of it, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from typedpipes.errors import NO_ITEM, ProcessorFailed
from typedpipes.network.follower import Follower
from typedpipes.network.leg import Leg
from typedpipes.network.patience import insist
from typedpipes.network.record import NOTHING, Lost, Record, decode
from typedpipes.network.stop import Stop
from typedpipes.network.wire import Wire


class Heeding:
    """Hears of what failed, each failure once.

    Args:
        stops: those of the run.
        followers: what is heard of each, by its name.
        failed: called with each failure.
    """

    def __init__(
        self,
        stops: Sequence[Stop],
        followers: Mapping[str, Follower],
        failed: Callable[[ProcessorFailed], None],
    ) -> None:
        self._stops = [stop for stop in stops if stop.on_failure == "drains"]
        self._followers = followers
        self._failed = failed
        self._heard: Counter[str] = Counter()

    async def follow(self, stop: Stop) -> None:
        """Hear of what fails at a stop, until that has closed."""
        while True:
            head = await self._followers[stop.name].until(partial(self._is_of_use, stop))
            self._hear(stop, head)
            if head.closes:
                return

    async def catch_up(self, wire: Wire) -> None:
        """Hear of all that has failed by now.

        Raises:
            Away: the wire is away for too long.
        """
        for stop in self._stops:
            last = await insist(partial(wire.last, stop.name))
            self._hear(stop, decode(last.data, stop.name))

    def _is_of_use(self, stop: Stop, head: Record) -> bool:
        return head.closes or len(head.kept) > self._heard[stop.name]

    def _hear(self, stop: Stop, head: Record) -> None:
        news = head.kept[self._heard[stop.name] :]
        self._heard[stop.name] += len(news)
        for lost in news:
            self._failed(failure_of(stop.node, lost, stop.leg))


def failure_of(node: str, lost: Lost, leg: Leg | None) -> ProcessorFailed:
    """Return the failure of an item as the caller raises it.

    Args:
        node: where it failed.
        lost: the item and its error, as they travel.
        leg: what the item came along; `None` if it is not known.
    """
    item: object = NO_ITEM
    if leg is not None and lost.item != NOTHING:
        item = leg.form.decode(lost.item)
    return ProcessorFailed(node, item, lost.error)
