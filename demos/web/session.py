"""A session: one client, and what it has not read yet."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from contextvars import ContextVar
from typing import Protocol

from demos.web.limits import Limits
from demos.web.protocol import Goodbye, Message, Result
from demos.web.stop import Stop
from demos.web.wire import Malformed, size_of
from typedpipes import doomsday

FAREWELL = 2.0  # seconds that a client has to read a goodbye
EXACT = 2**53  # beyond it, the numbers of JavaScript have gaps


class Line(Protocol):
    """The way to one client, over whatever transport."""

    async def send(self, message: Message) -> None:
        """Send a message. To a client that is gone it sends nothing; the transport notices."""

    async def close(self) -> None:
        """Hang up."""


class Session:
    """One client. What it does not read is bounded.

    A transport takes what it is given and keeps it in memory until the client has read it. So
    a client says what it has taken, and a result waits as long as too much is unread. That
    fills the edges before it, back to the source.

    Attributes:
        given: how many results of the last run were given.
    """

    def __init__(self, line: Line, limits: Limits) -> None:
        self.given = 0
        self._line = line
        self._limits = limits
        self._taken = 0
        self._unread = deque[int]()  # the bytes of each message
        self._unread_bytes = 0
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether the client has room for more."""
        return (
            len(self._unread) < self._limits.unread
            and self._unread_bytes < self._limits.unread_bytes
        )

    async def room(self) -> None:
        """Wait until the client has room for more."""
        while not self.has_room:
            self._room.clear()
            await self._room.wait()

    async def give(self, value: str | int) -> None:
        """Send a result of the run, in turn, when the client has room for it."""
        async with self._turn:
            await self.room()
            self.given += 1
            if self.given == self._limits.items:
                await doomsday.get().put(
                    Stop(f"the limit of {self.given} results is reached", by="items")
                )
            exact = str(value) if isinstance(value, int) and abs(value) > EXACT else None
            await self._send(Result(self.given, value, exact))

    async def tell(self, message: Message) -> int:
        """Send a message that must not wait, such as an answer; return its number.

        A client that asks more and more and reads none of the answers is hung up on.
        """
        if len(self._unread) >= self._limits.unread + self._limits.unread_answers:
            await self._line.close()
        else:
            await self._send(message)
        return self._taken + len(self._unread)

    def has_read(self, number: int) -> bool:
        """Return whether the client has read the message with this number."""
        return self._taken >= number

    async def _send(self, message: Message) -> None:
        size = size_of(message)
        self._unread.append(size)
        self._unread_bytes += size
        await self._line.send(message)

    def taken(self, messages: int) -> None:
        """Take note of how many messages the client has read.

        Raises:
            Malformed: it cannot be.
        """
        sent = self._taken + len(self._unread)
        if not self._taken <= messages <= sent:
            raise Malformed(
                f"you cannot have taken {messages} messages: {sent} were sent, and you had "
                f"taken {self._taken}. Count all messages since you connected."
            )
        for _ in range(messages - self._taken):
            self._unread_bytes -= self._unread.popleft()
        self._taken = messages
        if self.has_room:
            self._room.set()

    async def hang_up(self, why: str) -> None:
        """Say goodbye and close the line, without waiting for a client that reads nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self.tell(Goodbye(why))
                await self._line.close()


session: ContextVar[Session] = ContextVar("session")
"""The session of the client that the current coroutine works for."""
