"""A server for the page alone, with a token."""

from __future__ import annotations

import asyncio
import re
import secrets
import warnings
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from attrs import field, frozen

from typedpipes.errors import SettingError
from typedpipes.observe.web.application import make_app
from typedpipes.observe.web.guard import Door
from typedpipes.plumber import Plumber
from typedpipes.shorten import shorten

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,}")
"""What can stand in an address and in a cookie as it is."""
_RANDOM: Final = 24
"""The bytes of a token that nobody chose."""
_CLOSING: Final = 1.0
"""Seconds for requests that are under way at the end."""


@frozen
class Viewer:
    """Where a page is.

    Attributes:
        url: its address, with the token: open it once, and do not publish it.
        port: where it listens.
        token: for programs, which send it as `Authorization: Bearer` and the token.
    """

    url: str = field(repr=False)
    port: int
    token: str = field(repr=False)


def serve(
    plumbers: Sequence[Plumber],
    *,
    control: bool,
    items: bool,
    port: int,
    host: str,
    token: str | None,
    hosts: Collection[str],
    linger: float,
) -> AbstractAsyncContextManager[Viewer]:
    """Check what was asked for, and return what serves it; see `typedpipes.observe.page`."""
    if type(port) is not int or not 0 <= port < 2**16:
        raise SettingError(f"the port of a page must be from 0 to 65535, not {shorten(port)}")
    if not linger >= 0:
        raise SettingError(f"linger must be a number of seconds, not {shorten(linger)}")
    if isinstance(hosts, str):
        raise SettingError(f"hosts must be a collection of names, not one: [{shorten(hosts)}]")
    if token is not None and not _TOKEN.fullmatch(token):
        raise SettingError(
            "the token of a page must have 16 letters, digits, - or _ or more, as "
            "`secrets.token_urlsafe()` makes them"
        )
    if not _is_loopback(host):
        if token is None:
            raise SettingError(
                f"a page at {host!r} can be reached by others. Pass a token of your own, or leave "
                "the host out to keep it on this machine."
            )
        warnings.warn(
            f"the page at {host!r} can be reached from the network, and what it sends is not "
            "encrypted: put a proxy with TLS before it",
            stacklevel=3,
        )
    app = make_app(plumbers, control=control, items=items)
    return _serving(app, host, port, token or secrets.token_urlsafe(_RANDOM), hosts, linger)


@asynccontextmanager
async def _serving(
    app: web.Application, host: str, port: int, token: str, hosts: Collection[str], linger: float
) -> AsyncGenerator[Viewer]:
    door = Door(token, hosts)
    app.middlewares.insert(0, door.guard)
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        keepalive_timeout=_CLOSING,
        shutdown_timeout=_CLOSING,
    )
    await runner.setup()
    try:
        await _listen(runner, host, port)
        bound: int = runner.addresses[0][1]
        at = f"[{host}]" if ":" in host else host
        door.open(at, bound)
        yield Viewer(f"http://{at}:{bound}/?token={token}", bound, token)
        await asyncio.sleep(linger)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SettingError(
            f"a page cannot listen at {host}:{port}: {error.strerror}. Take another port, or 0 for "
            "any that is free."
        ) from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
