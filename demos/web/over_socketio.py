"""Clients that come over Socket.IO."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import socketio
from aiohttp import web
from attrs import frozen

from demos.web.protocol import Message, Refused
from demos.web.service import Service
from demos.web.session import Session
from demos.web.wire import Malformed, event_and_data, request_of

PATIENCE = 10  # seconds until a client that does not answer a ping counts as gone


@frozen
class SocketIOLine:
    """The way to a client over Socket.IO."""

    server: socketio.AsyncServer
    sid: str

    async def send(self, message: Message) -> None:
        """Emit a message to this client only."""
        event, data = event_and_data(message)
        await self.server.emit(event, data, to=self.sid)

    async def close(self) -> None:
        """Disconnect the client."""
        await self.server.disconnect(self.sid)


class Clients:
    """The clients of a Socket.IO server, by their ids."""

    def __init__(self, server: socketio.AsyncServer, service: Service) -> None:
        self._server = server
        self._service = service
        self._sessions: dict[str, Session] = {}
        server.on("connect", self.connect)
        server.on("disconnect", self.disconnect)
        server.on("*", self.ask)

    async def connect(self, sid: str, _environ: Mapping[str, object], _auth: object) -> None:
        """Let a client in."""
        if sid in self._sessions:
            return  # a client can send any event, also one that is called so
        session = await self._service.join(SocketIOLine(self._server, sid))
        if session is not None:
            self._sessions[sid] = session

    async def disconnect(self, sid: str, _reason: str) -> None:
        """See a client off."""
        session = self._sessions.pop(sid, None)
        if session is not None:
            self._service.leave(session)

    async def ask(self, event: str, sid: str, *data: object) -> None:
        """Take any other event as a request."""
        session = self._sessions.get(sid)
        if session is None:
            return  # it was sent away, and still talks
        try:
            await self._service.ask(session, request_of(event, *data))
        except Malformed as error:
            await session.tell(Refused(str(error)))


def attach(app: web.Application, service: Service) -> None:
    """Serve Socket.IO clients below `/socket.io`."""
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        async_handlers=False,  # one request of a client after the other
        always_connect=True,  # so that the welcome can be sent while a client connects
        ping_interval=PATIENCE,
        ping_timeout=PATIENCE,
    )
    server.attach(app)
    Clients(server, service)

    async def background(_: web.Application) -> AsyncIterator[None]:
        yield
        await server.shutdown()

    app.cleanup_ctx.append(background)
