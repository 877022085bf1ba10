"""Real worker processes and a real server, killed in the middle of a run."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import pytest
from attrs import evolve

from tests.network.program import COUNT, KEEP_WITHIN, draw, nothing
from typedpipes import Report
from typedpipes.nats import Broker, BrokerAway, serve, submit
from typedpipes.nats.serve import _program

ROOT = Path(__file__).parent.parent.parent


class Crew:
    """Worker processes. Those that are there at the end of the block are killed.

    One that was hired late may have found that the run is over, and waits for the next one.
    """

    def __init__(self, url: str, program: str = "tests.network.program") -> None:
        self._url = url
        self._program = program
        self._processes: list[subprocess.Popen[bytes]] = []
        self.killed = 0

    def hire(self, *arguments: str) -> None:
        command = [sys.executable, "-m", self._program, self._url, *arguments]
        self._processes.append(subprocess.Popen(command, cwd=ROOT))

    def kill_one(self) -> None:
        """Kill the oldest, and hire another."""
        oldest = self._processes.pop(0)
        oldest.kill()
        oldest.wait()
        self.killed += 1
        self.hire()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._processes:
            each.kill()
            each.wait()


async def run(broker: Broker, at: Mapping[int, Callable[[], object]]) -> Report:
    """Run the drawing, and do something when the source makes certain numbers."""

    async def numbers() -> AsyncIterator[int]:
        for number in range(COUNT):
            if number in at:
                await asyncio.to_thread(at[number])
            yield number

    return await submit(draw(numbers), evolve(broker, keep_within=KEEP_WITHIN))


def check(report: Report) -> None:
    """All results have come once, in order, on both branches, and the counts say so."""
    assert report.collected["results"] == [number * number + 1 for number in range(COUNT)]
    assert report.collected["squares"] == [number * number for number in range(COUNT)]
    assert {each.received for each in report.counts} == {COUNT}


async def test_nothing_is_lost_or_comes_twice_when_workers_are_killed() -> None:
    async with serve() as broker:
        with Crew(broker.url) as crew:
            for _ in range(2):
                crew.hire()

            report = await run(broker, dict.fromkeys(range(50, COUNT, 60), crew.kill_one))

            check(report)
            assert crew.killed == 5


async def test_nothing_comes_twice_when_a_worker_dies_between_giving_and_saying_so() -> None:
    async with serve() as broker:
        with Crew(broker.url) as crew:
            for nth in (5, 20, 40, 80):
                crew.hire(str(nth))
            crew.hire()

            report = await run(broker, {})

            check(report)


class Server:
    """A server that can be killed and begun again, with the same store and address."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = {
            "host": "127.0.0.1",
            "port": self.port,
            "jetstream": {"store_dir": str(folder / "store")},
        }
        self._config = folder / "server.json"
        self._config.write_text(json.dumps(settings))
        self.begun = 0

    def begin(self) -> None:
        self._process = subprocess.Popen(
            [_program(), "--config", str(self._config)], stderr=subprocess.DEVNULL
        )
        self.begun += 1

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def begin_anew(self) -> None:
        self.kill()
        self.begin()


@asynccontextmanager
async def server_in(folder: Path) -> AsyncGenerator[tuple[Server, Broker]]:
    server = Server(folder)
    server.begin()
    try:
        yield server, Broker(f"nats://127.0.0.1:{server.port}")
    finally:
        server.kill()


async def test_a_run_goes_on_when_the_server_is_killed_and_begins_again(tmp_path: Path) -> None:
    async with server_in(tmp_path) as (server, broker):
        with Crew(broker.url) as crew:
            for _ in range(2):
                crew.hire()

            report = await run(
                broker, {100: server.begin_anew, 150: crew.kill_one, 200: server.begin_anew}
            )

            check(report)
            assert server.begun == 3


async def test_a_broker_that_is_not_there_is_named_without_its_secrets() -> None:
    broker = Broker("nats://secret@127.0.0.1:1", patience=0.2)

    with pytest.raises(BrokerAway, match="is away") as caught:
        await submit(draw(nothing), broker)

    assert "secret" not in str(caught.value)
    assert "127.0.0.1:1" in str(caught.value)
