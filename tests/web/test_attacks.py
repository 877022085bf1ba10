"""What clients do who mean harm: nobody else notices, and the server stays small."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, suppress
from pathlib import Path

import aiohttp
import pytest

from demos.web.conversation import conversation
from demos.web.door import LONGEST_HEAD, MOST_WAITING
from demos.web.limits import Limits
from demos.web.protocol import Cancel, Check, Checked, Refused, Result, Run, Started
from tests.web.servers import PATIENCE, ROOT, Server, process_of_file, serving
from tests.web.visitors import Connect, endless, hear_until, run, websocket

UNREAD = Limits().unread
MEGABYTE = 1_000_000
HALF = b"GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WHOLE = HALF + b"\r\n"
has_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc")


def connected(server: Server, said: bytes) -> socket.socket:
    """Open a connection and say something."""
    line = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
    line.sendall(said)
    return line


def answered(server: Server, said: bytes) -> bytes:
    """Say something, and give all that comes back."""
    with closing(connected(server, said)) as line:
        return b"".join(iter(lambda: line.recv(65536), b""))


def request(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Connection: close", *headers, "", ""]).encode()


# Memory


def doublings(count: int, text: str) -> dict[str, object]:
    """Define a graph that puts a text beside its mirror image, and the result again, and again."""
    nodes: dict[str, object] = {
        "n0": {"coro": "strings", "args": {"strings": [text], "times": 1_000_000}},
        "end": {"coro": "emit"},
    }
    graph: dict[str, list[str]] = {}
    for number in range(count):
        nodes[f"a{number}"] = {"coro": "reverse"}
        nodes[f"n{number + 1}"] = {"coro": "join"}
        graph[f"n{number}"] = [f"a{number}", f"n{number + 1}"]
        graph[f"a{number}"] = [f"n{number + 1}"]
    return {"nodes": nodes, "graph": {**graph, f"n{count}": ["end"]}}


@has_proc
async def test_nine_doublings_of_a_long_text_fail_before_they_take_memory() -> None:
    with serving() as server:
        async with websocket(server.url) as visitor:
            _, ended = await run(visitor, doublings(9, "x" * 15_000))
        memory = server.most_memory()

    assert ended.by == "failure"
    assert "is too large here" in ended.what
    assert memory < 200 * MEGABYTE


@has_proc
async def test_many_runs_of_items_that_just_fit_stay_small() -> None:
    with serving("--grace", "0.1") as server:
        async with AsyncExitStack() as stack:
            visitors = [await stack.enter_async_context(websocket(server.url)) for _ in range(40)]
            for visitor in visitors:
                await visitor.ask(Run(doublings(5, "\N{ROCKET}")))
            for visitor in visitors:
                for _ in range(UNREAD):
                    await hear_until(visitor, Result)
            may_hold = server.status().may_hold
        memory = server.most_memory()

    assert may_hold <= Limits().all_bytes
    assert memory < 200 * MEGABYTE


async def test_runs_that_would_hold_too_much_together_are_refused() -> None:
    with serving("--all-bytes", "3000000") as server:
        async with conversation(server.url) as first, conversation(server.url) as second:
            await first.ask(Run(endless(every=0.01, buffer=100)))
            await hear_until(first, Started)
            await second.ask(Run(endless(every=0.01, buffer=100)))
            refused = await hear_until(second, Refused)
            await second.ask(Run(endless(every=0.01, buffer=1)))
            await hear_until(second, Started)

    assert "more than the 3,000,000 that are allowed" in refused.what


async def test_a_client_does_not_pile_up_what_it_asks_to_be_drawn(connect: Connect) -> None:
    with serving() as server:
        async with connect(server.url) as visitor:
            for number in range(200):
                await visitor.ask(Check(doublings(9, f"{number}")))
            last = doublings(1, "last")
            await visitor.ask(Check(last))
            while (checked := await hear_until(visitor, Checked)).svg.count("data-node") > 5:
                pass

    assert "a0" in checked.svg


# Connections


@has_proc
def test_connections_that_never_finish_a_request_keep_nobody_out() -> None:
    with serving() as server, ExitStack() as stack:
        for _ in range(1_100):
            stack.enter_context(closing(connected(server, HALF)))
        status = server.status()
        files = server.open_files()

    assert status.clients == 0
    assert files < MOST_WAITING + 50
    assert len(server.printed) < 5_000


def test_a_connection_for_which_there_is_no_room_is_told_so() -> None:
    with serving("--connections", "10") as server, ExitStack() as stack:
        lines = [stack.enter_context(closing(connected(server, WHOLE))) for _ in range(10)]
        for line in lines:
            assert line.recv(20).startswith(b"HTTP/1.1 200")
        refused = answered(server, WHOLE)

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


async def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "impatient.py"
    file.write_text(IMPATIENT)
    path = "/socket.io/?EIO=4&transport=polling"
    with process_of_file(file, PYTHONPATH=str(ROOT)) as server:
        async with aiohttp.ClientSession() as http:
            opened = json.loads((await (await http.get(f"{server.url}{path}")).text())[1:])
        headers = ["Host: localhost", "Content-Length: 9"]
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


@pytest.mark.slow  # it waits as long as a request may take
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


# Who may talk

FOREIGN = {
    "a name that leads here": (["Host: evil.example"], 421),
    "no name": (["Host: "], 421),
    "no host that can be read": (["Host: ["], 421),
    "a forwarded name": (["Host: evil.example", "X-Forwarded-Host: localhost"], 421),
    "a page of elsewhere": (["Host: localhost", "Origin: http://evil.example"], 403),
    "a page of another port": (["Host: localhost:1", "Origin: http://localhost:2"], 403),
    "a page of a file": (["Host: localhost", "Origin: null"], 403),
    "an origin that cannot be read": (["Host: localhost", "Origin: http://["], 403),
    "a page that says it was forwarded": (
        ["Host: localhost", "Origin: http://evil.example", "X-Forwarded-Host: evil.example"],
        403,
    ),
}
PATHS = ["/", "/status", "/ws", "/socket.io/?EIO=4&transport=polling"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", FOREIGN)
def test_a_request_that_is_not_meant_for_the_server_is_refused(
    case: str, path: str, server: Server
) -> None:
    headers, status = FOREIGN[case]

    answer = answered(server, request(path, *headers))

    assert answer.startswith(f"HTTP/1.1 {status}".encode())


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST:80"])
def test_the_names_of_this_machine_are_allowed(name: str, server: Server) -> None:
    origin = f"Origin: http://{name}"

    answer = answered(server, request("/status", f"Host: {name}", origin))

    assert answer.startswith(b"HTTP/1.1 200")


def test_other_names_and_a_proxy_are_believed_where_that_is_asked_for() -> None:
    forwarded = ("Host: 10.0.0.7:8080", "X-Forwarded-Host: demo.example")
    with serving("--name", "demo.example", "--behind-proxy") as server:
        right = answered(server, request("/", *forwarded, "Origin: https://demo.example"))
        wrong = answered(server, request("/", *forwarded, "Origin: http://10.0.0.7:8080"))
        other = answered(server, request("/", "Host: demo.example", "X-Forwarded-Host: else.where"))

    assert right.startswith(b"HTTP/1.1 200")
    assert wrong.startswith(b"HTTP/1.1 403")
    assert other.startswith(b"HTTP/1.1 421")


# Socket.IO

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


# What others see


async def test_the_status_shows_nothing_that_a_client_wrote() -> None:
    secret: dict[str, object] = {
        "name": "secret plumber",
        "nodes": {
            "secret source": {"coro": "strings", "args": {"strings": ["secret item"]}},
            "secret node": {"coro": "avoid", "args": {"word": "secret"}},
            "secret sink": {"coro": "emit"},
        },
        "graph": {"secret source": ["secret node"], "secret node": ["secret sink"]},
    }
    with serving() as server:
        async with websocket(server.url) as runs, websocket(server.url) as fails:
            await runs.ask(Run({**endless(every=0.01), "name": "secret"}))
            await hear_until(runs, Started)
            _, ended = await run(fails, secret)
            _, status = server.get("/status")

    assert "secret item" in ended.what
    assert b"secret" not in status
    assert b'"failed": 1' in status
    assert "secret item" not in server.printed
