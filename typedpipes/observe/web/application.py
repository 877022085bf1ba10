"""The page as an application of aiohttp: what it answers to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack

from aiohttp import web

from typedpipes.errors import SettingError
from typedpipes.observe.web.commands import COMMANDS, answer_to
from typedpipes.observe.web.files import send_file, send_page
from typedpipes.observe.web.guard import harden, refuse_strangers
from typedpipes.observe.web.streams import Streams
from typedpipes.observe.web.watched import Watched
from typedpipes.plumber import Plumber
from typedpipes.show.picture import printable


def make_app(plumbers: Sequence[Plumber], *, control: bool, items: bool) -> web.Application:
    """Return an application; see `typedpipes.observe.aiohttp_app`."""
    if not plumbers:
        raise SettingError("a page needs a plumber, or several, to show")
    watched = [Watched(plumber, items=items) for plumber in plumbers]
    names = [printable(plumber.name) for plumber in plumbers]
    streams = Streams(watched, {"control": control, "plumbers": names})

    async def note(_: web.Application) -> AsyncIterator[None]:
        with ExitStack() as stack:
            for each in watched:
                stack.enter_context(each.noting())
            yield

    async def close(_: web.Application) -> None:
        streams.close()

    app = web.Application(middlewares=[refuse_strangers])
    app.on_response_prepare.append(harden)
    app.cleanup_ctx.append(note)
    app.on_shutdown.append(close)
    app.router.add_get("/", send_page)
    app.router.add_get("/stream", streams.stream, allow_head=False)  # which would not end
    app.router.add_get("/{name}", send_file)
    if control:
        for name in COMMANDS:
            app.router.add_post(f"/{name}", answer_to(name, watched))
    return app
