"""Sending: how the items of a source get on the wire."""

from __future__ import annotations

import asyncio
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

    A slice is cut as soon as nothing more is ready: an item never waits for others. The next one is
    cut when it is on its way, so what this holds is a slice for which there is no room, or what
    the wire has not said yet that it has stored.

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
        self._in_hand: dict[int, Sequence[object]] = {}  # by positions, in their order
        self._position = head.of(0).floor + 1  # of the next slice
        self._cut = head.tally.received  # items before it
        self._totals: dict[int, int] = {}  # items up to the last slices, by their positions
        # What is put into a feed is new; every other source begins anew with the same.
        self._to_skip = 0 if isinstance(stop.part, Feed) else self._cut
        self._is_deserted = False
        self._wire = wire
        self._stop = stop
        self._longest = longest
        self._doomsday = doomsday
        self._turn = Turn(wire, stop.name, cap=stop.cap)

    async def send(self, queue: InputQueue[object]) -> None:
        """Give everything that comes out of a queue, and then the closing record.

        Where nothing takes it any more, close the queue.
        """
        async with self._turn.following():
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
        places = asyncio.Semaphore(self._wire.most_on_the_way)
        async with asyncio.TaskGroup() as giving:
            async for items in self._slices(queue):
                position = self._take_note(items)
                made = await self._made(items)
                if made is None:
                    return
                sent = asyncio.Event()
                await places.acquire()
                giving.create_task(self._give(position, made, sent, places))
                await sent.wait()
        await self._turn.close(self._position)

    def _take_note(self, items: Sequence[object]) -> int:
        """Have a slice in hand, and return its position."""
        position = self._position
        self._in_hand[position] = items
        self._cut += len(items)
        self._totals[position] = self._cut
        self._totals.pop(position - 2 * self._wire.most_on_the_way, None)
        self._position += 1
        return position

    async def _give(
        self, position: int, made: Made, sent: asyncio.Event, places: asyncio.Semaphore
    ) -> None:
        if not await self._turn.give(position, made, sent=sent.set):
            await self._refuse_others()
        del self._in_hand[position]
        sent.set()
        places.release()

    async def _refuse_others(self) -> None:
        """Refuse to go on where another process gave what is in hand, and perhaps more or less.

        Raises:
            TakenOver: so it is.
            Away: the wire was away for too long.
        """
        last = await insist(partial(self._wire.last, self._stop.name))
        given = decode(last.data, self._stop.name)
        is_deserted = given.closes and bool(self._stop.deserted_by)
        if not is_deserted and given.tally.received != self._totals.get(given.of(0).floor):
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
        in_hand = [
            item
            for position, items in self._in_hand.items()
            if not progress.has(position)
            for item in items
        ]
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
