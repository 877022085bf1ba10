"""Real worker processes and a real server, killed in the middle of a run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Self

import pytest
from attrs import evolve

from tests.network.program import COUNT, KEEP_WITHIN, draw, nothing
from tests.network.servers import server_in
from typedpipes import Report
from typedpipes.nats import Broker, BrokerAway, serve, submit

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
