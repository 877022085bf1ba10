"""Sending: how the items of a source get on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial

from typedpipes.errors import QueueClosed, QueueEmpty
from typedpipes.network.calling import carried
from typedpipes.network.doom import Doomsday
from typedpipes.network.errors import NotCarried, TakenOver
from typedpipes.network.leaving import all_over
from typedpipes.network.moves import leaving
from typedpipes.network.orders import Sentence
from typedpipes.network.patience import insist
from typedpipes.network.record import (
    NOTHING,
    OPENING,
    Items,
    Made,
    Progress,
    Record,
    Tally,
    decode,
    lose,
)
from typedpipes.network.side_by_side import run_until
from typedpipes.network.stop import Stop
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Wire
from typedpipes.queues import InputQueue
from typedpipes.source import Feed


class Sender:
    """Cuts the items of a source into slices, and gives them.

    A slice is cut as soon as nothing more is ready: an item never waits for others.

    Args:
        wire: the wire of the caller.
        stop: the source.
        longest: the most items of a slice.
        doomsday: where the run ends if an item cannot travel.
        head: the last record that a caller before this one has given.
    """

    def __init__(
        self,
        wire: Wire,
        stop: Stop,
        longest: int,
        doomsday: Doomsday,
        head: Record = OPENING,
    ) -> None:
        self._in_hand: Sequence[object] = ()
        self._position = head.of(0).floor + 1  # of what is in hand
        self._given = head.tally.received  # up to it
        # What is put into a feed is new; every other source begins anew with the same.
        self._to_skip = 0 if isinstance(stop.part, Feed) else self._given
        self._is_deserted = False
        self._wire = wire
        self._stop = stop
        self._longest = longest
        self._doomsday = doomsday
        self._turn = Turn(wire, stop.name, in_order=True)

    async def send(self, queue: InputQueue[object]) -> None:
        """Give everything that comes out of a queue, and then the closing record.

        Where nothing takes it any more, close the queue.
        """
        async with self._turn.followed():
            if not self._stop.deserted_by:
                await self._send_all(queue)
                return
            await run_until(self._deserted(), self._send_all(queue))
            if self._is_deserted:
                queue.close()
                await self._turn.make(leaving)

    async def _deserted(self) -> None:
        await all_over(self._wire, self._stop.deserted_by)
        self._is_deserted = True

    async def _send_all(self, queue: InputQueue[object]) -> None:
        await self._skip(queue)
        async for items in self._slices(queue):
            self._in_hand = items
            made = await self._made(items)
            if made is None:
                return
            if not await self._turn.give(self._position, made):
                await self._refuse_others(len(items))
            self._given += len(items)
            self._in_hand = ()
            self._position += 1
        await self._turn.close(self._position)

    async def _refuse_others(self, count: int) -> None:
        """Refuse to go on where another process gave what is in hand, and perhaps more or less.

        Raises:
            TakenOver: so it is.
            Away: the wire was away for too long.
        """
        last = await insist(partial(self._wire.last, self._stop.name))
        given = decode(last.data, self._stop.name)
        is_deserted = given.closes and bool(self._stop.deserted_by)
        if not is_deserted and given.tally.received != self._given + count:
            raise TakenOver(
                f"another process gives the items of {self._stop.name!r}, too. Submit a run in one "
                "process at a time."
            )

    def ahead(self, progress: Progress, made: Sequence[object] = ()) -> Sequence[object]:
        """Return the items that were made and not given, as the last record says.

        One that was cancelled while it gave them cannot know.

        Args:
            progress: that of the source.
            made: what it has made, and is not in hand.
        """
        in_hand = () if progress.has(self._position) else self._in_hand
        return (*in_hand, *made[self._to_skip :])

    async def _skip(self, queue: InputQueue[object]) -> None:
        """Leave out what a caller before this one has given."""
        with suppress(QueueClosed):
            while self._to_skip:
                await queue.get()
                self._to_skip -= 1

    async def _slices(self, queue: InputQueue[object]) -> AsyncIterator[Sequence[object]]:
        while True:
            try:
                items = [await queue.get()]
            except QueueClosed:
                return
            try:
                while len(items) < self._longest:
                    items.append(queue.get_nowait())
            except (QueueEmpty, QueueClosed):
                pass
            yield items

    async def _made(self, items: Sequence[object]) -> Made | None:
        raws: Items = {}
        for place, item in enumerate(items):
            try:
                raws[place] = carried(item, self._stop)
            except NotCarried as error:
                await self._doomsday.announce(Sentence(self._stop.name, lose(NOTHING, error)))
                return None
        count = len(raws)
        return Made(raws, tally=Tally(count, count, emitted=count), length=count)
