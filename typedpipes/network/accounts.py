"""Accounts: the report of a run, from the last records of its stops and what its edges hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from attrs import frozen

from typedpipes.network.patience import insist
from typedpipes.network.reading import Reading
from typedpipes.network.record import Progress, Record, decode
from typedpipes.network.route import Route
from typedpipes.network.stop import Stop
from typedpipes.network.wire import Stored, Wire
from typedpipes.report import Counts

Ahead: TypeAlias = Callable[[Progress], Sequence[object]]


@frozen
class _Books:
    """The last record of each stop, all records that its stream holds, and what was not read."""

    last: Mapping[str, Record]
    held: Mapping[str, Sequence[Record]]
    unread: Mapping[str, Sequence[object]]


async def counts_of(
    wire: Wire, route: Route, ahead: Mapping[str, Ahead], readings: Mapping[str, Reading]
) -> Sequence[Counts[object, object]]:
    """Return what became of the items of each stop.

    Exact if the streams are closed or sealed; otherwise as of some moment for each stop.

    Args:
        wire: the wire of the caller.
        route: the route of the run.
        ahead: for each source, what it had made and not given, by what it had given.
        readings: for each reader, what it has read.
    """
    books = await _books(wire, route, readings)
    of_nodes: dict[str, list[Stop]] = defaultdict(list)
    for stop in route.stops:
        of_nodes[stop.node].append(stop)
    return [_counts(node, of_nodes[node], route, books, ahead) for node in of_nodes]


async def _books(wire: Wire, route: Route, readings: Mapping[str, Reading]) -> _Books:
    last: dict[str, Record] = {}
    held: dict[str, Sequence[Record]] = {}
    for stop in route.stops:
        last[stop.name] = decode((await insist(partial(wire.last, stop.name))).data, stop.name)
    for stop in route.stops:
        takers = [
            last[each.name].of(leg.number)
            for each in route.stops
            for leg in each.legs
            if leg.start == stop.name
        ]
        if stop.cap is None or all(progress.closed for progress in takers):
            held[stop.name] = ()
        else:
            # The last record of the same look: one that was on its way is in both, or in neither.
            *_, last[stop.name] = records = _records(
                await insist(partial(wire.rest, stop.name)), stop
            )
            held[stop.name] = [each for each in records if each.position >= 0]
    last |= {name: reading.seen(last[name]) for name, reading in readings.items()}
    return _Books(last, held, {name: reading.left for name, reading in readings.items()})


def _records(stored: Sequence[Stored], stop: Stop) -> Sequence[Record]:
    return [decode(each.data, stop.name) for each in stored]


def _counts(
    node: str, stops: Sequence[Stop], route: Route, books: _Books, ahead: Mapping[str, Ahead]
) -> Counts[object, object]:
    """Return the counts of a node. What joins its inputs leaves out what has no partner."""
    *joints, stop = stops
    last = books.last[node]
    made = ahead[node](last.of(0)) if node in ahead else ()
    left_out = sum(books.last[each.name].tally.dropped for each in joints)
    return Counts(
        node,
        received=last.tally.received + len(made) + left_out,
        completed=last.tally.completed + len(made) - len(last.rest),
        failed=last.tally.failed,
        dropped=last.tally.dropped + left_out,
        interrupted=len(last.rest),
        emitted=last.tally.emitted + len(made),
        cut_short=any(_is_cut_short(each, books.last[each.name]) for each in stops),
        unprocessed=(
            *books.unread.get(node, ()),
            *(leg.form.decode(raw) for leg in stop.legs for raw in last.rest),
            *(item for each in stops if each.how in _AS_THEY_COME for item in _left(each, books)),
        ),
        undelivered=(*_undelivered(stop, route, books), *made),
    )


_AS_THEY_COME = ("one", "merge")
"""How items are taken that do not wait for partners."""


def _is_cut_short(stop: Stop, last: Record) -> bool:
    """Whether a zip has ended while an input had more: it does not wait for that to be closed."""
    closed = [last.of(leg.number).closed for leg in stop.legs]
    return stop.how == "zip" and last.closes and any(closed) and not all(closed)


def _left(stop: Stop, books: _Books) -> Sequence[object]:
    """Return what a stop has not done of its inputs."""
    last = books.last[stop.name]
    return [
        item
        for leg in stop.legs
        for record in books.held[leg.start]
        for item in leg.left(record, last.of(leg.number)).values()
    ]


def _undelivered(stop: Stop, route: Route, books: _Books) -> Sequence[object]:
    """Return the results that at least one of those who take them has not done."""
    takers = [
        (leg, books.last[each.name].of(leg.number))
        for each in route.stops
        for leg in each.legs
        if leg.start == stop.name and leg.takes != "failures"
    ]
    left: list[object] = []
    for record in books.held[stop.name]:
        places: dict[int, object] = {}
        for leg, progress in takers:
            places |= leg.left(record, progress)
        left += [places[place] for place in sorted(places)]
    return left
