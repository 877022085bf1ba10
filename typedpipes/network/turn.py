"""The turn: the right to give the next record of a node.

Any number of processes may work for a node. Each record is given on the condition that the
one before it is the last of the stream; so one process succeeds, and the others see what was
given and find out whether their result is still wanted. This one condition gives the order, and
each result exactly once, whichever process dies at whatever moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from attrs import frozen
from msgspec import MsgspecError, msgpack

from typedpipes.network.backwards import Backwards
from typedpipes.network.errors import RecordTooLarge
from typedpipes.network.moves import NOT_YET, TOO_LATE, Move, closing, giving
from typedpipes.network.patience import LOOK_AGAIN, LOOK_RARELY
from typedpipes.network.record import OPENING, Made, Record, decode, encode
from typedpipes.network.wire import Away, Full, NotMyTurn, Sealed, Wire


@frozen
class _Seen:
    """A record that was given, without its items: what is known of it, and what is told."""

    sequence: int
    head: Record


class Turn:
    """Gives the records of one node, from one process.

    Args:
        wire: the wire of this process.
        stream: the name of the node.
        in_order: whether `give` keeps the order of the input, or gives what is made as it is made.
    """

    def __init__(self, wire: Wire, stream: str, *, in_order: bool = True) -> None:
        self._wire = wire
        self._stream = stream
        self._in_order = in_order
        self._seen: _Seen | None = None
        self._sealed = False
        self._news = asyncio.Event()
        self._giving = asyncio.Lock()
        self._backwards = Backwards(stream)

    @asynccontextmanager
    async def followed(self) -> AsyncGenerator[None]:
        """Hear what others give, for as long as the block runs."""
        async with self._wire.hear(self._stream, self._hear):
            yield

    async def give(self, position: int, made: Made, number: int = 0) -> bool:
        """Give what was made of a position of an input, when it is its turn.

        Waits while it is not, or while there is no room.

        Returns:
            Whether it was given now. Otherwise it was given before, perhaps by this very call,
            when the wire was cut; or the stream is sealed, and it is never given.
        """
        return await self.make(giving(position, made, in_order=self._in_order, number=number))

    async def close(self, position: int, number: int = 0, *, enough: int = 1) -> bool:
        """Note that an input is closed at a position; once enough are, with the closing record.

        Whatever the order, this waits for all positions before.
        """
        return await self.make(closing(position, number=number, enough=enough))

    async def make(self, move: Move) -> bool:
        """Give what a move says, when it says so.

        Returns:
            As for `give`.
        """
        while True:
            # Taken before the look: what is heard in between must not be missed.
            news = self._news
            # One at a time: each would be refused because of its neighbour otherwise.
            async with self._giving:
                seen = self._seen or await self._look()
                if seen is not None:
                    if self._sealed or seen.head.closes:
                        return False
                    record = move(seen.head)
                    if record is TOO_LATE:
                        return False
                    if record is not NOT_YET:
                        if await self._try_to_give(seen, record):
                            return True
                        if self._seen is not seen:
                            continue  # another process gave: decide anew
            await self._wait(news, LOOK_AGAIN)

    @property
    def is_over(self) -> bool:
        """Whether nothing is given any more, as far as it is known here."""
        return self._sealed or (self._seen is not None and self._seen.head.closes)

    async def over(self) -> None:
        """Wait until the closing record is given, by any process, or the stream is sealed."""
        while not self.is_over:
            await self._wait(self._news, LOOK_RARELY)

    async def is_done(self, position: int, number: int = 0) -> bool:
        """Whether a position of an input is done, as far as the wire knows now.

        Ask before calling again.
        """
        head = await self.look()
        return head is not None and head.of(number).has(position)

    async def until(self, test: Callable[[Record], bool]) -> Record:
        """Wait until something is true of the last record, and return that."""
        while True:
            news = self._news
            head = await self.head()
            if head is not None and test(head):
                return head
            await self._wait(news, LOOK_RARELY)

    async def head(self) -> Record | None:
        """Return the last record, as it is known here; `None` if the wire is cut."""
        seen = self._seen or await self._look()
        return None if seen is None else seen.head

    async def look(self) -> Record | None:
        """Return the last record, without its items; `None` if the wire is cut."""
        seen = await self._look()
        return None if seen is None else seen.head

    @property
    def known_head(self) -> Record:
        """The last record, without its items, as far as it is known here."""
        return OPENING if self._seen is None else self._seen.head

    async def _try_to_give(self, seen: _Seen, record: Record) -> bool:
        data = encode(record)
        if len(data) > self._wire.largest:
            raise RecordTooLarge(self._stream, len(data), self._wire.largest)
        try:
            sequence = await self._wire.give(self._stream, data, seen.sequence)
        except Full:
            return False
        except Sealed:
            self._seal()
            return False
        except (NotMyTurn, Away):
            await self._look()
            return False
        given = _Seen(sequence, record.head())
        self._learn(given)
        await self._wire.tell(self._stream, msgpack.encode(given))
        return True

    async def _wait(self, news: asyncio.Event, seconds: float) -> None:
        """Wait for news, and look after a while in any case."""
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            await self._look()

    async def _look(self) -> _Seen | None:
        before = self._seen  # what is heard of meanwhile may be newer than the answer
        try:
            stored = await self._wire.last(self._stream)
        except Away:
            return None
        if before is not None:
            self._backwards.look(before.sequence, stored)
        self._learn(_Seen(stored.sequence, decode(stored.data, self._stream).head()))
        return self._seen

    def _hear(self, data: bytes) -> None:
        if not data:  # there is room
            self._tell_all()
            return
        with suppress(MsgspecError):  # of a stranger
            self._learn(msgpack.decode(data, type=_Seen))

    def _learn(self, seen: _Seen) -> None:
        if self._seen is None or seen.sequence > self._seen.sequence:
            self._seen = seen
            self._tell_all()

    def _seal(self) -> None:
        self._sealed = True
        self._tell_all()

    def _tell_all(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
