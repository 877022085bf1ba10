"""What is no Socket.IO, or not even HTTP, is refused in one line, and nothing of it is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from demos.web.conversation import conversation
from demos.web.protocol import Cancel, Refused
from tests.web.raw import answered
from tests.web.servers import Server, has_proc, serving
from tests.web.visitors import hear_until, websocket

MEGABYTE = 1_000_000


NAMES = ["*", "connect", "disconnect", "message", "said", "", "connect_error"]
DATA: list[object] = [None, {}, ("a", "b"), ({}, {}, {})]


@pytest.mark.parametrize("name", NAMES)
async def test_an_event_is_not_taken_for_one_of_socket_io_itself(name: str, server: Server) -> None:
    before = server.status().clients
    async with conversation(server.url) as visitor:
        for data in DATA:
            await visitor.send(name, data)
            await hear_until(visitor, Refused)

        assert server.status().clients == before + 1


@asynccontextmanager
async def engine(server: Server) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    """Talk to Engine.IO itself."""
    url = f"{server.url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as line:
        await line.send_str("40")
        yield line


async def refused_by(line: aiohttp.ClientWebSocketResponse) -> str:
    while True:
        said = await line.receive_str()
        if said.startswith('42["refused"'):
            return said


UNREADABLE = [
    '451-["run",{"_placeholder":true,"num":0}]',  # an attachment follows
    '461-["run"]',
    "42",
    "42[",
    "42{}",
    "42[]",
    "43[]",
    "44",
    "49",
    "4x",
    "42" + "[" * 100_000,
    "42" + "1" * 200,
]


@pytest.mark.parametrize("said", UNREADABLE)
async def test_what_is_no_event_is_refused(said: str, server: Server) -> None:
    async with engine(server) as line:
        await line.send_str(said)

        assert "nothing binary is spoken here" in await refused_by(line)


@has_proc
async def test_attachments_are_not_kept() -> None:
    with serving() as server:
        async with engine(server) as line:
            await line.send_str('4599-["run",{"_placeholder":true,"num":0}]')
            before = server.most_memory()
            with suppress(ConnectionError):  # it has read nothing, and is hung up on
                for _ in range(500):
                    await line.send_bytes(bytes(190_000))
            while not line.closed:
                await line.receive()
        grown = server.most_memory() - before

    assert grown < 30 * MEGABYTE


@pytest.mark.parametrize("said", ["x", "9", "5", "", "3" * 300, b"\x00"])
async def test_what_is_not_engine_io_makes_no_noise(said: str | bytes, server: Server) -> None:
    async with engine(server) as line:
        await (line.send_str(said) if isinstance(said, str) else line.send_bytes(said))
        async with websocket(server.url) as visitor:
            await visitor.ask(Cancel())
            await hear_until(visitor, Refused)

    assert "Traceback" not in server.printed


BROKEN = [
    b"BREW /coffee HTTP/1.1\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"\x16\x03\x01\r\n\r\n",
    b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n\r\n",
    b"POST /socket.io/?EIO=4&sid=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n\xff",
    b"GET /socket.io/?EIO=4&transport=x&j=y HTTP/1.1\r\nHost: localhost\r\n\r\n",
]


@pytest.mark.parametrize("said", BROKEN)
def test_what_is_not_http_makes_no_noise(said: bytes, server: Server) -> None:
    assert answered(server, said.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n"))
    assert "Traceback" not in server.printed


async def test_a_body_that_is_not_text_makes_no_noise(server: Server) -> None:
    url = f"{server.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        opened = json.loads((await (await http.get(url)).text())[1:])
        await http.post(f"{url}&sid={opened['sid']}", data=b"\xff\xfe")
        await http.post(f"{url}&sid={opened['sid']}", data=b"x")

    assert "Traceback" not in server.printed
