"""How runs of the web demo end: by their client, by a limit, with the server; cleaned up always."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from demos.web.conversation import HungUp, conversation
from demos.web.limits import Limits
from demos.web.protocol import (
    Cancel,
    Ended,
    Goodbye,
    Refused,
    Result,
    Run,
    Started,
    Welcome,
)
from tests.web.servers import PATIENCE, ROOT, Server, process_of_file, serving
from tests.web.visitors import Connect, endless, hear_all, hear_until, run, stuck, websocket

UNREAD = Limits().unread
BUFFER = 10


def test_a_client_that_is_killed_dooms_its_pipeline_which_cleans_up(tmp_path: Path) -> None:
    file = tmp_path / "endless.json"
    file.write_bytes(msgspec.json.encode(endless(every=0.01)))
    with serving() as server:
        command = [sys.executable, "-u", "-m", "demos.web.client", "--url", server.url]
        with subprocess.Popen(
            [*command, "--definition", file], cwd=ROOT, text=True, stdout=subprocess.PIPE
        ) as client:
            assert client.stdout is not None
            printed = [client.stdout.readline() for _ in range(3)]
            client.kill()

        server.line_with("run 1 ended by client")
        status = server.status()

    assert printed == ["run 1 has started\n", "  1\n", "  4\n"]
    assert status.clients == 0
    assert not status.running
    (ended,) = status.ended
    assert ended.by == "client"
    assert ended.ending == "aborted"
    assert ended.cleaned_up == 3


async def test_a_client_that_leaves_dooms_its_pipeline() -> None:
    with serving() as server:
        async with websocket(server.url) as visitor:
            await visitor.ask(Run(endless()))
            await hear_until(visitor, Result)

        await asyncio.to_thread(server.line_with, "run 1 ended by client")

    assert "Traceback" not in server.printed


async def test_the_pipeline_of_a_client_that_does_not_read_stands_still(connect: Connect) -> None:
    with serving("--seconds", "1", "--grace", "0.1") as server:
        async with connect(server.url) as visitor:
            await visitor.ask(Run(endless(buffer=BUFFER)))
            await asyncio.to_thread(server.line_with, "run 1 ended by time")
            (ended,) = server.status().ended
            values, told = await hear_all(visitor)

    given = ended.nodes[0].emitted
    assert len(values) == ended.results
    assert ended.results < UNREAD
    # At most the two edges are full, and two items are in hand; all that was left was cleaned up.
    assert given <= UNREAD + 2 * BUFFER + 2
    assert given == ended.results + ended.found
    assert told.report.ending == "aborted"
    assert "did not flow out, and was aborted" in told.what


async def test_progress_is_told_once_to_a_client_that_does_not_read() -> None:
    with serving("--seconds", "2", "--grace", "0.1") as server:
        async with websocket(server.url) as visitor:
            await visitor.ask(Run(endless()))
            events: list[str] = []
            while "ended" not in events:
                said = await visitor.socket.receive_json()  # and it does not say `taken`
                events.append(said["event"])

    assert events.count("progress") == 1


async def test_a_pipeline_goes_on_as_soon_as_its_client_reads(
    connect: Connect, server: Server
) -> None:
    async with connect(server.url) as visitor:
        await visitor.ask(Run(endless()))
        for number in range(1, 3 * UNREAD):
            assert await hear_until(visitor, Result) == Result(number, number * number)


async def test_a_client_that_asks_and_never_reads_is_hung_up_on(server: Server) -> None:
    most = UNREAD + Limits().unread_answers
    async with conversation(server.url) as visitor:
        for _ in range(most):
            await visitor.ask(Cancel())
        heard = [await visitor.hear() for _ in range(most)]
        with pytest.raises(HungUp):
            await visitor.hear()

    assert isinstance(heard[0], Welcome)
    assert {type(each) for each in heard[1:]} == {Refused}


async def test_a_run_that_takes_too_long_is_drained() -> None:
    with serving("--seconds", "0.3") as server:
        async with conversation(server.url) as visitor:
            values, ended = await run(visitor, endless(every=0.01))

    assert ended.by == "time"
    assert ended.what == "the time limit of 0.3 s is reached; what was inside flowed out"
    assert ended.report.ending == "drained"
    assert {node.emitted for node in ended.report.processors[:-1]} == {len(values)}


async def test_a_run_that_gives_too_much_is_drained() -> None:
    with serving("--items", "10") as server:
        async with websocket(server.url) as visitor:
            values, ended = await run(visitor, endless(every=0.01))

    assert ended.by == "items"
    assert ended.what == "the limit of 10 results is reached; what was inside flowed out"
    assert {node.emitted for node in ended.report.processors[:-1]} == {len(values)}


async def test_a_second_request_is_refused_and_says_how_to_cancel(
    connect: Connect, server: Server
) -> None:
    async with connect(server.url) as visitor:
        await visitor.ask(Run(endless(every=0.01)))
        await visitor.ask(Run(endless(every=0.01)))
        refused = await hear_until(visitor, Refused)
        await visitor.ask(Cancel())
        ended = await hear_until(visitor, Ended)

    assert "a pipeline of yours runs already" in refused.what
    assert "send 'cancel'" in refused.what
    assert ended.by == "cancel"
    assert ended.report.ending == "drained"


async def test_a_second_cancel_aborts(connect: Connect, server: Server) -> None:
    async with connect(server.url) as visitor:
        await visitor.ask(Run(stuck()))
        await hear_until(visitor, Result)
        await visitor.ask(Cancel())
        await visitor.ask(Cancel())
        ended = await hear_until(visitor, Ended)

    assert ended.by == "cancel"
    assert ended.report.ending == "aborted"


async def test_a_coroutine_that_fails_ends_the_run_and_is_told(server: Server) -> None:
    async with conversation(server.url) as visitor:
        _, ended = await run(
            visitor,
            {
                "nodes": {
                    "inp": {"coro": "strings", "args": {"strings": ["foul"]}},
                    "careful": {"coro": "avoid", "args": {"word": "foul"}},
                    "out": {"coro": "emit"},
                },
                "graph": {"inp": ["careful"], "careful": ["out"]},
            },
        )

    assert ended.by == "failure"
    assert ended.what.startswith("'careful' failed on 'foul': ValueError")
    assert list(ended.report.errors) == [ended.what]


async def test_a_busy_server_says_so() -> None:
    with serving("--runs", "1") as server:
        async with conversation(server.url) as first, conversation(server.url) as second:
            await first.ask(Run(endless(every=0.01)))
            await hear_until(first, Started)
            await second.ask(Run(endless()))
            refused = await hear_until(second, Refused)

    assert refused.what.startswith("the server is busy: it runs 1 pipelines")


async def test_a_full_server_says_so_and_hangs_up(connect: Connect) -> None:
    with serving("--clients", "1") as server:
        async with connect(server.url) as first:
            await first.hear()
            async with connect(server.url) as second:
                goodbye = await second.hear()
                with pytest.raises(HungUp):
                    await second.hear()

    assert goodbye == Goodbye("the server is full. Try again in a moment.")


async def test_sigterm_drains_all_pipelines_tells_all_clients_and_exits_0(connect: Connect) -> None:
    with serving() as server:
        async with connect(server.url) as runs, connect(server.url) as idles:
            await runs.ask(Run(endless(every=0.01)))
            first = await hear_until(runs, Result)
            server.process.send_signal(signal.SIGTERM)
            values, ended = await hear_all(runs, first)
            goodbyes = [await hear_until(each, Goodbye) for each in (runs, idles)]
            for each in (runs, idles):
                with pytest.raises(HungUp):
                    await each.hear()
        code = await asyncio.to_thread(server.end)

    assert code == 0, server.printed
    assert ended.by == "server"
    assert ended.report.ending == "drained"
    assert {node.emitted for node in ended.report.processors[:-1]} == {len(values)}
    assert {each.what for each in goodbyes} == {"the server is stopping"}
    assert "Traceback" not in server.printed


async def test_a_second_sigterm_aborts_what_does_not_drain() -> None:
    with serving("--grace", str(PATIENCE)) as server:
        async with websocket(server.url) as visitor:
            await visitor.ask(Run(stuck()))
            first = await hear_until(visitor, Result)
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(server.line_with, "stopping")
            server.process.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(server.end)
            _, ended = await hear_all(visitor, first)

    assert code == 0, server.printed
    assert ended.report.ending == "aborted"
    assert "Traceback" not in server.printed


HANGS = """
import asyncio, sys
from demos.web import server
from demos.web.service import Service

async def stop(service: Service) -> None:
    print("it hangs", flush=True)
    await asyncio.Event().wait()

Service.stop = stop
sys.argv[1:] = ["--port", "0"]
server.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_third_signal_ends_a_server_that_cannot_stop(
    number: signal.Signals, tmp_path: Path
) -> None:
    file = tmp_path / "hangs.py"
    file.write_text(HANGS)
    with process_of_file(file, PYTHONPATH=str(ROOT)) as server:
        server.line_with("http://")
        server.process.send_signal(number)
        server.line_with("it hangs")
        server.process.send_signal(number)
        server.line_with("stopping at once")
        server.process.send_signal(number)
        code = server.end()

    assert code == -number
    assert "Traceback" not in server.printed
