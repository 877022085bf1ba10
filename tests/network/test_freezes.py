"""Real processes that are stopped for longer than anything waits for them, and go on (SIGSTOP)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager

import pytest
from attrs import evolve

from tests.network.program import KEEP_WITHIN, nothing
from tests.network.program_that_freezes import COUNT, draw, draw_store
from tests.network.test_kills import ROOT
from typedpipes import Plumber
from typedpipes.nats import Broker, RemoteRun, serve, submit, submitting, work

HALF = COUNT // 2


@contextmanager
def process(broker: Broker, where: str) -> Generator[subprocess.Popen[bytes]]:
    """Run the program that freezes; it is killed if it is still there at the end of the block."""
    command = [sys.executable, "-m", "tests.network.program_that_freezes", broker.url, where]
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with started:
        try:
            yield started
        finally:
            started.kill()


async def frozen(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has stopped itself."""
    options = os.WSTOPPED | os.WEXITED | os.WNOWAIT
    result = await asyncio.to_thread(os.waitid, os.P_PID, process.pid, options)
    assert result is not None
    assert result.si_code == os.CLD_STOPPED


async def thaw(process: subprocess.Popen[bytes]) -> None:
    """Have a process go on, and wait until it does."""
    process.send_signal(signal.SIGCONT)
    assert await said(process) == b"goes on\n"


async def said(process: subprocess.Popen[bytes]) -> bytes:
    """Return the next line that a process writes; nothing if it has ended."""
    assert process.stdout is not None
    return await asyncio.to_thread(process.stdout.readline)


class Numbers:
    """A source that waits in the middle, until it is to go on."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()

    async def __call__(self) -> AsyncIterator[int]:
        for number in range(COUNT):
            if number == HALF:
                await self.goes_on.wait()
            yield number


async def passed(plumber: Plumber, node: str, count: int) -> None:
    """Wait until as many items have passed a node."""
    async for gauges in plumber.watch(every=0.05):
        if any(each.name == node and each.completed >= count for each in gauges.processors):
            return
    raise AssertionError(f"the run ended before {count} items had passed {node}")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["call", "lease", "give"])
async def test_a_worker_that_was_stopped_and_goes_on_changes_nothing(where: str) -> None:
    numbers = Numbers()
    plumber = draw(numbers)
    async with serve() as server:
        broker = evolve(server, keep_within=KEEP_WITHIN)
        with process(broker, where) as worker:
            async with submitting(plumber, broker), asyncio.TaskGroup() as group:
                await frozen(worker)
                group.create_task(work(draw(nothing), broker))
                await passed(plumber, "pairs", len([n for n in range(HALF) if n % 3]))
                await thaw(worker)
                if where == "give":
                    assert await said(worker) == b"is refused\n"
                numbers.goes_on.set()
                report = await plumber.ended()
            code = await asyncio.to_thread(worker.wait)

    assert report.collected["all"] == [(n, n * n) for n in range(COUNT) if n % 3]
    assert all(each.received == each.completed + each.dropped for each in report.counts)
    assert code == 0


@pytest.mark.slow
async def test_a_caller_that_was_stopped_goes_on_with_its_run() -> None:
    stored: list[int] = []
    async with serve() as server:
        broker = evolve(server, keep_within=KEEP_WITHIN)
        with process(broker, "source") as caller:
            working = asyncio.create_task(work(draw_store(nothing, stored.append), broker))
            await frozen(caller)
            while not (await RemoteRun(broker, "storing").summary()).is_abandoned:
                pass  # longer than anything waits for it
            await thaw(caller)
            await working
            code = await asyncio.to_thread(caller.wait)

    assert stored == [*range(COUNT)]
    assert code == 0


@pytest.mark.slow
async def test_a_caller_that_was_stopped_finds_that_another_one_has_taken_over() -> None:
    stored: list[int] = []
    half = asyncio.Event()

    def store(number: int) -> None:
        stored.append(number)
        if len(stored) == HALF:
            half.set()

    numbers = Numbers()
    async with serve() as server:
        broker = evolve(server, keep_within=KEEP_WITHIN)
        with process(broker, "source") as caller:
            async with asyncio.TaskGroup() as group:
                group.create_task(work(draw_store(nothing, store), broker))
                await frozen(caller)
                group.create_task(submit(draw_store(numbers), broker, resume=True))
                await half.wait()
                await thaw(caller)
                _, errors = await asyncio.to_thread(caller.communicate)
                numbers.goes_on.set()

    assert stored == [*range(COUNT)]
    assert caller.returncode == 1
    assert b"TakenOver" in errors
