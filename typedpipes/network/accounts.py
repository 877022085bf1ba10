"""Accounts: the report of a run, from the last records of its stops and what its edges hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from attrs import frozen

from typedpipes.network.patience import insist
from typedpipes.network.record import Progress, Record, decode
from typedpipes.network.route import Leg, Route, Stop
from typedpipes.network.wire import Stored, Wire
from typedpipes.report import Counts

Ahead: TypeAlias = Callable[[Progress], Sequence[object]]


@frozen
class _Books:
    """The last record of each stop, and all records that its stream holds."""

    last: Mapping[str, Record]
    held: Mapping[str, Sequence[Record]]


async def counts_of(
    wire: Wire, route: Route, ahead: Mapping[str, Ahead]
) -> Sequence[Counts[object, object]]:
    """Return what became of the items of each stop.

    Exact if the streams are closed or sealed; otherwise as of some moment for each stop.

    Args:
        wire: the wire of the caller.
        route: the route of the run.
        ahead: for each source, what it had made and not given, by what it had given.
    """
    last: dict[str, Record] = {}
    held: dict[str, Sequence[Record]] = {}
    for stop in route.stops:
        last[stop.name] = decode((await insist(partial(wire.last, stop.name))).data, stop.name)
    for stop in route.stops:
        readers = [each for each in route.stops if each.leg and each.leg.start == stop.name]
        if stop.cap is None or all(last[each.name].closes for each in readers):
            held[stop.name] = ()
        else:
            # The last record of the same look: one that was on its way is in both, or in neither.
            *_, last[stop.name] = records = _records(
                await insist(partial(wire.rest, stop.name)), stop
            )
            held[stop.name] = [each for each in records if each.position >= 0]
    books = _Books(last, held)
    return [
        _counts(stop, route, books, ahead[stop.name](last[stop.name].progress))
        if stop.name in ahead
        else _counts(stop, route, books)
        for stop in route.stops
    ]


def _records(stored: Sequence[Stored], stop: Stop) -> Sequence[Record]:
    return [decode(each.data, stop.name) for each in stored]


def _counts(
    stop: Stop, route: Route, books: _Books, ahead: Sequence[object] = ()
) -> Counts[object, object]:
    tally = books.last[stop.name].tally
    takers = [
        (each.leg, books.last[each.name].progress)
        for each in route.stops
        if each.leg and each.leg.start == stop.name and not each.leg.failures
    ]
    return Counts(
        stop.name,
        received=tally.received + len(ahead),
        completed=tally.completed + len(ahead),
        failed=tally.failed,
        dropped=tally.dropped,
        emitted=tally.emitted + len(ahead),
        unprocessed=_unprocessed(stop, books),
        undelivered=(*_undelivered(books.held[stop.name], takers), *ahead),
    )


def _unprocessed(stop: Stop, books: _Books) -> Sequence[object]:
    leg = stop.leg
    if leg is None:
        return ()
    progress = books.last[stop.name].progress
    left = [each for each in books.held[leg.start] if not progress.has(each.position)]
    return tuple(item for record in left for item in leg.items(record).values())


def _undelivered(
    records: Sequence[Record], takers: Sequence[tuple[Leg, Progress]]
) -> Sequence[object]:
    """Return what at least one of those who take it has not done."""
    left: list[object] = []
    for record in records:
        waits = [leg for leg, progress in takers if not progress.has(record.position)]
        if waits:
            left += waits[0].items(record).values()
    return left
