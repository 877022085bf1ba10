"""Methods of other libraries that give what is awaited or iterated without being `async def`.

No server is there: that the call came as far as that is shown by the error of the library.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pymongo
import pytest
import redis.asyncio
from aiohttp import web
from pymongo.errors import ServerSelectionTimeoutError
from typing_extensions import TypeVar

from typedpipes import Plumber, Processor, Source

Item = TypeVar("Item")


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async def greet(request: web.Request) -> web.Response:
        return web.Response(text=f"hello {request.path}")

    app = web.Application()
    app.router.add_get("/{name}", greet)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def text_of(response: aiohttp.ClientResponse) -> str:
    async with response:
        return await response.text()


async def test_a_method_of_an_aiohttp_session_fetches(address: str) -> None:
    plumber = Plumber()
    async with aiohttp.ClientSession(address) as session:
        pages = plumber.connect(Source(["/you"])).to(Processor(session.get)).to(Processor(text_of))
        collector = pages.collect()

        await plumber.run()

    assert collector.items == ("hello /you",)


async def error_of(call: Callable[[Item], Any], item: Item) -> Exception:  # Any: as libraries say
    plumber = Plumber()
    processor = Processor(call)
    plumber.connect(Source([item])).to(processor).collect()
    failures = plumber.failures(processor).collect()
    await plumber.run()
    (failure,) = failures.items
    return failure.error


async def test_a_command_of_redis_is_awaited() -> None:
    async with redis.asyncio.Redis(port=1) as client:
        assert isinstance(await error_of(client.get, "a"), redis.ConnectionError)


async def test_a_cursor_of_pymongo_is_iterated_over() -> None:
    url = "mongodb://127.0.0.1:1"
    async with pymongo.AsyncMongoClient[dict[str, str]](url, serverSelectionTimeoutMS=1) as client:
        error = await error_of(client["shop"]["goods"].find, {"name": "a"})

    assert isinstance(error, ServerSelectionTimeoutError)
