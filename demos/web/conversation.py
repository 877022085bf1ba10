"""A client's side of the protocol: typed requests go out, typed messages come in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import socketio

from demos.web.protocol import AnyMessage, Goodbye, Request, Taken
from demos.web.wire import Malformed, event_and_data, message_of

PATIENCE = 10  # seconds until a server that does not answer counts as not there


class HungUp(Exception):
    """The connection to the server has ended."""


class Conversation:
    """A conversation with the server.

    What `hear` gives counts as read: one in which `hear` is not called makes the pipeline at
    the server wait.
    """

    def __init__(self, client: socketio.AsyncClient) -> None:
        self._client = client
        # The server bounds what is in here: it waits until it is told what was taken.
        self._heard = asyncio.Queue[AnyMessage | Malformed | None]()
        self._taken = 0
        # Not coroutines: so messages keep their order.
        client.on("*", self._on_event)
        client.on("disconnect", self._on_disconnect)

    def _on_event(self, event: str, *data: object) -> None:
        try:
            message = message_of(event, *data)
        except Malformed as error:
            self._heard.put_nowait(error)  # raised here, it would be lost
            return
        self._heard.put_nowait(message)
        if isinstance(message, Goodbye):
            # Socket.IO does not tell of a disconnection that comes while it still connects.
            self._heard.put_nowait(None)

    def _on_disconnect(self, reason: str) -> None:  # noqa: ARG002  # what Socket.IO gives
        self._heard.put_nowait(None)

    async def ask(self, request: Request) -> None:
        """Ask the server for something."""
        await self.send(*event_and_data(request))

    async def send(self, event: str, data: object = None) -> None:
        """Send any event with any data, also what is not in the protocol.

        Raises:
            HungUp: the connection has ended.
        """
        try:
            await self._client.emit(event, data)
        except socketio.exceptions.BadNamespaceError:
            raise HungUp("the server has hung up") from None

    async def hear(self) -> AnyMessage:
        """Return the next message, and tell the server that it was read.

        Raises:
            HungUp: the connection has ended, and all messages were heard.
            Malformed: the server speaks another protocol.
        """
        message = await self._heard.get()
        if message is None:
            self._heard.put_nowait(None)
            raise HungUp("the server has hung up")
        if isinstance(message, Malformed):
            raise message
        self._taken += 1
        if self._client.connected:
            await self.ask(Taken(self._taken))
        return message


@asynccontextmanager
async def conversation(url: str) -> AsyncGenerator[Conversation]:
    """Connect to a server, and disconnect at the end.

    Raises:
        socketio.exceptions.ConnectionError: there is no server.
    """
    client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
    talk = Conversation(client)
    try:
        await client.connect(url, wait_timeout=PATIENCE)
        yield talk
    finally:
        await client.shutdown()
