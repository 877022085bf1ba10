"""What a request has to be before any part of the server sees it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from attrs import frozen

PATIENCE = 30.0  # seconds that a request may take, if it is not a WebSocket
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@frozen
class Names:
    """The names that the server is reached by.

    A page of another name may not talk to it, also if that name leads here: a browser would let
    a page of `evil.example` do so, once `evil.example` resolves to this machine.

    Attributes:
        allowed: without a port, in lower case.
        forwarded: whether `X-Forwarded-Host` says what the browser asked for: only where a
            proxy sets it, as any client can send it.
    """

    allowed: Collection[str] = LOOPBACK
    forwarded: bool = False

    def refusal(self, request: web.Request) -> web.HTTPException | None:
        """Say why a request is not for this server, or comes from a strange page."""
        host = request.headers.get("Host", "")
        if self.forwarded:
            host = request.headers.get("X-Forwarded-Host", host).partition(",")[0].strip()
        if _name(f"//{host}") not in self.allowed:
            return web.HTTPMisdirectedRequest(
                text="this is no name of the server. If it should be one, start it with --name\n"
            )
        origin = request.headers.get("Origin")
        if origin is not None and _authority(origin) != host.lower():
            return web.HTTPForbidden(text="pages of other origins may not talk to this server\n")
        return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _authority(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def guard(names: Names) -> Middleware:
    """Make the middleware that all requests go through."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = names.refusal(request)
        if refusal is not None:
            raise refusal
        if request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket":
            return await handler(request)
        try:
            async with asyncio.timeout(PATIENCE):
                return await handler(request)
        except TimeoutError:
            raise web.HTTPRequestTimeout from None

    return guarded


class Brief(logging.Filter):
    """Logs what clients send wrong in one line instead of a traceback.

    Args:
        kinds: the errors that a client can cause.
    """

    def __init__(self, *kinds: type[BaseException]) -> None:
        super().__init__()
        self._kinds = kinds

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten a record."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, self._kinds):
            record.msg, record.args = f"{record.getMessage()}: {type(error).__name__}", ()
            record.exc_info = record.exc_text = None
        return True
