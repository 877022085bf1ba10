"""A station: one process's part in the work for a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from typedpipes.network.record import Made, Record, decode
from typedpipes.network.route import Leg, Stop
from typedpipes.network.side_by_side import run_until
from typedpipes.network.take import Hand
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Taken, Wire


def _nothing(_: Record) -> None:
    """Do nothing more with a record that is done."""


class Station:
    """Takes slices, has something made of them, and gives it when it is its turn.

    Args:
        wire: the wire of this process.
        stop: the stop.
        leg: what it takes.
        make: makes something of a record, or returns `None` if the run ends because of it.
        given: called with a record once what was made of it is given.
    """

    def __init__(
        self,
        wire: Wire,
        stop: Stop,
        leg: Leg,
        make: Callable[[Record], Awaitable[Made | None]],
        given: Callable[[Record], None] = _nothing,
    ) -> None:
        self._start = leg.start
        self._make = make
        self._given = given
        self._turn = Turn(wire, stop.name, in_order=stop.in_order)
        self._hand = Hand(wire, leg.reach)

    async def work(self) -> None:
        """Work until the closing record is given, by whatever process.

        Cancelled, it lets others have what is in hand.
        """
        async with self._turn.followed():
            try:
                await run_until(self._turn.over(), self._pull(), self._hand.keep())
            finally:
                await self._hand.put_back()

    async def _pull(self) -> None:
        async with asyncio.TaskGroup() as slices:
            while True:
                taken = await self._hand.take()
                slices.create_task(self._work_on(taken))

    async def _work_on(self, taken: Taken) -> None:
        record = decode(taken.stored.data, self._start)
        position = record.position
        if record.closes:
            await self._turn.close(position)
        elif not (taken.again and await self._turn.is_done(position)):
            made = await self._make(record)
            if made is None:
                return  # it stays in its edge
            await self._turn.give(position, made)
            self._given(record)
        await self._hand.done(taken)
