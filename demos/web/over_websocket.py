"""Clients that come over a plain WebSocket, such as the page."""

from __future__ import annotations

from contextlib import suppress

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from attrs import frozen

from demos.web.protocol import Message, Refused
from demos.web.service import Service
from demos.web.session import Session
from demos.web.wire import LONGEST, Malformed, parsed_request, text_of

PATIENCE = 10.0  # seconds until a client that does not answer a ping counts as gone
CLOSING = 1.0  # seconds that a client has to answer a goodbye


@frozen
class WebSocketLine:
    """The way to a client over a WebSocket."""

    socket: web.WebSocketResponse

    async def send(self, message: Message) -> None:
        """Send a message as a JSON object."""
        with suppress(ConnectionError):  # it is gone, and `talk` is about to see that
            await self.socket.send_str(text_of(message))

    async def close(self) -> None:
        """Close the socket."""
        await self.socket.close(code=WSCloseCode.GOING_AWAY)


def attach(app: web.Application, service: Service) -> None:
    """Serve WebSocket clients at `/ws`."""

    async def talk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=PATIENCE, timeout=CLOSING, max_msg_size=LONGEST)
        await socket.prepare(request)
        session = await service.join(WebSocketLine(socket))
        if session is None:
            return socket
        try:
            async for said in socket:
                await _ask(service, session, said)
        finally:
            service.leave(session)
        return socket

    app.router.add_get("/ws", talk)


async def _ask(service: Service, session: Session, said: WSMessage) -> None:
    if said.type is not WSMsgType.TEXT:
        await session.tell(Refused("a request is a text, not bytes"))
        return
    try:
        await service.ask(session, parsed_request(said.data))
    except Malformed as error:
        await session.tell(Refused(str(error)))
