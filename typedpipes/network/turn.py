"""The turn: the right to give the next record of a node.

Any number of processes may work for a node. Each record is given on the condition that the
one before it is the last of the stream; so one process succeeds, and the others see what was
given and find out whether their result is still wanted. This one condition gives the order, and
each result exactly once, whichever process dies at whatever moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

from msgspec import msgpack

from typedpipes.network.errors import RecordTooLarge
from typedpipes.network.flight import Flight
from typedpipes.network.follower import Follower, Seen
from typedpipes.network.moves import NOT_YET, TOO_LATE, Move, Verdict, closing, giving
from typedpipes.network.patience import LOOK_AGAIN
from typedpipes.network.record import Made, Record, encode
from typedpipes.network.wire import Away, Full, NotMyTurn, Sealed, Wire


def _nothing() -> None:
    """Do nothing more about what is on its way."""


class Turn(Follower):
    """Gives the records of one node, from one process.

    In the order of the input, a record is given without waiting until the one before it is stored:
    where that is refused, so are all behind it, and they are given again. In any order, one is
    given at a time, because others give as well.

    Args:
        wire: the wire of this process.
        stream: the name of the node.
        in_order: whether `give` keeps the order of the input, or gives what is made as it is made.
        cap: the most records that a leg may have before it, if that is known: nothing is given
            then that there is no room for.
    """

    def __init__(
        self, wire: Wire, stream: str, *, in_order: bool = True, cap: int | None = None
    ) -> None:
        super().__init__(wire, stream)
        self._in_order = in_order
        self._cap = cap
        self._room_until: float = inf if cap is None else 1 + cap  # the opening record has 1
        self._holds_back = False  # nothing is given before there is news, or another look
        self._flight = Flight[Seen](lambda: wire.most_on_the_way if in_order else 1)
        self._waiting: dict[asyncio.Future[None], Move] = {}

    async def give(
        self, position: int, made: Made, number: int = 0, *, sent: Callable[[], None] = _nothing
    ) -> bool:
        """Give what was made of a position of an input, when it is its turn.

        Waits while it is not, or while there is no room, and then until it is stored.

        Args:
            position: which one.
            made: what was made of it.
            number: of the input.
            sent: called when it is on its way: the next may follow. It may be called again.

        Returns:
            Whether it was given now. Otherwise it was given before, perhaps by this very call,
            when the wire was cut; or the stream is sealed, and it is never given.
        """
        move = giving(position, made, in_order=self._in_order, number=number)
        return await self.make(move, sent=sent)

    async def close(self, position: int, number: int = 0, *, enough: int = 1) -> bool:
        """Note that an input is closed at a position; once enough are, with the closing record.

        Whatever the order, this waits for all positions before.
        """
        return await self.make(closing(position, number=number, enough=enough))

    async def make(self, move: Move, *, sent: Callable[[], None] = _nothing) -> bool:
        """Give what a move says, when it says so.

        Returns:
            As for `give`.
        """
        await self._look_first()
        while True:
            seen, verdict = self._seen, self._judged(move)
            if verdict is TOO_LATE:
                return False
            if isinstance(verdict, Record):
                if self._lacks_room():
                    await self._look_for_room()
                    continue
                if await self._try_to_give(verdict, sent):
                    return True
                if self._seen is not seen:
                    continue  # another process gave: decide anew
            await self._wait_for(move)

    def _judged(self, move: Move) -> Record | Verdict:
        """Return what a move comes to now."""
        seen, last = self._seen, self._flight.last
        if self.is_over:
            return TOO_LATE
        if seen is None or (last is not None and not self._may_follow(last)):
            return NOT_YET
        verdict = move((last or seen).head)
        if isinstance(verdict, Record):
            return NOT_YET if self._holds_back else verdict
        # What is on its way is too early to rely on: it may not be stored.
        return verdict if last is None else NOT_YET

    def _may_follow(self, last: Seen) -> bool:
        return self._flight.takes_more and not last.head.closes

    def _lacks_room(self) -> bool:
        last = self._flight.last or self._seen
        return last is not None and last.sequence >= self._room_until

    async def _look_for_room(self) -> None:
        """Find out for how many records there is room."""
        async with self._looking:
            if self._cap is None or not self._lacks_room():
                return
            news = self._news
            try:
                self._room_until = await self._wire.floor(self._stream) + self._cap
            except Sealed:
                self._seal()
            except Away:
                self._holds_back = True
            else:
                # A hint that came meanwhile may be about more than the answer.
                self._holds_back = self._lacks_room() and self._news is news

    async def _try_to_give(self, record: Record, sent: Callable[[], None]) -> bool:
        last = self._flight.last or self._seen
        if last is None:
            raise RuntimeError("nothing can be given behind what is not known")
        given = Seen(last.sequence + 1, record.head())
        behind = self._flight.name
        self._flight.take_off(given)
        name = self._flight.name
        stored = False
        try:
            sent()
            self._call()
            stored = await self._store(record, last.sequence, name, behind)
            if stored:
                self._learn(given)
        finally:
            self._flight.land(stored=stored)
            self._call()
        if stored:
            await self._wire.tell(self._stream, msgpack.encode(given))
        return stored

    async def _store(self, record: Record, after: int, name: str, behind: str) -> bool:
        """Store a record, or find out why it is not stored; return whether it is."""
        data = encode(record)
        if len(data) > self._wire.largest:
            raise RecordTooLarge(self._stream, len(data), self._wire.largest)
        before = self._seen
        try:
            await self._wire.give(self._stream, data, after, name=name, behind=behind)
        except Full:
            self._holds_back = True
        except Sealed:
            self._seal()
        except (NotMyTurn, Away):
            if self._flight.count == 1:  # the last of those that are refused because of one
                await self._look()
                # Told nothing new, all that wait here would try in turn, without a pause.
                self._holds_back = self._holds_back or self._seen is before
        else:
            return True
        return False

    async def _wait_for(self, move: Move) -> None:
        """Wait until there is something to do about a move; look after a while in any case."""
        called = asyncio.get_running_loop().create_future()
        self._waiting[called] = move
        try:
            async with asyncio.timeout(LOOK_AGAIN):
                await called
        except TimeoutError:
            await self._look_again()
        except asyncio.CancelledError:
            del self._waiting[called]
            self._call()  # another one in its place
            raise
        finally:
            self._waiting.pop(called, None)

    def _call(self) -> None:
        """Let one go on that can give what it waits to give, and those that never can."""
        for called, move in self._waiting.items():
            if not called.done() and (verdict := self._judged(move)) is not NOT_YET:
                called.set_result(None)
                if isinstance(verdict, Record):
                    return

    async def _look_again(self) -> None:
        """Look, unless another one has looked a moment ago."""
        async with self._looking:
            if asyncio.get_running_loop().time() >= self._looked + LOOK_AGAIN:
                self._holds_back = False  # perhaps: the hint may be lost
                await self._look()
                self._call()

    def _has_room(self) -> None:
        self._holds_back = False
        super()._has_room()

    def _tell_all(self) -> None:
        super()._tell_all()
        self._call()
