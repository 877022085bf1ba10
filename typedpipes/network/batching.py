"""Batches: lists of items, whichever processes take these.

The items of a list that is not full yet are part of the last record. So the process that
takes the next slice goes on with that list, and nothing is lost with a process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from attrs import evolve

from typedpipes.fittings import Batch
from typedpipes.network.composed import together
from typedpipes.network.leg import Leg
from typedpipes.network.moves import NOT_YET, TOO_LATE, Move, Verdict
from typedpipes.network.record import Made, Progresses, Record, Tally
from typedpipes.network.shift import Shift
from typedpipes.network.station import Station
from typedpipes.network.stop import Stop
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Wire


class Batching:
    """One process's part in a batch.

    Args:
        wire: the wire of this process.
        stop: the stop.
        batch: what it holds.
        shift: for how long.
    """

    def __init__(self, wire: Wire, stop: Stop, batch: Batch, shift: Shift) -> None:
        self._size = batch.size
        self._within = batch.within
        self._station = Station(wire, stop, self._act, last=_giving_the_rest, shift=shift)

    async def work(self) -> None:
        """Work until the closing record is given, as any station."""
        if self._within is None:
            await self._station.work()
        else:
            await self._station.work(self._hurry(self._station.turn, self._within))

    async def _act(self, record: Record, leg: Leg, turn: Turn) -> bool:
        await turn.make(self._gathering(record.position, [*leg.raws(record).values()]))
        return True

    def _gathering(self, position: int, raws: Sequence[bytes]) -> Move:
        def move(head: Record) -> Record | Verdict:
            progress = head.of(0)
            if progress.has(position):
                return TOO_LATE
            if progress.floor != position - 1:
                return NOT_YET
            every = [*head.rest, *raws]
            whole = len(every) - len(every) % self._size
            lists = [every[at : at + self._size] for at in range(0, whole, self._size)]
            tally = Tally(len(raws), len(raws), emitted=len(lists))
            after = _with_lists(head, lists, tally, {0: progress.adding(position)})
            is_as_before = bool(head.rest) and not lists
            since = head.since if is_as_before else after.position
            return evolve(after, rest=every[whole:], since=since)

        return move

    async def _hurry(self, turn: Turn, within: float) -> None:
        """Give a list as it is when its first item has waited for so long.

        Every process counts from when it hears of that item, and the first gives the list.
        """
        while True:
            head = await turn.until(lambda head: bool(head.rest))
            await asyncio.sleep(within)
            await turn.make(_giving_what_waits(head.since))


def _giving_what_waits(since: int) -> Move:
    """Return the move that gives the list that was begun in a record, if it was not given."""

    def move(head: Record) -> Record | Verdict:
        return _all_given(head) if head.rest and head.since == since else TOO_LATE

    return move


def _giving_the_rest(position: int) -> Move:
    """Return the move that gives what is left when a position closes the input."""

    def move(head: Record) -> Record | Verdict:
        if not head.rest or head.of(0).has(position):
            return TOO_LATE
        return _all_given(head) if head.of(0).floor == position - 1 else NOT_YET

    return move


def _all_given(head: Record) -> Record:
    return _with_lists(head, [head.rest], Tally(emitted=1), {})


def _with_lists(
    head: Record, lists: Sequence[Sequence[bytes]], tally: Tally, progress: Progresses
) -> Record:
    items = {place: together(raws) for place, raws in enumerate(lists)}
    return head.followed_by(Made(items, tally=tally, length=len(items)), progress)
