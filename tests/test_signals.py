"""Promise 6: the first signal drains, the second aborts. Tried with real signals."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import textwrap
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO

import pytest

from typedpipes import Doom, Feed, InputQueue, Plumber, RunStateError, Sink, Source
from typedpipes.engine.signals import listening

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
def program(script: str, *arguments: str) -> Generator[tuple[subprocess.Popen[str], IO[str]]]:
    """Run a script in a process of its own, until it has begun."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *arguments],
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


def running(kind: str) -> AbstractContextManager[tuple[subprocess.Popen[str], IO[str]]]:
    """Run the script above, until its first item is in hand."""
    return program(SCRIPT, kind)


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


AFTER_THE_RUN = """
import asyncio, signal, sys
from contextlib import suppress
from typedpipes import Feed, PipelineFailed, Plumber, Sink

async def work(item):
    if item == "fail":
        raise ValueError(item)

async def main():
    feed, plumber = Feed(), Plumber()
    plumber.connect(feed).to(Sink(work))
    async with plumber.running(signals=(signal.SIGINT, signal.SIGTERM)):
        match sys.argv[1]:
            case "finished":
                feed.close()
            case "drained":
                signal.raise_signal(signal.SIGTERM)
            case "aborted":
                plumber.abort()
            case "failed":
                feed.put_nowait("fail")
        with suppress(PipelineFailed, asyncio.CancelledError):
            await plumber.ended()  # the block may be cancelled
        with suppress(PipelineFailed):
            await plumber.ended()
        print("begun", flush=True)  # what the block does when the run is over
        await asyncio.Event().wait()

if sys.argv[2] == "handled":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("mine"))
if sys.argv[3] == "uvloop":
    import uvloop
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
asyncio.run(main())
"""


@pytest.mark.parametrize("ending", ["finished", "drained", "aborted", "failed"])
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_once_the_run_is_over_a_signal_does_what_it_did_before(ending: str, loop: str) -> None:
    if loop == "uvloop":
        pytest.importorskip("uvloop")

    with program(AFTER_THE_RUN, ending, "as usual", loop) as (process, _):
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE)

    assert status == -signal.SIGTERM


@pytest.mark.parametrize("ending", ["finished", "failed"])
def test_once_the_run_is_over_the_keyboard_interrupts(ending: str) -> None:
    with program(AFTER_THE_RUN, ending, "as usual", "asyncio") as (process, output):
        process.send_signal(signal.SIGINT)
        told = output.read()
        status = process.wait(PATIENCE)

    assert told.splitlines()[-1] == "KeyboardInterrupt"
    assert status == -signal.SIGINT


def test_once_the_run_is_over_a_handler_of_the_program_has_its_signal() -> None:
    with program(AFTER_THE_RUN, "finished", "handled", "asyncio") as (process, output):
        process.send_signal(signal.SIGTERM)
        told = output.read()
        process.wait(PATIENCE)

    assert told == "mine\n"


HANGING = """
import asyncio, signal, sys, time
from contextlib import closing
from typedpipes import Plumber, Sink, Source, run

SIGNALS = (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM)

async def endless():
    try:
        yield 1
        await asyncio.Event().wait()
    finally:
        print("drains", flush=True)

async def hang(number):
    print("begun", flush=True)
    if sys.argv[1] == "blocked":
        time.sleep(1000)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            print("aborts", flush=True)

plumber = Plumber()
plumber.connect(Source(endless)).to(Sink(hang))

async def beside():
    async with plumber.running(signals=SIGNALS, grace=1000):
        await plumber.ended()

match sys.argv[1]:
    case "function":
        run(plumber, grace=1000)
    case "awaited" | "blocked":
        asyncio.run(plumber.run(signals=SIGNALS, grace=1000))
    case "beside":
        asyncio.run(beside())
    case "command":
        from typedpipes.__main__ import main
        sys.modules["pipeline"] = sys.modules["__main__"]
        sys.argv[1:] = ["run", "pipeline:plumber", "--grace", "1000"]
        sys.exit(main())
    case "by hand":
        with closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(plumber.run(signals=SIGNALS, grace=1000))
"""


@pytest.mark.parametrize("kind", ["function", "awaited", "beside", "command"])
def test_a_third_signal_reaches_the_program_when_the_run_hangs(kind: str) -> None:
    with program(HANGING, kind) as (process, output):
        process.send_signal(signal.SIGTERM)
        first = output.readline()
        process.send_signal(signal.SIGTERM)
        second = output.readline()
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE)

    assert (first, second) == ("drains\n", "aborts\n")
    assert status == -signal.SIGTERM


def test_a_third_interrupt_is_one_of_the_keyboard() -> None:
    with program(HANGING, "by hand") as (process, output):
        process.send_signal(signal.SIGINT)
        first = output.readline()
        process.send_signal(signal.SIGINT)
        second = output.readline()
        process.send_signal(signal.SIGINT)
        told = output.read()
        status = process.wait(PATIENCE)

    assert (first, second) == ("drains\n", "aborts\n")
    assert "KeyboardInterrupt" in told.splitlines()
    assert status == -signal.SIGINT


def test_a_third_signal_reaches_the_program_though_a_coroutine_blocks_the_event_loop() -> None:
    numbers = (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM)  # two of one kind may become one

    with program(HANGING, "blocked") as (process, _):
        for number in numbers:
            process.send_signal(number)
        status = process.wait(PATIENCE)

    assert -status in numbers


FORKING = """
import asyncio, os, signal, time
from typedpipes import Feed, Plumber, Sink

async def ignore(item):
    pass

async def main():
    plumber = Plumber()
    plumber.connect(Feed()).to(Sink(ignore))
    async with plumber.running(signals=(signal.SIGTERM,)):
        up, is_up = os.pipe()
        child = os.fork()
        if not child:
            os.write(is_up, b"x")
            time.sleep(1000)
        os.read(up, 1)
        print("begun", flush=True)
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), plumber.report().ending)

asyncio.run(main())
"""


def test_a_child_that_was_forked_in_a_run_has_no_part_in_it() -> None:
    with program(FORKING) as (process, output):
        told = output.read()
        process.wait(PATIENCE)

    assert told == f"{-signal.SIGTERM} running\n"


@pytest.fixture
def heard() -> Generator[list[int]]:
    """Have a handler of the program for SIGUSR1, which only counts."""
    numbers: list[int] = []

    def hear(number: int, frame: object) -> None:
        numbers.append(number)

    before = signal.signal(signal.SIGUSR1, hear)
    yield numbers
    signal.signal(signal.SIGUSR1, before)


async def test_each_run_takes_two_signals_and_the_program_gets_the_third(heard: list[int]) -> None:
    plumbers = [Plumber(name) for name in "ab"]
    for plumber in plumbers:
        plumber.connect(Feed[int]()).to(Sink(ignore))
    first = asyncio.create_task(plumbers[0].run(signals=(signal.SIGUSR1,)))
    await asyncio.sleep(0)  # it begins
    signal.raise_signal(signal.SIGUSR1)
    second = asyncio.create_task(plumbers[1].run(signals=(signal.SIGUSR1,)))
    await asyncio.sleep(0)

    for _ in range(2):
        signal.raise_signal(signal.SIGUSR1)

    modes = [[doom.mode for doom in (await run).dooms] for run in (first, second)]
    assert modes == [["drain", "abort"], ["drain", "abort"]]
    assert heard == [signal.SIGUSR1]


async def test_signals_wait_until_cleanup_coroutines_are_done_but_for_the_third(
    heard: list[int],
) -> None:
    heard_in_cleanup: list[int] = []

    async def clean_up(queue: InputQueue[object]) -> None:
        for _ in range(3):
            signal.raise_signal(signal.SIGUSR1)
            await asyncio.sleep(0)
            heard_in_cleanup.append(len(heard))

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore).cleanup(input=clean_up))

    report = await plumber.run(signals=(signal.SIGUSR1,))

    assert (report.ending, report.dooms) == ("finished", ())
    assert heard_in_cleanup == [0, 0, 1]
    assert len(heard) == 3


async def test_a_signal_at_any_turn_of_a_run_ends_it_or_reaches_the_program_once_it_is_over(
    heard: list[int],
) -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))
    turns, over = 1, False

    while not over:
        heard.clear()
        running = asyncio.create_task(plumber.run(signals=(signal.SIGUSR1,)))
        for _ in range(turns):
            await asyncio.sleep(0)
        over = running.done()
        signal.raise_signal(signal.SIGUSR1)
        report = await running
        await asyncio.sleep(0)
        turns += 1

        assert len(heard) + len(report.dooms) == 1
        assert (await plumber.run()).dooms == ()
    assert turns > 3


async def test_a_signal_that_ended_one_run_is_not_for_the_program_because_another_was_over(
    heard: list[int],
) -> None:
    async def clean_up(queue: InputQueue[object]) -> None:
        signal.raise_signal(signal.SIGUSR1)

    ending, other = Plumber("ending"), Plumber("other")
    ending.connect(Source([1])).to(Sink(ignore).cleanup(input=clean_up))
    other.connect(Feed[int]()).to(Sink(ignore))
    runs = [
        asyncio.create_task(plumber.run(signals=(signal.SIGUSR1,))) for plumber in (ending, other)
    ]

    reports = [await run for run in runs]

    assert [report.ending for report in reports] == ["finished", "drained"]
    assert heard == []


async def test_a_handler_that_came_during_a_run_stays_and_may_put_back_what_it_found(
    heard: list[int],
) -> None:
    def theirs(number: int, frame: object) -> None: ...

    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    async with plumber.running(signals=(signal.SIGUSR1,)):
        found = signal.signal(signal.SIGUSR1, theirs)
        plumber.drain()
        await plumber.ended()
    after_the_run = signal.getsignal(signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, found)
    signal.raise_signal(signal.SIGUSR1)

    assert after_the_run is theirs
    assert heard == [signal.SIGUSR1]


def test_a_run_that_broke_off_with_its_event_loop_takes_no_signals(heard: list[int]) -> None:
    async def begin(stack: ExitStack) -> None:
        stack.enter_context(listening((signal.SIGUSR1,)))

    with ExitStack() as stack:
        asyncio.run(begin(stack))
        signal.raise_signal(signal.SIGUSR1)

    assert heard == [signal.SIGUSR1]


async def test_a_handler_of_the_event_loop_has_every_signal_also_while_a_block_goes_on() -> None:
    loop, heard = asyncio.get_running_loop(), asyncio.Semaphore(0)
    loop.add_signal_handler(signal.SIGUSR1, heard.release)
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    async with plumber.running(signals=(signal.SIGUSR1,)):
        signal.raise_signal(signal.SIGUSR1)
        await heard.acquire()
        await plumber.ended()
        signal.raise_signal(signal.SIGUSR1)
        await heard.acquire()

    assert [doom.mode for doom in plumber.report().dooms] == ["drain"]
    loop.remove_signal_handler(signal.SIGUSR1)
