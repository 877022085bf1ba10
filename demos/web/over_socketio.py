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
    _listen(server, service)

    async def background(_: web.Application) -> AsyncIterator[None]:
        yield
        await server.shutdown()

    app.cleanup_ctx.append(background)


def _listen(server: socketio.AsyncServer, service: Service) -> None:
    sessions: dict[str, Session] = {}

    @server.event
    async def connect(sid: str, environ: Mapping[str, object], auth: object) -> None:  # noqa: ARG001  # what Socket.IO gives
        session = await service.join(SocketIOLine(server, sid))
        if session is not None:
            sessions[sid] = session

    @server.event
    async def disconnect(sid: str, reason: str) -> None:  # noqa: ARG001  # as above
        session = sessions.pop(sid, None)
        if session is not None:
            service.leave(session)

    @server.on("*")
    async def ask(event: str, sid: str, *data: object) -> None:
        session = sessions.get(sid)
        if session is None:
            return  # it was sent away, and still talks
        try:
            await service.ask(session, request_of(event, *data))
        except Malformed as error:
            await session.tell(Refused(str(error)))
