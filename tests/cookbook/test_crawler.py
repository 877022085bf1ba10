"""The crawler, at a web server of its own."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.cookbook.programs import BOTH, imported, written

PAGES = 40
GONE = 13


class Site:
    """Pages that lead to the next ones and back, to one that is gone, and elsewhere."""

    def __init__(self) -> None:
        self.asked = Counter[int]()
        self.url = ""
        self.tenth = asyncio.Event()

    async def page(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"] or 0)
        self.asked[number] += 1
        if number == GONE:
            raise web.HTTPGone
        links = [(number + 1) % PAGES, (number + 2) % PAGES, number, GONE]
        text = "".join(f'<a href="{link}">' for link in links)
        return web.Response(text=f'{text}<a href="http://example.invalid/">')

    async def endless(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"] or 0)
        if number == 10:
            self.tenth.set()
        return web.Response(text=f'<a href="{number + 1}">')


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site, app = Site(), web.Application()
    app.router.add_get(r"/pages/endless/{number:\d*}", site.endless)
    app.router.add_get(r"/pages/{number:\d*}", site.page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/pages/"
    yield site
    await runner.cleanup()


@pytest.mark.parametrize("which", BOTH)
async def test_it_fetches_every_page_once_and_names_what_is_gone(
    which: str, site: Site, tmp_path: Path
) -> None:
    crawl = imported(which, "crawler", tmp_path).crawl

    fetched, failed = await crawl(site.url)

    numbers = set(range(PAGES)) - {GONE}
    assert sorted(fetched) == sorted(site.url + suffix for suffix in ("", *map(str, numbers)))
    assert failed == [f"{site.url}{GONE}"]
    assert site.asked == Counter({number: 2 if number == 0 else 1 for number in range(PAGES)})


async def test_ctrl_c_ends_it_and_it_says_what_it_has(site: Site, tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        written(tmp_path, "crawler"),
        f"{site.url}endless/",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await site.tenth.wait()

    program.send_signal(signal.SIGINT)
    printed, complaints = await program.communicate()

    assert complaints == b""
    assert program.returncode == 0
    found, pages, *_ = printed.split()
    assert int(found) >= 10
    assert pages == b"pages;"
