"""Collecting: what reaches a collector, which is kept by the caller."""

from __future__ import annotations

from typing import Any

from typedpipes.fittings import Collector, begin_to_collect
from typedpipes.network.calling import entries
from typedpipes.network.leg import Leg
from typedpipes.network.record import Made, Record, Tally


class Collecting:
    """Collects what reaches a collector, each slice once.

    Args:
        collector: the collector.
        leg: what reaches it.
    """

    def __init__(self, collector: Collector[Any], leg: Leg) -> None:  # Any: as in a blueprint
        self._items: list[object] = begin_to_collect(collector)
        self._leg = leg
        self._next = 0

    async def make(self, record: Record, leg: Leg) -> Made:
        """Return what became of the items: all are collected."""
        count = len(entries(record, leg))
        return Made(tally=Tally(received=count, completed=count))

    def collect(self, record: Record) -> None:
        """Keep the items of a record, unless it came before."""
        if record.position == self._next:
            self._items += self._leg.items(record).values()
            self._next += 1
