"""Following: what one process knows of the last record of a node, whichever process gave it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from math import inf

from attrs import frozen
from msgspec import MsgspecError, msgpack

from typedpipes.network.backwards import Backwards
from typedpipes.network.patience import LOOK_RARELY
from typedpipes.network.record import OPENING, Record, decode
from typedpipes.network.wire import Away, Wire


@frozen
class Seen:
    """A record that was given, without its items: what is known of it, and what is told."""

    sequence: int
    head: Record


class Follower:
    """Follows the records of one node, from one process.

    Hints say at once what was given. They may be lost, so it also looks after a while.

    Args:
        wire: the wire of this process.
        stream: the name of the node.
    """

    def __init__(self, wire: Wire, stream: str) -> None:
        self._wire = wire
        self._stream = stream
        self._seen: Seen | None = None
        self._sealed = False
        self._news = asyncio.Event()
        self._backwards = Backwards(stream)
        self._looking = asyncio.Lock()
        self._looked = -inf  # when, on the clock of the event loop

    @asynccontextmanager
    async def following(self) -> AsyncGenerator[None]:
        """Hear what others give, for as long as the block runs."""
        async with self._wire.hear(self._stream, self._hear):
            yield

    @property
    def is_over(self) -> bool:
        """Whether nothing is given any more, as far as it is known here."""
        return self._sealed or (self._seen is not None and self._seen.head.closes)

    async def over(self) -> None:
        """Wait until the closing record is given, by any process, or the stream is sealed."""
        while not self.is_over:
            await self._hear_more(self._news)

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
            await self._hear_more(news)

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

    async def _look_first(self) -> None:
        async with self._looking:
            if self._seen is None:
                await self._look()

    async def _hear_more(self, news: asyncio.Event) -> None:
        """Wait for news, and look after a while in any case."""
        try:
            async with asyncio.timeout(LOOK_RARELY):
                await news.wait()
        except TimeoutError:
            await self._look()

    async def _look(self) -> Seen | None:
        before = self._seen  # what is heard of meanwhile may be newer than the answer
        try:
            stored = await self._wire.last(self._stream)
        except Away:
            return None
        finally:
            self._looked = asyncio.get_running_loop().time()
        if before is not None:
            self._backwards.look(before.sequence, stored)
        self._learn(Seen(stored.sequence, decode(stored.data, self._stream).head()))
        return self._seen

    def _hear(self, data: bytes) -> None:
        if not data:
            self._has_room()
            return
        with suppress(MsgspecError):  # of a stranger
            self._learn(msgpack.decode(data, type=Seen))

    def _has_room(self) -> None:
        """Hear that there may be room for more records."""
        self._tell_all()

    def _learn(self, seen: Seen) -> None:
        if self._seen is None or seen.sequence > self._seen.sequence:
            self._seen = seen
            self._tell_all()

    def _seal(self) -> None:
        self._sealed = True
        self._tell_all()

    def _tell_all(self) -> None:
        """Wake all that wait for news."""
        self._news.set()
        self._news = asyncio.Event()
