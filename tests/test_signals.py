"""Promise 6: the first signal drains, the second aborts. Tried with real signals."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import textwrap
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from typedpipes import Doom, Feed, Plumber, RunStateError, Sink, Source

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # seconds until a process that does not end is a failed test
SCRIPT = textwrap.dedent(
    """
    import asyncio, signal, sys
    from typedpipes import Plumber, Processor, Sink, Source, run

    async def endless():
        yield 1
        print("begun", flush=True)
        await asyncio.Event().wait()

    async def slow(number):
        if sys.argv[1] == "stays":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                print("cancelled", flush=True)
                raise

    async def told(queue):
        async for doom in queue:
            print("told", doom.mode, doom.reason, flush=True)

    async def watch(plumber):
        async for doom in plumber.doomsday:
            print("doom", doom.mode, flush=True)

    async def main():
        plumber = Plumber()
        sink = Sink(slow).cleanup(doomsday=told)
        plumber.connect(Source(endless)).to(sink)
        watching = asyncio.create_task(watch(plumber))
        before = signal.getsignal(signal.SIGTERM)
        report = await plumber.run(signals=(signal.SIGINT, signal.SIGTERM))
        watching.cancel()
        print("ended", report.ending, report.of(sink).interrupted, flush=True)
        print("restored", signal.getsignal(signal.SIGTERM) is before, flush=True)
        await asyncio.wait((watching,))

    asyncio.run(main())
    """
)


async def ignore(item: object) -> None: ...


@contextmanager
def running(kind: str) -> Generator[tuple[subprocess.Popen[str], IO[str]]]:
    """Run the script in a process of its own, until its first item is in hand."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT, kind],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "begun\n"
            yield process, process.stdout
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_drains(number: signal.Signals) -> None:
    with running("goes") as (process, output):
        process.send_signal(number)
        told = output.read().splitlines()
        status = process.wait(PATIENCE)

    assert told == [
        "doom drain",
        f"told drain signal {number.name}",
        "ended drained 0",
        "restored True",
    ]
    assert status == 0


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_aborts(second: signal.Signals) -> None:
    with running("stays") as (process, output):
        process.send_signal(signal.SIGINT)
        first_answer = output.readline()
        process.send_signal(second)
        told = output.read().splitlines()
        status = process.wait(PATIENCE)

    assert first_answer == "doom drain\n"
    assert sorted(told) == sorted(
        [
            "doom abort",
            "cancelled",
            "told drain signal SIGINT",
            f"told abort signal {second.name}",
            "ended aborted 1",
            "restored True",
        ]
    )
    assert status == 0


async def test_a_run_without_signals_leaves_the_handlers_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    feed = Feed[int]()
    plumber = Plumber()
    plumber.connect(feed).to(Sink(ignore))

    async with plumber.running():
        during = signal.getsignal(signal.SIGTERM)

    assert during is before


@pytest.mark.parametrize("ending", ["drained", "aborted", "cancelled"])
async def test_the_handlers_are_restored_however_the_run_ends(ending: str) -> None:
    def mine(number: int, frame: object) -> None: ...

    before = signal.signal(signal.SIGUSR1, mine)
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))
    running = asyncio.create_task(plumber.run(signals=(signal.SIGUSR1,)))
    await asyncio.sleep(0)
    during = signal.getsignal(signal.SIGUSR1)

    if ending == "cancelled":
        running.cancel()
    else:
        plumber.doomsday.put_nowait(Doom("end", mode="drain" if ending == "drained" else "abort"))
    await asyncio.wait((running,))

    assert during is not mine
    assert signal.getsignal(signal.SIGUSR1) is mine
    signal.signal(signal.SIGUSR1, before)


async def test_signals_in_another_thread_are_refused_with_a_way_out() -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    def run_there() -> None:
        asyncio.run(plumber.run(signals=(signal.SIGTERM,)))

    with pytest.raises(RunStateError, match=r"cannot handle SIGTERM here: .* put a Doom yourself"):
        await asyncio.to_thread(run_there)


async def test_what_the_event_loop_does_at_a_signal_is_as_before_after_a_run() -> None:
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, heard.set)
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))

    await plumber.run(signals=(signal.SIGUSR1,))
    signal.raise_signal(signal.SIGUSR1)

    await heard.wait()
    loop.remove_signal_handler(signal.SIGUSR1)


async def test_a_signal_ends_all_runs_that_listen_and_each_stops_to_listen_by_itself() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    plumbers = [Plumber(name) for name in "abc"]
    for plumber in plumbers:
        plumber.connect(Feed[int]()).to(Sink(ignore))
    runs = [asyncio.create_task(each.run(signals=(signal.SIGUSR1,))) for each in plumbers]
    await asyncio.sleep(0)  # they begin
    plumbers[0].doomsday.put_nowait(Doom("one is enough"))
    first = await runs[0]

    signal.raise_signal(signal.SIGUSR1)

    others = [await run for run in runs[1:]]
    assert [doom.reason for doom in first.dooms] == ["one is enough"]
    assert [[doom.reason for doom in report.dooms] for report in others] == [
        ["signal SIGUSR1"],
        ["signal SIGUSR1"],
    ]
    assert signal.getsignal(signal.SIGUSR1) is before


async def test_a_run_that_is_refused_takes_no_signal_from_the_one_that_goes_on() -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))
    running = asyncio.create_task(plumber.run(signals=(signal.SIGUSR1,)))
    await asyncio.sleep(0)  # it begins

    with pytest.raises(RunStateError, match="runs already"):
        await plumber.run(signals=(signal.SIGUSR1,))
    signal.raise_signal(signal.SIGUSR1)

    report = await running
    assert [doom.reason for doom in report.dooms] == ["signal SIGUSR1"]
