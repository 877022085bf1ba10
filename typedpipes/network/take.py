"""The reading end of a leg: what this process has in hand of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from typedpipes.network.patience import LOOK_AGAIN
from typedpipes.network.shift import Shift
from typedpipes.network.wire import Away, Reach, Taken, Wire

WAIT: Final = 2.0  # seconds; a wire may forget who waits, as when its server is restarted


class Hand:
    """Takes the records of a leg, and keeps them from others until they are done.

    What waits for its turn to be given stays in hand, and nothing else bounds how much that is
    than the `in_hand` of the leg: a second bound, such as a number of places, could be used up by
    later records while the one that all wait for is to be taken here.

    Args:
        wire: the wire of this process.
        leg: the leg.
        shift: for how long, and what takes note of what is in hand.
    """

    def __init__(self, wire: Wire, leg: Reach, shift: Shift | None = None) -> None:
        self._wire = wire
        self._leg = leg
        self._shift = shift or Shift()
        self._held: dict[str, Taken] = {}

    async def take(self) -> Taken:
        """Take the next record, waiting for it as long as it takes; see `take_more`."""
        while True:
            taken = await self.take_more()
            if taken is not None:
                return taken

    async def take_more(self) -> Taken | None:
        """Take the next record, waiting for it a while; return `None` if none comes.

        Once the shift is to end, it takes nothing more, and waits until it is cancelled.
        """
        if self._shift.takes_more():
            taken = await self.take_soon()
            if taken is None or self._shift.takes_more():
                return taken
            await self.back(taken)  # it was on its way
        never: asyncio.Future[Taken | None] = asyncio.get_running_loop().create_future()
        return await never

    async def take_soon(self, wait: float = WAIT) -> Taken | None:
        """Take the next record, waiting for it so many seconds; return `None` if none comes."""
        try:
            taken = await self._wire.take(self._leg, wait)
        except Away:
            await asyncio.sleep(LOOK_AGAIN)
            return None
        if taken is not None:
            self._held[taken.ticket] = taken
            self._shift.took(taken)
        return taken

    async def keep(self) -> None:
        """Keep from others what is in hand; goes on until it is cancelled."""
        while True:
            await asyncio.sleep(self._wire.keep_within / 3)
            for taken in list(self._held.values()):
                try:
                    await self._wire.keep(self._leg, taken)
                except Away:
                    break

    async def done(self, taken: Taken) -> None:
        """Put a record out of hand for good, and now and then say that there is room behind it."""
        self._held.pop(taken.ticket, None)
        self._shift.put(taken)
        try:
            await self._wire.done(self._leg, taken)
        except Away:
            return  # it comes again, and is recognised
        if not taken.stored.sequence % self._leg.hint_every:
            await self._wire.tell(self._leg.stream, b"")

    async def back(self, taken: Taken) -> None:
        """Let others have a record that is in hand, at once."""
        self._held.pop(taken.ticket, None)
        self._shift.put(taken)
        with suppress(Away):  # then they have it after a while
            await self._wire.back(self._leg, taken)

    async def put_back(self) -> None:
        """Let others have all that is in hand, and what is on its way."""
        with suppress(Away):
            await self._wire.let_go(self._leg)
        for taken in list(self._held.values()):
            await self.back(taken)
