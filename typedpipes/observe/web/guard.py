"""What a request has to be before it is answered.

Whatever makes a browser of this machine send requests must not see a run, nor end it: pages of
other sites, pages whose name leads here, programs of other users of the machine.
"""

from __future__ import annotations

from collections.abc import Collection
from secrets import compare_digest
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

COMMANDS_ARE: Final = "application/json"
"""The content type of commands: a form of another page cannot have it."""


class Door:
    """Lets in what is sent to this server by a name of its own, and has its token.

    A browser shows the token once, in the address, and gets a cookie for it. Cookies do not tell
    ports apart, so the name of the cookie does.

    Args:
        token: the secret.
        hosts: what else than this machine the server is reached by.
    """

    def __init__(self, token: str, hosts: Collection[str]) -> None:
        self._token = token
        self._hosts = {host.lower() for host in hosts}
        self._cookie = ""

    def open(self, host: str, port: int) -> None:
        """Learn where the server listens; the host is written as in an address."""
        self._cookie = f"typedpipes_{port}"
        self._hosts |= {f"{name}:{port}" for name in (host.lower(), "127.0.0.1", "localhost")}

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or say why not."""
        if request.headers.get(hdrs.HOST, "").lower() not in self._hosts:
            # A page of `evil.example` could read this one, once that name resolves to this machine.
            raise web.HTTPMisdirectedRequest(text="this is no name of this server\n")
        if request.path == "/" and "token" in request.query:
            self._exchange(request)
        if not self._knows(request):
            raise web.HTTPUnauthorized(
                text="open the whole address that the program has printed, token included\n"
            )
        return await handler(request)

    def _exchange(self, request: web.Request) -> None:
        """Turn a token in the address into a cookie, so that it stands there no longer."""
        if self._is_token(request.query["token"]):
            rest = {name: value for name, value in request.query.items() if name != "token"}
            away = web.HTTPSeeOther(request.rel_url.with_query(rest))
            away.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict", path="/")
            raise away

    def _knows(self, request: web.Request) -> bool:
        kind, _, bearer = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if kind.lower() == "bearer" and self._is_token(bearer.strip()):
            return True
        return self._is_token(request.cookies.get(self._cookie, ""))

    def _is_token(self, text: str) -> bool:
        return compare_digest(text.encode("utf-8", "replace"), self._token.encode())


@web.middleware
async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what the page of another origin has its browser send: all but a link to the page."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    mode = request.headers.get("Sec-Fetch-Mode")
    is_link = request.method == hdrs.METH_GET and mode == "navigate"
    # Another port of this machine is the same site, so it is sent the cookie.
    if site not in ("same-origin", "none") and not is_link:
        raise web.HTTPForbidden(text="pages of other origins may not ask for this\n")
    if request.method == hdrs.METH_POST:
        _check_command(request)
    return await handler(request)


def _check_command(request: web.Request) -> None:
    host = request.headers.get(hdrs.HOST, "")
    scheme, _, place = request.headers.get(hdrs.ORIGIN, "").partition("://")
    if scheme not in ("http", "https") or place.lower() != host.lower():
        raise web.HTTPForbidden(text="commands come from the page itself: Origin has to be ours\n")
    if request.content_type != COMMANDS_ARE:
        raise web.HTTPUnsupportedMediaType(text=f"commands are {COMMANDS_ARE}\n")


async def harden(_: web.Request, response: web.StreamResponse) -> None:
    """Add what keeps a response from being framed, guessed at, kept or used elsewhere."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
