"""The files that a browser gets: they are of this package, and nothing comes from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from secrets import token_urlsafe
from string import Template
from typing import Final

from aiohttp import web

TYPES: Final = {".js": "text/javascript", ".css": "text/css"}


@cache
def read_file(name: str) -> str:
    """Return the text of a file of the page."""
    return (files("typedpipes.observe.web") / "page" / name).read_text("utf-8")


@cache
def names() -> frozenset[str]:
    """Return the names of the scripts and styles."""
    folder = files("typedpipes.observe.web") / "page"
    return frozenset(each.name for each in folder.iterdir() if each.name.endswith(tuple(TYPES)))


async def send_page(_: web.Request) -> web.Response:
    """Send the page. Its scripts have a number that is used once, and others do not run."""
    nonce = token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'"
    )
    return web.Response(
        text=Template(read_file("page.html")).substitute(nonce=nonce),
        content_type="text/html",
        headers={"Content-Security-Policy": policy},
    )


async def send_file(request: web.Request) -> web.Response:
    """Send a script or a style."""
    name = request.match_info["name"]
    if name not in names():
        raise web.HTTPNotFound
    kind = TYPES[name[name.rindex(".") :]]
    return web.Response(text=read_file(name), content_type=kind, charset="utf-8")
