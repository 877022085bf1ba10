"""What a browser gets: the page, its style and script, and the status."""

from __future__ import annotations

from pathlib import Path

import msgspec
from aiohttp import web

from demos.web.service import Service
from typedpipes.observe.web.files import send_file

FOLDER = Path(__file__).parent / "page"
FILES = {"/": "index.html", "/page.css": "page.css", "/page.js": "page.js"}
HEADERS = {
    # Everything comes from here; a graph is shown as an image with its data in its address.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def attach(app: web.Application, service: Service) -> None:
    """Serve the page at `/`, and what the server does at `/status`."""

    async def file(request: web.Request) -> web.FileResponse:
        return web.FileResponse(FOLDER / FILES[request.path], headers=HEADERS)

    async def status(_: web.Request) -> web.Response:
        body = msgspec.json.format(msgspec.json.encode(service.status()))
        return web.Response(body=body, content_type="application/json")

    async def live(request: web.Request) -> web.Response:
        """Send a script or a style of the live drawing, which is that of the page of a run."""
        response = await send_file(request)
        response.headers.update(HEADERS)
        return response

    app.router.add_get("/live/{name}", live)
    for path in FILES:
        app.router.add_get(path, file)
    app.router.add_get("/status", status)
