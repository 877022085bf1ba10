"""A page as programs see it: over HTTP, with its token or without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import ClientResponse, ClientSession, ClientTimeout, CookieJar
from typing_extensions import TypeIs

from typedpipes import Feed, Plumber, Processor, Sink
from typedpipes.observe.web.serving import Viewer

PATIENCE = 30  # seconds until what does not come is a failed test
Json = dict[str, Any]  # Any: what JSON has


def draw(name: str = "numbers") -> tuple[Plumber, Feed[int]]:
    """Draw a graph whose items come from the test."""
    plumber = Plumber(name)
    feed = Feed[int](name="feed")
    plumber.connect(feed).to(Processor(double)).to(Sink(ignore))
    return plumber, feed


async def double(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is below 0")
    return 2 * number


async def ignore(number: int) -> None: ...


@asynccontextmanager
async def visiting(viewer: Viewer, *, token: bool = True) -> AsyncGenerator[ClientSession]:
    """Open a session with the page, which presents the token as programs do."""
    headers = {"Authorization": f"Bearer {viewer.token}"} if token else {}
    async with ClientSession(
        f"http://127.0.0.1:{viewer.port}",
        headers=headers,
        timeout=ClientTimeout(PATIENCE),
        cookie_jar=CookieJar(unsafe=True),  # of an address that is a number, as browsers do
    ) as session:
        yield session


async def events(stream: ClientResponse) -> AsyncIterator[tuple[str, Json]]:
    """Yield the events of a stream as they come, without its comments."""
    name = ""
    async for line in stream.content:
        key, _, value = line.decode().rstrip("\n").partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            yield name, msgspec.json.decode(value)


async def snapshots(stream: ClientResponse) -> AsyncIterator[Json]:
    """Yield what a page knows after each event that changes it."""
    known: Json = {}
    async for name, data in events(stream):
        if name == "snapshot":
            known = data
        elif name == "change":
            known = merge(known, data)
        else:
            continue
        yield known


async def until(told: AsyncIterator[Json], **wanted: object) -> Json:
    """Read snapshots until one has these values, and return that."""
    async with asyncio.timeout(PATIENCE):
        async for known in told:
            if all(known.get(name) == value for name, value in wanted.items()):
                return known
    raise AssertionError(f"the stream has ended before {wanted}")


def merge(into: Json, patch: Json) -> Json:
    """Apply a JSON Merge Patch, as RFC 7396 has it in pseudocode."""
    result = dict(into)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif is_object(value):
            before = result.get(name)
            result[name] = merge(before if is_object(before) else {}, value)
        else:
            result[name] = value
    return result


def is_object(value: object) -> TypeIs[Json]:
    return isinstance(value, dict)
