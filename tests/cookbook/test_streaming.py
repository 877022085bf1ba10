"""Streaming from FastAPI, with clients that disconnect from a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.cookbook.programs import BOTH, file_of
from tests.web.servers import Server, process_of

LIMIT = "maxsize=20"
CHECK = "    await asyncio.sleep(0.001)\n    return"
SLOW_FIRST = "    await asyncio.sleep(0.02 if part.startswith('part 0') else 0)\n    return"
ENDLESS = 10**9


@contextmanager
def served(which: str, folder: Path, *, limit: int = 20) -> Generator[Server]:
    """Serve the program, with such a limit, and with a check that takes longest for first parts."""
    code = file_of(which, "streaming", folder).read_text()
    assert code.count(LIMIT) == code.count(CHECK) == 1
    code = code.replace(LIMIT, f"maxsize={limit}").replace(CHECK, SLOW_FIRST)
    (folder / "streaming.py").write_text(code)
    with process_of("uvicorn", "streaming:app", "--port", "0", "--app-dir", str(folder)) as server:
        yield server


async def asked(client: aiohttp.ClientSession, parts: int) -> aiohttp.ClientResponse:
    return await client.get("/text", params={"parts": parts})


async def endless(client: aiohttp.ClientSession) -> aiohttp.ClientResponse:
    """Ask for a text without end, and wait for the begin of it."""
    response = await asked(client, ENDLESS)
    assert await response.content.readexactly(7) == b"part 0."
    return response


@pytest.mark.parametrize("which", BOTH)
async def test_each_client_gets_its_text_checked_and_in_order(which: str, tmp_path: Path) -> None:
    with served(which, tmp_path) as server:
        async with aiohttp.ClientSession(await asyncio.to_thread(lambda: server.url)) as client:
            responses = await asyncio.gather(*(asked(client, parts) for parts in range(10)))
            texts = [await response.text() for response in responses]

    assert texts == ["".join(f"part {n}. " for n in range(parts)) for parts in range(10)]


@pytest.mark.parametrize("which", BOTH)
async def test_a_client_that_disconnects_stops_its_text_and_makes_room(
    which: str, tmp_path: Path
) -> None:
    with served(which, tmp_path) as server:
        async with aiohttp.ClientSession(await asyncio.to_thread(lambda: server.url)) as client:
            first, second = await endless(client), await endless(client)
            waiting = await asked(client, 3)
            first.close()
            text = await waiting.text()
            second.close()
        await asyncio.to_thread(server.line_with, "a text of 3 parts is over")
        await asyncio.to_thread(server.line_with, f"a text of {ENDLESS} parts is over")

    assert text == "part 0. part 1. part 2. "


@pytest.mark.parametrize("which", BOTH)
async def test_too_many_clients_are_turned_away(which: str, tmp_path: Path) -> None:
    with served(which, tmp_path, limit=2) as server:
        async with aiohttp.ClientSession(await asyncio.to_thread(lambda: server.url)) as client:
            texts = [await endless(client), await endless(client)]
            refused = await asked(client, 3)
            status, said = refused.status, await refused.json()
            for text in texts:
                text.close()

    assert (status, said) == (429, {"detail": "too many texts"})
