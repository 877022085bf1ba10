"""Where a broker is: what is shown of it, what is refused, and what it may lack."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from tests.network.brokers import on_a_server
from typedpipes import Plumber, Processor, SettingError, Source, WiringError
from typedpipes.nats import Broker, BrokerAway, BrokerUnfit, connection, runs, serve, submit, work
from typedpipes.nats.connection import connected
from typedpipes.nats.naming import run_named


async def step(number: int) -> int:
    return number


def draw() -> Plumber:
    plumber = Plumber("drawing")
    plumber.connect(Source([1, 2])).to(Processor(step)).collect(name="numbers")
    return plumber


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
        ("nats://secret@127.0.0.1:4222", "nats://...@127.0.0.1:4222"),
        ("tls://me:secret@broker.example", "tls://me:...@broker.example"),
        ("tls://one.example, tls://secret@two.example", "tls://one.example,tls://...@two.example"),
    ],
)
def test_a_broker_is_shown_without_its_secrets(url: str, shown: str) -> None:
    broker = Broker(url)

    assert f"url={shown!r}" in repr(broker)
    assert "secret" not in repr(broker)


@pytest.mark.parametrize(
    "url",
    [
        "nats://token@10.0.0.1:4222",
        "nats://me:word@broker.example",
        "nats://token@127.0.0.1:4222,nats://token@10.0.0.1:4222",
    ],
)
def test_a_secret_does_not_travel_in_the_clear(url: str) -> None:
    with pytest.raises(SettingError, match="in the clear"):
        Broker(url)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Broker(keep_within=0.0),
        lambda: Broker(patience=-1.0),
        lambda: Broker(replicas=0),
        lambda: Broker(replicas=6),
    ],
)
def test_a_setting_out_of_its_bounds_is_refused(make: Callable[[], Broker]) -> None:
    with pytest.raises(SettingError):
        make()


@pytest.mark.parametrize(
    ("plumber", "run", "name"),
    [("Crawl the web!", "", "crawl-the-web"), ("crawl", "crawl-7", "crawl-7")],
)
def test_a_run_is_named_after_its_plumber_or_as_it_is_said(
    plumber: str, run: str, name: str
) -> None:
    assert run_named(plumber, run) == name


@pytest.mark.parametrize("run", ["a.b", "a*", "Crawl", "a b", "x" * 41])
def test_a_name_that_would_mean_something_to_the_server_is_refused(run: str) -> None:
    with pytest.raises(SettingError, match="letters, digits and hyphens"):
        run_named("plumber", run)


async def test_a_worker_may_work_for_some_processors_only() -> None:
    plumber = draw()
    other = Processor(step)

    with pytest.raises(WiringError, match="no worker works for"):
        await work(plumber, Broker(), only=[other])


async def test_nobody_without_the_token_gets_in() -> None:
    async with serve() as broker:
        stranger = Broker(f"nats://127.0.0.1:{broker.url.rpartition(':')[2]}", patience=0.1)

        with pytest.raises(BrokerAway, match="Authorization Violation"):
            await submit(draw(), stranger)


async def test_of_several_servers_those_that_are_up_are_enough() -> None:
    async with serve() as broker:
        urls = f"nats://127.0.0.1:1,{broker.url},nats://127.0.0.1:2"

        async with connected(evolve(broker, url=urls)) as server:
            assert await server.ask("$JS.API.INFO")


async def test_a_server_that_is_alone_does_not_keep_replicas() -> None:
    async with serve() as broker:
        with pytest.raises(BrokerUnfit, match=r"needs 3 servers .* is a single server.*replicas"):
            await submit(draw(), evolve(broker, replicas=3))

        assert await runs(broker) == []


async def test_a_server_stores_in_the_folder_that_it_is_given(tmp_path: Path) -> None:
    store = tmp_path / "store"

    async with serve(store):
        pass

    assert (store / "jetstream").is_dir()
    assert store.stat().st_mode & 0o077 == 0


ENDED_BY_CTRL_C = """
import asyncio, signal
from typedpipes.nats import runs, serve

async def main() -> None:
    pressed = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, pressed.set)
    async with serve() as broker:
        print("up", flush=True)
        await pressed.wait()
        print(await runs(broker))

asyncio.run(main())
"""


async def test_a_server_outlasts_ctrl_c_as_long_as_its_block_does() -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        ENDED_BY_CTRL_C,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert program.stdout is not None
    assert await program.stdout.readline() == b"up\n"

    os.killpg(program.pid, signal.SIGINT)  # what a terminal does

    assert await program.stdout.read() == b"[]\n"
    assert await program.wait() == 0


async def test_nothing_of_a_run_is_left_on_the_server() -> None:
    async with on_a_server() as connect, connect() as wire:
        await wire.open((), b"opening")
        await wire.note("doom", b"came")

        await wire.forget()

        assert await wire.fact("doom") is None
        await wire.open((), b"again")


async def test_a_server_without_jetstream_is_named_as_one() -> None:
    program = Path(sys.executable).with_name("nats-server")
    server = await asyncio.create_subprocess_exec(
        program, "-a", "127.0.0.1", "-p", "-1", stderr=asyncio.subprocess.PIPE
    )
    assert server.stderr is not None
    port = 0
    try:
        async for line in server.stderr:
            if b"Listening for client connections" in line:
                port = int(line.rpartition(b":")[2])
            if b"Server is ready" in line:
                break

        with pytest.raises(BrokerUnfit, match=r"no JetStream.* Start it with `-js`"):
            async with connected(Broker(f"nats://127.0.0.1:{port}")):
                pass
    finally:
        server.terminate()
        await server.communicate()


async def test_a_server_that_is_slow_is_not_said_to_lack_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "ANSWER_WITHIN", 0.05)

    async def serve_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        info = {"version": "2.15.0", "max_payload": 1_000_000, "headers": True, "proto": 1}
        writer.write(b"INFO %s\r\n" % json.dumps(info).encode())
        async for line in reader:
            if line == b"PING\r\n":
                writer.write(b"PONG\r\n")  # and no answer to anything else
        writer.close()

    async with await asyncio.start_server(serve_slowly, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        with pytest.raises(BrokerAway, match="timeout"):
            async with connected(Broker(f"nats://127.0.0.1:{port}", patience=0.2)):
                pass
