"""What a page may ask for: a pause, to go on, a drain, an abort."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from typedpipes.errors import RunStateError
from typedpipes.observe.web.watched import Watched
from typedpipes.outlet import Pausable

LONGEST: Final = 4096
"""The most bytes of a command."""
_PATIENCE: Final = 5.0
"""Seconds until all of it has to be here."""
_WHY: Final = "from the page"


class Command(msgspec.Struct, forbid_unknown_fields=True):
    """What a command says.

    Attributes:
        of: the number of the plumber.
        nodes: which nodes are to pause or go on; all, if none are named.
    """

    of: Annotated[int, msgspec.Meta(ge=0)] = 0
    nodes: Sequence[str] = ()


def _pause(watched: Watched, parts: Sequence[Pausable]) -> None:
    watched.plumber.pause(*parts)


def _resume(watched: Watched, parts: Sequence[Pausable]) -> None:
    watched.plumber.resume(*parts)


def _drain(watched: Watched, _: Sequence[Pausable]) -> None:
    watched.plumber.drain(_WHY)


def _abort(watched: Watched, _: Sequence[Pausable]) -> None:
    watched.plumber.abort(_WHY)


COMMANDS: Final[Mapping[str, Callable[[Watched, Sequence[Pausable]], None]]] = {
    "pause": _pause,
    "resume": _resume,
    "drain": _drain,
    "abort": _abort,
}


def answer_to(name: str, watched: Sequence[Watched]) -> Handler:
    """Return what answers to a command."""

    async def answer(request: web.Request) -> web.Response:
        command = await _read(request)
        try:
            chosen = watched[command.of]
            parts = [chosen.parts[node] for node in command.nodes]
        except (IndexError, KeyError):
            raise web.HTTPNotFound(text="there is no such plumber or node\n") from None
        gauges = chosen.plumber.gauges()
        if gauges.is_over or gauges.state == "not begun":
            # A doom would end the next run as that begins.
            raise web.HTTPConflict(text="there is no run\n")
        COMMANDS[name](chosen, parts)
        return web.Response(status=204)

    async def told(request: web.Request) -> web.Response:
        try:
            return await answer(request)
        except RunStateError as error:
            raise web.HTTPConflict(text=f"{error}\n") from None

    return told


async def _read(request: web.Request) -> Command:
    body = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            async for chunk in request.content.iter_chunked(LONGEST):
                body += chunk
                if len(body) > LONGEST:
                    raise web.HTTPRequestEntityTooLarge(LONGEST, len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    try:
        return msgspec.json.decode(body, type=Command)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from None
