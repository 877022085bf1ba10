"""Pairing: taking several inputs in step, for a zip or a rejoin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from attrs import frozen

from typedpipes.network.composed import marked, together
from typedpipes.network.leaving import end_with
from typedpipes.network.leg import Leg
from typedpipes.network.moves import advancing
from typedpipes.network.patience import LOOK_AGAIN
from typedpipes.network.record import Items, Made, Part, Progress, Record, Tally, decode
from typedpipes.network.shift import Shift
from typedpipes.network.stop import Stop
from typedpipes.network.take import Hand
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Taken, Wire

_AT_ONCE: Final = 0.1  # seconds; for what is there already

Row: TypeAlias = tuple[bytes | None, ...]
"""What stands at one place of all inputs; `None` where nothing does."""


class Pairing:
    """Takes slices of several legs, and gives what stands in them at the same places.

    Only the process that has the next slice of the first leg in hand takes slices of the others:
    so it never happens that one process waits for what another one has, which waits for
    it. Slices of the others that are not used up are handed back before that of the first one is
    done. The inputs may be cut into slices in different ways.

    Args:
        wire: the wire of this process.
        stop: the stop.
        shift: for how long.
    """

    def __init__(self, wire: Wire, stop: Stop, shift: Shift) -> None:
        self._wire = wire
        self._stop = stop
        self._turn = Turn(wire, stop.name, cap=stop.cap)
        self._hands = [(leg, Hand(wire, leg.reach, shift)) for leg in stop.legs]

    async def work(self) -> None:
        """Work until the closing record is given, by whatever process.

        Cancelled, it lets others have what is in hand.
        """
        async with self._turn.following():
            await end_with(self._wire, self._stop, self._turn, self._hands, self._pair())

    async def _pair(self) -> None:
        (leg, hand), *_ = self._hands
        while not self._turn.is_over:
            taken = await hand.take_more()
            if taken is None:
                await self._tidy_up()
                continue
            mine = {leg.number: _opened(taken, leg)}
            if taken.again:
                await self._turn.look()
            await self._use_up(mine)

    async def _tidy_up(self) -> None:
        """Put out of hand what a process that died had given, and not said so.

        No process takes it, as nothing comes to the first leg; and that may be because it still
        uses up the room of a fork that leads to both.
        """
        head = await self._turn.look()
        for leg, hand in self._hands[1:]:
            taken = await hand.take_soon(_AT_ONCE)
            if taken is None:
                continue
            if head is not None and _opened(taken, leg).is_done(head.of(leg.number)):
                await hand.done(taken)
            else:
                await hand.back(taken)

    async def _use_up(self, mine: dict[int, _Slice]) -> None:
        """Pair until the slice of the first leg is used up: what is in hand is in `mine`."""
        first = self._hands[0][0].number
        while first in mine and not self._turn.is_over:
            head = await self._turn.head()
            if head is None:
                await asyncio.sleep(LOOK_AGAIN)
            elif mine[first].is_done(head.of(first)):
                await self._let_go(mine, head)
            elif await self._take_others(mine, head):
                await self._give(mine, head)

    async def _take_others(self, mine: dict[int, _Slice], head: Record) -> bool:
        """Have a slice of each leg in hand.

        Returns:
            Whether all are there; otherwise look whether the first one is still to be done.
        """
        for leg, hand in self._hands:
            one = mine.get(leg.number)
            if one is not None and one.is_done(head.of(leg.number)):
                await hand.done(mine.pop(leg.number).taken)
                one = None
            if one is None:
                taken = await hand.take_soon()
                if taken is None:
                    await self._turn.look()
                    return False
                mine[leg.number] = _opened(taken, leg)
                if mine[leg.number].is_done(head.of(leg.number)):
                    return False
        return True

    async def _give(self, mine: Mapping[int, _Slice], head: Record) -> None:
        """Give the rows that are there of all legs, or the closing record if one has no more."""
        before = {number: head.of(number) for number in mine}
        left = {leg.number: mine[leg.number].left(before[leg.number]) for leg, _ in self._hands}
        closed = [number for number, one in mine.items() if one.record.closes]
        count = min([len(rows) for number, rows in left.items() if number not in closed], default=1)
        if closed and count:
            after = {number: mine[number].reaching(before[number], 0) for number in closed}
            await self._turn.make(advancing(before, after, Made(), closes=True))
            return
        after = {
            number: one.reaching(before[number], count)
            for number, one in mine.items()
            if number not in closed and (count or not left[number])
        }
        rows = list(zip(*[rows[:count] for rows in left.values()], strict=True)) if count else []
        made = _joined(rows, self._stop)
        await self._turn.make(advancing(before, after, made))

    async def _let_go(self, mine: dict[int, _Slice], head: Record) -> None:
        """Put everything out of hand, the first leg last: it is what lets another one begin."""
        for leg, hand in reversed(self._hands):
            one = mine.pop(leg.number, None)
            if one is None:
                continue
            if one.is_done(head.of(leg.number)):
                await hand.done(one.taken)
            else:
                await hand.back(one.taken)


@frozen
class _Slice:
    """A slice in hand: its record, and what stands at each of its places."""

    taken: Taken
    record: Record
    rows: Sequence[bytes | None]

    def is_done(self, progress: Progress) -> bool:
        return progress.has(self.record.position)

    def left(self, progress: Progress) -> Sequence[bytes | None]:
        """Return what is not done of it."""
        return self.rows[progress.part(self.record.position).places :]

    def reaching(self, progress: Progress, count: int) -> Progress:
        """Return the progress once as many rows more are done."""
        position = self.record.position
        part = progress.part(position)
        done = part.places + count
        if done < len(self.rows):
            return progress.reaching(position, Part(done))
        return progress.adding(position, closed=self.record.closes)


def _opened(taken: Taken, leg: Leg) -> _Slice:
    record = decode(taken.stored.data, leg.start)
    return _Slice(taken, record, leg.rows(record))


def _joined(rows: Sequence[Row], stop: Stop) -> Made:
    """Return what comes of rows: tuples of a zip, and of a rejoin what is there."""
    zips = stop.how == "zip"
    items: Items = {}
    for place, row in enumerate(rows):
        parts = [part for part in row if part is not None]
        if zips and len(parts) == len(row):
            items[place] = together(parts)
        elif not zips and parts:
            items[place] = _the_one(row)
    whole = len(items)
    torn = len(rows) - whole if zips else 0
    tally = Tally(whole + torn, whole, dropped=torn, emitted=whole)
    made = Made(items, tally=tally, length=len(rows))
    return stop.finished(made)


def _the_one(row: Row) -> bytes:
    """Return what stands in a row of a rejoin, with the number of the input."""
    return next(marked(number, part) for number, part in enumerate(row) if part is not None)
