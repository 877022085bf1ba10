"""The streams that pages listen to: a whole snapshot, then what changes, four times a second."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

from aiohttp import web

from typedpipes.blueprint import Blueprint
from typedpipes.observe.web.about import describe
from typedpipes.observe.web.events import BEAT, encode
from typedpipes.observe.web.watched import EVERY, Watched

MOST: Final = 20
"""How many streams there may be."""
PATIENCE: Final = 2.0
"""Seconds that a page may take to read what it was sent."""
_UNREAD: Final = 1 << 16
"""The bytes that the operating system holds for a page."""
_SILENCE: Final = 20
"""After how many looks without a change a comment is sent."""


class Streams:
    """Sends what is seen of plumbers to all pages that are open.

    There is no task behind it: each stream looks in the task of its request, and shares what it
    finds with the others.

    Args:
        watched: the plumbers.
        about: what every page is told first, beside what is said of its plumber.
    """

    def __init__(self, watched: Sequence[Watched], about: Mapping[str, object]) -> None:
        self._watched = watched
        self._about = about
        self._closing = asyncio.Event()
        self._open = 0

    def close(self) -> None:
        """Have all streams send the last numbers, and end."""
        self._closing.set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send one page what it asks for, until it or the server goes."""
        watched = self._chosen(request.query.get("of", "0"))
        if self._open >= MOST:
            raise web.HTTPServiceUnavailable(
                text=f"{MOST} pages are open: close one\n", headers={"Retry-After": "5"}
            )
        self._open += 1
        try:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            # The page is gone, or does not read: there is no one to tell.
            with suppress(ConnectionError, TimeoutError):
                await self._tell(watched, Line(request, response))
            return response
        finally:
            self._open -= 1

    def _chosen(self, number: str) -> Watched:
        if not number.isdecimal() or int(number) >= len(self._watched):
            raise web.HTTPNotFound(text="there is no such plumber\n")
        return self._watched[int(number)]

    async def _tell(self, watched: Watched, line: Line) -> None:
        blueprint: Blueprint | None = None
        version = 0
        while True:
            is_last = self._closing.is_set()
            latest = await watched.look(last=is_last)
            if blueprint is not watched.blueprint:  # another one may run now
                blueprint, version = watched.blueprint, 0
                about = await asyncio.to_thread(describe, blueprint)
                await line.send(encode("about", {**self._about, **about}))
            if not line.is_full() and latest != version:
                for message in watched.since(version):
                    await line.send(message)
                version = latest
            if is_last:
                await line.send(encode("closed", {}))
                return
            await line.rest(self._closing)


class Line:
    """The connection to one page.

    Args:
        request: what asked for the stream.
        response: the stream.
    """

    def __init__(self, request: web.Request, response: web.StreamResponse) -> None:
        self._request = request
        self._response = response
        self._silence = 0
        self._full_since: float | None = None
        if request.transport is not None:
            # Else it takes megabytes until it is seen that a page does not read.
            line: socket.socket = request.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD)

    def is_full(self) -> bool:
        """Whether the page has yet to read what it was sent.

        Raises:
            TimeoutError: it has had enough time for that.
            ConnectionResetError: it is gone.
        """
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        if not transport.get_write_buffer_size():
            self._full_since = None
            return False
        now = monotonic()
        self._full_since = self._full_since or now
        if now - self._full_since > PATIENCE:
            transport.abort()
            raise TimeoutError
        return True

    async def send(self, message: bytes) -> None:
        """Send a message.

        Raises:
            TimeoutError: the page does not read it.
            ConnectionError: the page is gone.
        """
        self._silence = 0
        try:
            async with asyncio.timeout(PATIENCE):
                await self._response.write(message)
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise

    async def rest(self, closing: asyncio.Event) -> None:
        """Wait until it is time for another look, or for the last one."""
        self._silence += 1
        if self._silence > _SILENCE:
            await self.send(BEAT)
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY):
                await closing.wait()
