"""Connections that never say what they want do not keep others out."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import AsyncExitStack, ExitStack, closing
from pathlib import Path

import aiohttp
import pytest

from demos.web.door import LONGEST_HEAD, MOST_WAITING
from tests.web.raw import HALF, WHOLE, answered, connected, request
from tests.web.servers import ROOT, Server, has_proc, process_of_file, serving
from tests.web.visitors import websocket


@has_proc
def test_connections_that_never_finish_a_request_do_not_keep_others_out() -> None:
    with serving() as server, ExitStack() as stack:
        for _ in range(1_100):
            stack.enter_context(closing(connected(server, HALF)))
        status = server.status()
        files = server.open_files()

    assert status.clients == 0
    assert files < MOST_WAITING + 50
    assert len(server.printed) < 5_000


async def test_a_connection_for_which_there_is_no_room_is_told_so() -> None:
    with serving("--connections", "10") as server:
        async with AsyncExitStack() as stack:
            for _ in range(10):
                await stack.enter_async_context(websocket(server.url))
            refused = await asyncio.to_thread(answered, server, WHOLE)

    assert refused.startswith(b"HTTP/1.1 503")


LIMITED = """
import resource, sys
from demos.web import server

resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
sys.argv[1:] = ["--port", "0"]
server.main()
"""


def test_a_server_asks_for_the_files_that_its_connections_need(tmp_path: Path) -> None:
    file = tmp_path / "limited.py"
    file.write_text(LIMITED.format(soft=64, hard=4_096))
    with process_of_file(file, PYTHONPATH=str(ROOT)) as server, ExitStack() as stack:
        lines = [stack.enter_context(closing(connected(server, WHOLE))) for _ in range(200)]

        assert all(line.recv(20).startswith(b"HTTP/1.1 200") for line in lines)


def test_a_server_that_cannot_have_them_says_what_to_lower(tmp_path: Path) -> None:
    file = tmp_path / "limited.py"
    file.write_text(LIMITED.format(soft=64, hard=256))
    with process_of_file(file, PYTHONPATH=str(ROOT)) as server:
        code = server.end()

    assert code == 1
    assert "open files are needed, and 256 allowed. Lower --connections." in server.printed


IMPATIENT = """
import sys
from demos.web import guard, server

guard.PATIENCE = 0.1
sys.argv[1:] = ["--port", "0"]
server.main()
"""


@pytest.mark.parametrize("pretext", [[], ["Upgrade: websocket"]])
async def test_a_body_that_does_not_come_is_not_waited_for(
    pretext: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "impatient.py"
    file.write_text(IMPATIENT)
    path = "/socket.io/?EIO=4&transport=polling"
    with process_of_file(file, PYTHONPATH=str(ROOT)) as server:
        async with aiohttp.ClientSession() as http:
            opened = json.loads((await (await http.get(f"{server.url}{path}")).text())[1:])
        headers = ["Host: localhost", "Content-Length: 9", *pretext]
        post = request(f"{path}&sid={opened['sid']}", *headers).replace(b"GET", b"POST")
        answer = await asyncio.to_thread(answered, server, post)

    assert answer.startswith(b"HTTP/1.1 ")
    assert "Traceback" not in server.printed


@pytest.mark.slow  # it takes as long as a request may take
@pytest.mark.parametrize("said", [b"", HALF, WHOLE, WHOLE + HALF])
def test_a_connection_on_which_nothing_comes_is_closed(said: bytes, server: Server) -> None:
    assert answered(server, said).count(b"HTTP/1.1 200") == said.count(WHOLE)


def test_a_head_that_does_not_end_is_cut_off(server: Server) -> None:
    with closing(connected(server, HALF)) as line:
        line.sendall(b"x" * (LONGEST_HEAD + 1))

        assert ended(line)


def ended(line: socket.socket) -> bool:
    """Wait until the other side has ended a connection on which it says nothing."""
    try:
        return not line.recv(1)
    except ConnectionResetError:
        return True


def test_a_head_in_small_pieces_is_served(server: Server) -> None:
    with closing(connected(server, b"")) as line:
        for byte in request("/status", "Host: localhost"):
            line.sendall(bytes([byte]))

        assert line.recv(20).startswith(b"HTTP/1.1 200")


async def test_sessions_of_engine_io_that_never_connect_are_bounded() -> None:
    with serving("--connections", "10") as server:
        async with aiohttp.ClientSession() as http:
            statuses = [
                (await http.get(f"{server.url}/socket.io/?EIO=4&transport=polling")).status
                for _ in range(11)
            ]

    assert statuses == [200] * 10 + [503]
