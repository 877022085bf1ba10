"""A session: one client, and what it has not read yet."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Protocol

from demos.web.limits import Limits
from demos.web.protocol import Goodbye, Message, Result
from demos.web.stop import Stop
from demos.web.wire import Malformed
from typedpipes import doomsday


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
        self._sent = self._taken = 0
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether the client has room for more."""
        return self._sent - self._taken < self._limits.unread

    async def give(self, value: str | int) -> None:
        """Send a result of the run, in turn, when the client has room for it."""
        async with self._turn:
            while not self.has_room:
                self._room.clear()
                await self._room.wait()
            self.given += 1
            if self.given == self._limits.items:
                await doomsday.get().put(
                    Stop(f"the limit of {self.given} results is reached", by="items")
                )
            await self._send(Result(self.given, value))

    async def tell(self, message: Message) -> None:
        """Send a message that must not wait, such as an answer.

        A client that asks more and more and reads none of the answers is hung up on.
        """
        if self._sent - self._taken >= self._limits.unread + self._limits.unread_answers:
            await self._line.close()
        else:
            await self._send(message)

    async def _send(self, message: Message) -> None:
        self._sent += 1
        await self._line.send(message)

    def taken(self, messages: int) -> None:
        """Take note of how many messages the client has read.

        Raises:
            Malformed: it cannot be.
        """
        if not self._taken <= messages <= self._sent:
            raise Malformed(
                f"you cannot have taken {messages} messages: {self._sent} were sent, and you had "
                f"taken {self._taken}. Count all messages since you connected."
            )
        self._taken = messages
        if self.has_room:
            self._room.set()

    async def hang_up(self, why: str) -> None:
        """Say goodbye and close the line."""
        await self.tell(Goodbye(why))
        await self._line.close()


session: ContextVar[Session] = ContextVar("session")
"""The session of the client that the current coroutine works for."""
