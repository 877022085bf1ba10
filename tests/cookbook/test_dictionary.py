"""Segments with resources, at a dictionary behind web sockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from tests.cookbook.programs import BOTH, imported

WORKERS = 4


class Dictionary:
    """Translates over connections, and counts them."""

    def __init__(self) -> None:
        self.opened = Counter[str]()
        self.closed: list[asyncio.Event] = []
        self.url = ""

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        language = request.match_info["language"]
        self.opened[language] += 1
        closed = asyncio.Event()
        self.closed.append(closed)
        line = web.WebSocketResponse()
        await line.prepare(request)
        async for message in line:
            assert message.type is WSMsgType.TEXT
            await line.send_str(f"{message.data} in {language}")
        closed.set()
        return line


@pytest.fixture
async def dictionary() -> AsyncIterator[Dictionary]:
    dictionary, app = Dictionary(), web.Application()
    app.router.add_get("/{language}", dictionary.talk)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    dictionary.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield dictionary
    await runner.cleanup()


@pytest.mark.parametrize("which", BOTH)
async def test_each_word_comes_with_its_own_translations_in_order(
    which: str, dictionary: Dictionary, tmp_path: Path
) -> None:
    look_up = imported(which, "dictionary", tmp_path).look_up
    words = [f"word {number}" for number in range(50)]

    entries = await look_up(words, dictionary.url)

    assert entries == [(word, f"{word} in german", f"{word} in french") for word in words]
    assert dictionary.opened["german"] <= WORKERS
    assert dictionary.opened["french"] <= WORKERS
    for closed in dictionary.closed:
        await closed.wait()


async def test_no_more_connections_are_opened_than_words_need(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    look_up = imported("page", "dictionary", tmp_path).look_up

    await look_up(["word"], dictionary.url)

    assert dictionary.opened == {"german": 1, "french": 1}
