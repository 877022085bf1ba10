"""The door: a connection gets in when the head of its first request is here, and it has to hurry.

aiohttp takes any number of connections and lets each wait. So one client could take all that
the operating system has, with requests that never end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from demos.web.limits import Limits

HASTE = 5.0  # seconds until the head of a request has to be here
LONGEST_HEAD = 16_384  # bytes
MOST_WAITING = 256  # connections without a head; for one more, the oldest has to go
FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Door:
    """Makes the protocol of every new connection, as `loop.create_server` asks for it.

    Connections without a head cannot keep others out: there is always a place for one more, and
    a page sends its head at once.

    Args:
        serve: makes a protocol that serves a connection.
        inside: what is served already.
        limits: how many may be.
    """

    def __init__(
        self,
        serve: Callable[[], asyncio.Protocol],
        inside: Callable[[], Collection[object]],
        limits: Limits,
    ) -> None:
        self._serve = serve
        self._inside = inside
        self._most = limits.connections
        self._waiting: dict[Arrival, None] = {}

    def __call__(self) -> asyncio.Protocol:
        """Make the protocol of a connection that is new."""
        return Arrival(self)

    def wait(self, arrival: Arrival) -> None:
        """Let a connection wait for its head; the oldest goes if there are too many."""
        self._waiting[arrival] = None
        if len(self._waiting) > MOST_WAITING:
            next(iter(self._waiting)).turn_away()

    def forget(self, arrival: Arrival) -> None:
        """Let a connection wait no more."""
        self._waiting.pop(arrival, None)

    def admit(self) -> asyncio.Protocol | None:
        """Return what serves one more connection, if there is room for it."""
        return self._serve() if len(self._inside()) < self._most else None

    def close(self) -> None:
        """Turn away all that wait."""
        for arrival in [*self._waiting]:
            arrival.turn_away()


class Arrival(asyncio.Protocol):
    """A connection, up to the end of its first head. From then on aiohttp is its protocol."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._head = bytearray()
        self._transport: asyncio.Transport
        self._limit: asyncio.TimerHandle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the head."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # for type checkers: TCP
        self._transport = transport
        self._limit = asyncio.get_running_loop().call_later(HASTE, self.turn_away)
        self._door.wait(self)

    def data_received(self, data: bytes) -> None:
        """Take a part of the head; with the last one, hand the connection on."""
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._enter()
        elif len(self._head) > LONGEST_HEAD:
            self.turn_away()

    def _enter(self) -> None:
        self._leave()
        serving = self._door.admit()
        if serving is None:
            self._transport.write(FULL)
            self._transport.close()
            return
        self._transport.set_protocol(serving)
        serving.connection_made(self._transport)
        serving.data_received(bytes(self._head))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # as asyncio has it
        """Stop waiting: the connection has ended."""
        self._leave()

    def turn_away(self) -> None:
        """End the connection at once."""
        self._leave()
        self._transport.abort()

    def _leave(self) -> None:
        self._limit.cancel()
        self._door.forget(self)
