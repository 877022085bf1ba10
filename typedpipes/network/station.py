"""A station: one process's part in the work for a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from typedpipes.network.leaving import end_with
from typedpipes.network.leg import Leg
from typedpipes.network.moves import Move
from typedpipes.network.record import Made, Record, decode
from typedpipes.network.shift import Shift
from typedpipes.network.side_by_side import Work
from typedpipes.network.stop import Stop
from typedpipes.network.take import Hand
from typedpipes.network.trials import comes_again
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Taken, Wire

Act: TypeAlias = Callable[[Record, Leg, Turn], Awaitable[bool]]
"""Makes something of a record of a leg, and gives that when it is its turn; returns whether it is
given, otherwise the run ends because of it."""

Make: TypeAlias = Callable[[Record, Leg], Awaitable[Made | None]]
"""Makes something of a record of a leg, or returns `None` if the run ends because of it."""


def _nothing(_: Record) -> None:
    """Do nothing more with a record that is done."""


def at_once(make: Make, given: Callable[[Record], None] = _nothing) -> Act:
    """Return what gives all that is made of a record at once.

    Args:
        make: makes something of it.
        given: called with the record once that is given.
    """

    async def act(record: Record, leg: Leg, turn: Turn) -> bool:
        made = await make(record, leg)
        if made is None:
            return False
        await turn.give(record.position, made, leg.number)
        given(record)
        return True

    return act


class Station:
    """Takes slices, and has something done with each.

    Of several legs, it takes slices as they come.

    Args:
        wire: the wire of this process.
        stop: the stop.
        act: does what there is to do with a record.
        last: returns what is given when a position closes the input, before the closing record.
        shift: for how long; until the end of the run by default.

    Attributes:
        turn: gives its records.
    """

    def __init__(
        self,
        wire: Wire,
        stop: Stop,
        act: Act,
        *,
        last: Callable[[int], Move] | None = None,
        shift: Shift | None = None,
    ) -> None:
        self._wire = wire
        self._stop = stop
        self._act = act
        self._last = last
        self.turn: Turn = Turn(wire, stop.name, in_order=stop.in_order, cap=stop.cap)
        self._hands = [(leg, Hand(wire, leg.reach, shift)) for leg in stop.legs]

    async def work(self, *beside: Work) -> None:
        """Work until the closing record is given, by whatever process.

        Cancelled, it lets others have what is in hand.

        Args:
            beside: what else to do until then.
        """
        async with self.turn.following():
            pulling = [self._pull(leg, hand) for leg, hand in self._hands]
            await end_with(self._wire, self._stop, self.turn, self._hands, *pulling, *beside)

    async def _pull(self, leg: Leg, hand: Hand) -> None:
        async with asyncio.TaskGroup() as slices:
            while True:
                taken = await hand.take()
                slices.create_task(self._work_on(taken, leg, hand))

    async def _work_on(self, taken: Taken, leg: Leg, hand: Hand) -> None:
        comes_again.set(taken.again)  # for the calls
        record = decode(taken.stored.data, leg.start)
        position = record.position
        if record.closes:
            if self._last is not None:
                await self.turn.make(self._last(position))
            await self.turn.close(position, leg.number, enough=len(self._hands))
        elif not (
            (taken.again and await self.turn.is_done(position, leg.number))
            or await self._act(record, leg, self.turn)
        ):
            return  # it stays in its edge
        await hand.done(taken)
