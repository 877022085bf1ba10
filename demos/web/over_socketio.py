"""Clients that come over Socket.IO."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping

import socketio
from aiohttp import web
from aiohttp.typedefs import Handler
from attrs import frozen
from socketio.packet import CONNECT, DISCONNECT, EVENT, Packet

from demos.web.guard import Brief
from demos.web.limits import Limits
from demos.web.protocol import Message, Refused
from demos.web.service import MISTAKE, Service
from demos.web.session import Session
from demos.web.wire import LONGEST, Malformed, event_and_data, request_of

PATIENCE = 10  # seconds until a client that does not answer a ping counts as gone
SAID = "said"  # the event that handlers see, whatever a client calls it
PATH = "/socket.io/"

log = logging.getLogger(__name__)


class Said(Packet):
    """What a client says. Whatever that is, it is an event with JSON for the one handler.

    Socket.IO looks for a handler by the name that a client chose, which could be that of an
    event of its own, such as `disconnect`; and it keeps the attachments of binary events until
    all of them are here. Here all names are data, and nothing binary is spoken.
    """

    def decode(self, encoded_packet: str | bytes) -> int:
        """Read a packet; there are never attachments to wait for."""
        kind, data = None, None
        if isinstance(encoded_packet, str):
            try:
                super().decode(encoded_packet)
            except (ValueError, RecursionError):
                pass
            else:
                kind, data = self.packet_type, self.data
        if kind in (CONNECT, DISCONNECT):
            return 0
        self.packet_type, self.id = EVENT, None
        self.data = [SAID, *data] if kind == EVENT and isinstance(data, list) else [SAID]
        return 0


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
        server.on(SAID, self.ask)

    async def connect(self, sid: str, _environ: Mapping[str, object], _auth: object) -> None:
        """Let a client in."""
        session = await self._service.join(SocketIOLine(self._server, sid))
        if session is not None:
            self._sessions[sid] = session

    async def disconnect(self, sid: str, _reason: str) -> None:
        """See a client off."""
        session = self._sessions.pop(sid, None)
        if session is not None:
            self._service.leave(session)

    async def ask(self, sid: str, *said: object) -> None:
        """Take whatever a client says as a request."""
        session = self._sessions.get(sid)
        if session is None:
            return  # it was sent away, and still talks
        try:
            await self._service.ask(session, request_of(*said))
        except Malformed as error:
            await session.tell(Refused(str(error)))
        except Exception:
            log.exception("a request broke")
            await session.hang_up(MISTAKE)


def attach(app: web.Application, service: Service, limits: Limits) -> None:
    """Serve Socket.IO clients below `/socket.io`."""
    # What goes wrong in handlers is logged by them; the rest is what a client sent.
    engine = logging.getLogger("demos.web.engineio")
    engine.setLevel(logging.ERROR)
    engine.addFilter(Brief(BaseException))
    server = socketio.AsyncServer(
        async_mode="aiohttp",
        async_handlers=False,  # one request of a client after the other
        always_connect=True,  # so that the welcome can be sent while a client connects
        cors_allowed_origins=[],  # `guard` has seen to that
        engineio_logger=engine,
        max_http_buffer_size=LONGEST,
        ping_interval=PATIENCE,
        ping_timeout=PATIENCE,
        serializer=Said,
    )
    server.attach(app)
    Clients(server, service)

    @web.middleware
    async def bounded(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Bound the clients that have not yet said what they want, too."""
        if request.path != PATH:
            return await handler(request)
        if "sid" not in request.query and len(server.eio.sockets) >= limits.connections:
            raise web.HTTPServiceUnavailable(text="the server is full\n")
        try:
            return await handler(request)
        except ValueError as error:  # what Engine.IO makes of a message that it cannot read
            engine.error("a client says what is not Engine.IO: %s", type(error).__name__)
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPBadRequest from None

    async def background(_: web.Application) -> AsyncIterator[None]:
        yield
        await server.shutdown()

    app.middlewares.append(bounded)
    app.cleanup_ctx.append(background)
