"""How several inputs become one: as they come, place by place, or the one that has something."""

from __future__ import annotations

from typedpipes.network.composed import marked
from typedpipes.network.leg import Leg
from typedpipes.network.record import Made, Record, Tally


async def merge(record: Record, leg: Leg) -> Made:
    """Return what comes of a record of one of several inputs that are taken as they come.

    Which input a result came from is part of it, so inputs may be of any types.
    """
    items = {place: marked(leg.number, raw) for place, raw in leg.raws(record).items()}
    count = len(items)
    tally = Tally(count, count, emitted=count)
    return Made(items, tally=tally, length=leg.length(record)).closed_up()
