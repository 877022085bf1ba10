# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Sources whose iterable blocks: it is iterated in a thread, ahead of what is taken."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.gate import Gate
from tests.support.unchecked import unchecked
from typedpipes import (
    Collector,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringError,
    drain,
    run,
)
from typedpipes.show import show

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # seconds until what does not come makes its test fail
AT_ONCE = 0.001  # a grace that is over before a thread that a test holds goes on


async def ignore(item: object) -> None: ...


async def same(item: int) -> int:
    return item


def letters() -> Iterator[str]:
    yield "a"
    yield "b"


class Tap:
    """An iterable that blocks, before each of its numbers, until a test lets it go on.

    Attributes:
        closed_in: the thread in which it was closed.
    """

    def __init__(self, numbers: Iterable[int] = (0, 1, 2, 3)) -> None:
        self.closed_in: threading.Thread | None = None
        self._numbers = numbers
        self._asked = threading.Semaphore(0)
        self._let_go = threading.Semaphore(0)

    def __call__(self) -> Iterator[int]:
        try:
            for number in self._numbers:
                self._asked.release()
                assert self._let_go.acquire(timeout=PATIENCE)
                yield number
        finally:
            self.closed_in = threading.current_thread()

    async def asked(self) -> None:
        """Wait until the thread blocks once more."""
        assert await asyncio.to_thread(self._asked.acquire, timeout=PATIENCE)

    def let_go(self) -> None:
        self._let_go.release()


def threads_of(name: str) -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == f"typedpipes {name}"]


async def test_a_function_is_iterated_in_a_thread_of_its_own_anew_in_each_run() -> None:
    seen: list[threading.Thread] = []

    def numbers() -> Iterator[int]:
        try:
            yield from range(250)
        finally:
            seen.append(threading.current_thread())

    plumber = Plumber()
    collected = plumber.connect(Source.in_thread(numbers)).collect()

    for _ in range(2):
        report = await plumber.run()
        assert list(collected.items) == list(range(250))
        assert report.counts[0].received == 250

    assert len(set(seen)) == 2
    assert threading.current_thread() not in seen
    assert not any(thread.is_alive() for thread in seen)


async def test_the_function_sees_the_context_variables_of_the_run() -> None:
    tenant = ContextVar[str]("tenant")
    tenant.set("ann")
    plumber = Plumber()
    collected = plumber.connect(Source.in_thread(lambda: [tenant.get()])).collect()

    await plumber.run()

    assert collected.items == ("ann",)


def all_at_once(plumber: Plumber, numbers: Source[int]) -> Collector[int]:
    return plumber.connect(numbers).collect()


def with_workers(plumber: Plumber, numbers: Source[int]) -> Collector[int]:
    return plumber.connect(numbers).to(Processor(same, workers=4, buffer=2)).collect(buffer=1)


def forked(plumber: Plumber, numbers: Source[int]) -> Collector[tuple[int, int]]:
    joint = plumber.connect(numbers)
    return plumber.zip(joint, joint.to(Processor(same, buffer=3))).collect()


@settings(deadline=None)  # no test depends on the speed of the machine
@given(
    count=st.integers(0, 300),
    maxsize=st.integers(1, 50),
    graph=st.sampled_from([all_at_once, with_workers]),
    fails=st.booleans(),
)
def test_everything_that_is_read_arrives_once_and_in_order(
    count: int,
    maxsize: int,
    graph: Callable[[Plumber, Source[int]], Collector[int]],
    *,
    fails: bool,
) -> None:
    def numbers() -> Iterator[int]:
        yield from range(count)
        if fails:
            raise OSError("the disk is gone")

    plumber = Plumber()
    collected = graph(plumber, Source.in_thread(numbers, maxsize=maxsize))

    try:
        run(plumber, signals=())
    except PipelineFailed as failed:
        (error,) = failed.exceptions
        assert fails
        assert "'numbers' failed: OSError" in str(error)
    else:
        assert not fails

    assert list(collected.items) == list(range(count))
    assert not threads_of("numbers")


@settings(deadline=None)  # no test depends on the speed of the machine
@given(maxsize=st.integers(1, 10), buffer=st.integers(1, 10))
def test_the_thread_is_ahead_by_what_the_bounds_say_at_most(maxsize: int, buffer: int) -> None:
    read = itertools.count()
    ahead: list[int] = []

    def numbers() -> Iterator[int]:
        for _ in range(100):
            yield next(read)

    async def compare(number: int) -> None:
        await asyncio.sleep(0)
        last = next(read)
        ahead.append(last - number - len(ahead))

    plumber = Plumber()
    joint = plumber.connect(Source.in_thread(numbers, maxsize=maxsize))
    joint.to(Sink(compare, buffer=buffer))

    run(plumber, signals=())

    # One is in the sink, and one in the hand of the thread.
    assert max(ahead) <= maxsize + buffer + 2


async def test_many_items_that_were_read_do_not_keep_the_event_loop() -> None:
    plumber = Plumber()
    source = Source.in_thread(lambda: range(5_000), maxsize=50_000)
    queue = plumber.connect(source).read(maxsize=50_000)
    came = [0]

    async with plumber.running():
        while came[-1] < 5_000:
            await asyncio.sleep(0)
            came.append(queue.qsize())
        assert [number async for number in queue] == list(range(5_000))

    assert max(later - earlier for earlier, later in itertools.pairwise(came)) <= 512


async def test_an_item_comes_as_soon_as_it_is_read() -> None:
    tap = Tap()
    plumber = Plumber()
    queue = plumber.connect(Source.in_thread(tap)).read()

    async with plumber.running():
        for number in range(4):
            await tap.asked()
            tap.let_go()
            assert await queue.get() == number
        assert [number async for number in queue] == []
        report = await plumber.ended()

    assert report.ending == "finished"


async def test_a_drain_waits_for_the_item_that_the_thread_is_at_and_closes_the_generator() -> None:
    tap = Tap()
    plumber = Plumber()
    collected = plumber.connect(Source.in_thread(tap, name="tap", grace=PATIENCE)).collect()

    async with plumber.running(grace=PATIENCE):
        await tap.asked()
        (thread,) = threads_of("tap")
        plumber.drain()
        tap.let_go()
        report = await plumber.ended()

    assert report.ending == "drained"
    assert collected.items == (0,)
    assert tap.closed_in is thread
    assert not thread.is_alive()


@pytest.mark.parametrize("end", [Plumber.drain, Plumber.abort])
async def test_a_thread_that_goes_on_blocking_is_left_behind(
    end: Callable[[Plumber], None], caplog: pytest.LogCaptureFixture
) -> None:
    tap = Tap()
    plumber = Plumber("reader")
    source = Source.in_thread(tap, name="tap", grace=AT_ONCE)
    collected = plumber.connect(source).collect()

    async with plumber.running(grace=PATIENCE):
        await tap.asked()
        tap.let_go()
        await tap.asked()
        (thread,) = threads_of("tap")
        with caplog.at_level(logging.WARNING, "typedpipes"):
            end(plumber)
            await plumber.ended()

    report = plumber.report()
    assert thread.is_alive()
    assert thread.daemon
    assert "reader: left the thread of 'tap' behind: it still blocks after 0.001 s" in caplog.text
    tap.let_go()
    await asyncio.to_thread(thread.join, PATIENCE)
    assert tap.closed_in is thread
    assert report.of(source).received == 1
    assert (*collected.items, *report.of(source).undelivered) == (0,)


class Warned(logging.Handler):
    """Sets an event at the first warning."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.event = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self.event.set()


@pytest.fixture
def warned() -> Iterator[Warned]:
    handler, logger = Warned(), logging.getLogger("typedpipes")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


async def test_what_a_thread_reads_after_it_was_left_behind_goes_nowhere(warned: Warned) -> None:
    gate, tap = Gate[int](), Tap()
    source = Source.in_thread(tap, name="tap", grace=AT_ONCE)
    plumber = Plumber()
    plumber.connect(source).to(Sink(gate.hold, buffer=1))

    async with plumber.running(grace=PATIENCE):
        for _ in range(3):
            await tap.asked()
            tap.let_go()
        await tap.asked()
        (thread,) = threads_of("tap")
        await gate.next_arrival()
        plumber.drain()
        await warned.event.wait()
        tap.let_go()
        await asyncio.to_thread(thread.join, PATIENCE)
        gate.open()
        await plumber.ended()

    assert gate.arrived == [0, 1, 2]
    assert plumber.report().of(source).received == 3


async def test_what_was_read_and_not_taken_goes_to_the_output_cleanup_in_an_abort() -> None:
    left: list[int] = []

    async def keep(queue: OutputQueue[int]) -> None:
        left.extend(queue.drain())

    gate = Gate[int]()
    filled = threading.Event()

    def numbers() -> Iterator[int]:
        yield from range(3)
        filled.set()
        yield 3

    source = Source.in_thread(numbers, maxsize=1, grace=PATIENCE).cleanup(output=keep)
    plumber = Plumber()
    sink = Sink(gate.hold, buffer=2)
    plumber.connect(source).to(sink)

    async with plumber.running():
        await gate.next_arrival()
        assert await asyncio.to_thread(filled.wait, PATIENCE)
        plumber.abort()
        await plumber.ended()

    report = plumber.report()
    assert left == [1, 2, 3]  # two from the edge, and the one that was read ahead
    assert report.of(source).undelivered == (1, 2, 3)
    assert report.of(source).received == 4
    assert report.of(sink).unprocessed == (0, 1, 2)


async def test_an_error_fails_the_run_once_what_came_before_has_flowed_out() -> None:
    def numbers() -> Iterator[int]:
        yield from range(5)
        raise OSError("the disk is gone")

    plumber = Plumber()
    collected = plumber.connect(Source.in_thread(numbers, name="disk")).collect(buffer=1)

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert [str(error) for error in failed.value.exceptions] == [
        "'disk' failed: OSError('the disk is gone')"
    ]
    assert collected.items == (0, 1, 2, 3, 4)


async def test_a_thread_that_cannot_be_started_fails_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    plumber = Plumber()
    collected = plumber.connect(Source.in_thread(letters)).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert "'letters' failed: RuntimeError" in str(failed.value.exceptions[0])
    assert collected.items == ()


async def test_an_error_of_closing_the_generator_fails_the_run() -> None:
    tap = Tap()

    def numbers() -> Iterator[int]:
        try:
            yield from tap()
        finally:
            raise OSError("cannot close it")

    plumber = Plumber()
    plumber.connect(Source.in_thread(numbers, grace=PATIENCE)).to(Sink(ignore))

    async def drained() -> None:
        async with plumber.running(grace=PATIENCE):
            await tap.asked()
            plumber.drain()
            tap.let_go()

    with pytest.raises(PipelineFailed) as failed:
        await drained()

    assert "cannot close it" in str(failed.value.exceptions[0])


async def test_a_paused_source_gives_nothing_until_it_is_resumed() -> None:
    asked = threading.Event()

    def numbers() -> Iterator[int]:
        asked.set()
        yield from range(10)

    source = Source.in_thread(numbers)
    plumber = Plumber()
    collected = plumber.connect(source).collect()
    plumber.pause(source)

    async with plumber.running():
        await asyncio.sleep(0)
        assert not asked.is_set()
        plumber.resume(source)
        await plumber.ended()

    assert collected.items == tuple(range(10))


async def test_what_is_read_during_a_pause_comes_after_it() -> None:
    tap = Tap()
    source = Source.in_thread(tap)
    plumber = Plumber()
    collected = plumber.connect(source).collect()

    async with plumber.running():
        await tap.asked()
        plumber.pause(source)
        for _ in range(3):
            tap.let_go()
            await tap.asked()
        tap.let_go()
        await asyncio.to_thread(threads_of("Tap")[0].join, PATIENCE)
        during = list(collected.items)
        plumber.resume(source)
        await plumber.ended()

    assert during == []
    assert collected.items == (0, 1, 2, 3)


async def test_a_source_that_is_paused_before_it_began_ends_with_a_drain() -> None:
    called = threading.Event()

    def numbers() -> Iterable[int]:
        called.set()
        return [1]

    source = Source.in_thread(numbers)
    plumber = Plumber()
    collected = plumber.connect(source).collect()
    plumber.pause(source)

    async with plumber.running():
        plumber.drain()

    assert not called.is_set()
    assert collected.items == ()
    assert plumber.report().ending == "drained"


async def test_the_thread_stops_when_nothing_reads_it_any_more() -> None:
    plumber = Plumber()
    source = Source.in_thread(itertools.count, name="endless", maxsize=3, grace=PATIENCE)
    plumber.zip(source, Source([1, 2])).collect()

    report = await plumber.run()

    assert report.ending == "finished"
    assert not threads_of("endless")
    left = len(report.of(source).undelivered)
    assert report.of(source).received == 2 + left


async def test_the_function_may_end_its_run() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        drain("it is enough")
        yield from itertools.count(2)

    plumber = Plumber()
    collected = plumber.connect(Source.in_thread(numbers, grace=PATIENCE)).collect()

    report = await plumber.run()

    assert report.ending == "drained"
    assert list(collected.items) == list(range(1, len(collected.items) + 1))


async def test_a_fifo_is_read_as_it_is_written(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def lines(path: Path) -> Iterator[str]:
        with path.open() as file:
            yield from file

    def open_to_write() -> TextIO:
        return fifo.open("w")

    plumber = Plumber()
    read = plumber.connect(Source.in_thread(partial(lines, fifo))).read()

    async with plumber.running():
        with await asyncio.to_thread(open_to_write) as writer:
            for line in ("one\n", "two\n"):
                writer.write(line)
                writer.flush()
                assert await read.get() == line
        assert [line async for line in read] == []
        report = await plumber.ended()

    assert report.ending == "finished"


SCRIPT = textwrap.dedent(
    """
    import sys
    from typedpipes import Plumber, Sink, Source, run

    async def show(line):
        print(line.strip(), flush=True)

    plumber = Plumber()
    plumber.connect(Source.in_thread(lambda: sys.stdin, name="lines", grace=0.05)).to(Sink(show))
    print(run(plumber).ending, flush=True)
    """
)


def test_a_signal_ends_a_program_whose_thread_blocks_in_reading_its_standard_input() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("one\n")
        process.stdin.flush()
        first = process.stdout.readline()

        process.send_signal(signal.SIGINT)

        # The standard input stays open: the thread blocks to the end.
        assert process.wait(PATIENCE) == 0
        assert first == "one\n"
        assert process.stdout.read() == "drained\n"
        assert process.stderr.read() == ""


def test_a_drawing_shows_the_items_that_the_function_is_annotated_with() -> None:
    plumber = Plumber("letters")
    plumber.connect(Source.in_thread(letters)).to(Sink(ignore))

    assert "str" in show(plumber.blueprint())


def test_an_iterable_in_place_of_a_function() -> None:
    message = (
        r"the source 'list' needs a function that returns an iterable, not \[1\], so that each "
        "run iterates anew"
    )
    with pytest.raises(WiringError, match=message):
        Source.in_thread(unchecked([1]))


@pytest.mark.parametrize(("given", "total"), [(None, None), (0, 0), (7, 7)])
def test_a_thread_has_the_total_that_it_is_given(given: int | None, total: int | None) -> None:
    assert Source.in_thread(letters, total=given).total == total
