"""A failure that leads nowhere drains a run over a network, if that is asked for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given, settings

from tests.network.brokers import Connect, to
from tests.network.drawings import RUN, Draw, submit_for, submitting, workers
from tests.network.mishaps import Fleet, Mishap, mishaps
from tests.support.clock import Clock
from tests.support.unchecked import unchecked
from typedpipes import (
    Failure,
    Feed,
    PipelineFailed,
    Plumber,
    Processor,
    Report,
    SettingError,
    Sink,
    Source,
    WiringErrors,
)
from typedpipes.errors import NO_ITEM, ProcessorFailed
from typedpipes.nats import Broker, submit
from typedpipes.network.errors import OtherDrawing
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.submission import begun
from typedpipes.network.wire import Away, Wire
from typedpipes.network.worker import work_for


async def fail_at_three(number: int) -> int:
    if number == 3:
        raise ValueError(number)
    return number


async def pass_on(number: int) -> int:
    return number


async def ignore(item: object) -> None: ...


async def fails(connect: Connect, draw: Draw, plumber: Plumber, count: int = 2) -> PipelineFailed:
    """Run a drawing that fails, with some workers; return what it raises."""
    async with workers(connect, draw, count):
        with pytest.raises(PipelineFailed) as failed:
            await submit_for(connect, plumber, on_failure="drain")
    return failed.value


def texts(failed: PipelineFailed) -> Sequence[str]:
    return [str(each) for each in failed.exceptions]


@pytest.mark.parametrize("abreast", [1, 4])
@pytest.mark.parametrize("ordered", [True, False])
async def test_drain_lets_flow_out_what_is_inside_and_then_raises(
    connect: Connect, abreast: int, ordered: bool
) -> None:
    def draw() -> Plumber:
        plumber = Plumber()
        processor = Processor(fail_at_three, workers=abreast, ordered=ordered)
        source = Source(itertools.count(), name="numbers")
        plumber.connect(source).to(processor).to(Processor(pass_on)).collect(name="all")
        return plumber

    failed = await fails(connect, draw, draw())

    report = failed.report
    assert [type(each) for each in failed.exceptions] == [ProcessorFailed]
    assert texts(failed)[0].startswith("'fail_at_three' failed on 3: ")
    assert report.ending == "failed"
    given = report.counts[0].emitted
    collected = report.collected["all"]
    assert sorted(unchecked(collected)) == [number for number in range(given) if number != 3]
    assert all(not counts.unprocessed and not counts.undelivered for counts in report.counts)
    assert report.dooms == ()


async def test_sources_stop_soon_after_a_failure_that_drains(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber()
        source = Source(range(100_000), name="numbers")
        plumber.connect(source).to(Processor(fail_at_three)).collect(name="all")
        return plumber

    failed = await fails(connect, draw, draw())

    assert 3 < failed.report.counts[0].emitted < 10_000  # one that is told late gives all


async def test_a_failure_that_drains_leaves_a_gap_in_a_zip(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber()
        numbers = plumber.connect(Source(range(7)))
        checked = numbers.to(Processor(fail_at_three, workers=3))
        plumber.zip(numbers, checked).collect(name="pairs")
        return plumber

    failed = await fails(connect, draw, draw())

    pairs = [(number, number) for number in (0, 1, 2, 4, 5, 6)]
    assert failed.report.collected["pairs"] == pairs


async def test_a_test_of_keep_that_raises_drains_too(connect: Connect) -> None:
    def is_lucky(number: int) -> bool:
        if number in (2, 5):
            raise ValueError(number)
        return True

    def draw() -> Plumber:
        plumber = Plumber()
        numbers = plumber.connect(Source(range(7)))
        kept = numbers.keep(is_lucky).to(Processor(pass_on))
        plumber.zip(numbers, kept).collect(name="pairs")
        return plumber

    failed = await fails(connect, draw, draw())

    assert len(failed.exceptions) == 2
    assert failed.report.collected["pairs"] == [(each, each) for each in (0, 1, 3, 4, 6)]


async def test_a_sink_and_a_generator_that_fail_drain_too(connect: Connect) -> None:
    async def count_to(number: int) -> AsyncIterator[int]:
        for each in range(number):
            yield each
        if number == 2:
            raise ValueError(number)

    async def store(number: int) -> None:
        if number == 3:
            raise ValueError(number)

    def draw() -> Plumber:
        plumber = Plumber()
        counted = plumber.connect(Source(range(5))).to(Processor(count_to))
        counted.to(Sink(store))
        counted.collect(name="counted")
        return plumber

    failed = await fails(connect, draw, draw())

    counted = failed.report.collected["counted"]
    assert counted == [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]
    said = sorted(text.partition(": ")[0] for text in texts(failed))
    assert said == ["'count_to' failed on 2", "'store' failed on 3"]
    assert [each.failed for each in failed.report.counts] == [0, 1, 1, 0]


async def test_a_failure_that_an_edge_takes_does_not_drain(connect: Connect) -> None:
    noted: list[int] = []

    async def note(failure: Failure[int]) -> None:
        noted.append(failure.item)

    def draw() -> Plumber:
        plumber = Plumber()
        processor = Processor(fail_at_three)
        plumber.connect(Source(range(6))).to(processor).collect(name="all")
        plumber.failures(processor).to(Sink(note))
        return plumber

    async with workers(connect, draw):
        report = await submit_for(connect, draw(), on_failure="drain")

    assert report.ending == "finished"
    assert (report.collected["all"], noted) == ([0, 1, 2, 4, 5], [3])


def test_the_block_goes_on_until_all_has_flowed_out() -> None:
    feed, read = Feed[int](maxsize=10), list[int]()

    def draw(feed: Feed[int]) -> tuple[Plumber, Callable[[], AsyncIterator[int]]]:
        plumber = Plumber()
        queue = plumber.connect(feed).to(Processor(fail_at_three)).read(maxsize=1)
        return plumber, lambda: aiter(queue)

    async def play() -> None:
        connect = to(MemoryBroker())
        plumber, numbers = draw(feed)
        for number in range(8):
            feed.put_nowait(number)
        async with (
            workers(connect, lambda: draw(Feed[int](maxsize=10))[0]),
            submitting(connect, plumber, on_failure="drain"),
        ):
            async for number in numbers():
                read.append(number)
            await asyncio.Event().wait()

    with pytest.raises(PipelineFailed) as failed:
        Clock().run(play())

    assert read == [0, 1, 2, 4, 5, 6, 7]
    assert len(failed.value.exceptions) == 1


def test_a_failure_ends_pauses_as_a_drain_does() -> None:
    """Else nothing behind the processor that is paused could flow out."""

    def draw() -> tuple[Plumber, Processor[int, int]]:
        plumber, later = Plumber(), Processor(pass_on, name="later")
        plumber.connect(Source(range(6))).to(Processor(fail_at_three)).to(later).collect(name="all")
        return plumber, later

    async def play() -> Report:
        connect = to(MemoryBroker())
        plumber, later = draw()
        plumber.pause(later)
        with pytest.raises(PipelineFailed) as failed:
            async with workers(connect, lambda: draw()[0]):
                await submit_for(connect, plumber, on_failure="drain")
        return failed.value.report

    report = Clock().run(play())

    assert report.collected["all"] == [0, 1, 2, 4, 5]


def fail_at_fives(number: int) -> bool:
    if number % 5 == 0:
        raise ValueError(number)
    return True


async def fail_at_sevens(number: int) -> int:
    await asyncio.sleep(0.01)
    if number % 7 == 0:
        raise ValueError(number)
    return number


def draw_mishaps() -> Plumber:
    plumber = Plumber("failing")
    numbers = plumber.connect(Source(range(25), name="numbers")).keep(fail_at_fives)
    numbers.to(Processor(fail_at_sevens, workers=3, buffer=4)).collect(name="all")
    return plumber


@settings(max_examples=30, deadline=None)
@given(mishaps())
def test_each_failure_is_told_once_whatever_dies(planned: Sequence[Mishap]) -> None:
    async def play() -> PipelineFailed:
        broker = MemoryBroker()
        fleet = Fleet(broker, draw_mishaps, planned)
        async with fleet.at_work():
            with pytest.raises(PipelineFailed) as failed:
                # What a death holds up for some seconds is not to end it.
                await submit_for(to(broker), draw_mishaps(), on_failure="drain", grace=1000.0)
        assert broker.is_empty
        return failed.value

    failed = Clock().run(play())

    given = failed.report.counts[0].emitted
    failing = [each for each in range(given) if each % 5 == 0 or each % 7 == 0]
    assert sorted(_items_of(failed)) == failing
    whole = [each for each in range(given) if each not in failing]
    assert failed.report.collected["all"] == whole
    for counts in failed.report.counts:
        assert counts.received == counts.completed + counts.failed + counts.dropped


def _items_of(failed: PipelineFailed) -> Sequence[int]:
    errors = [each for each in failed.exceptions if isinstance(each, ProcessorFailed)]
    return [unchecked(each.item) for each in errors]


@asynccontextmanager
async def connected(wire: MemoryWire) -> AsyncGenerator[Wire]:
    yield wire


def test_a_caller_that_resumes_the_run_hears_of_what_failed_before() -> None:
    begun_four = asyncio.Event()
    may_go = asyncio.Event()
    stored: list[int] = []

    async def store(number: int) -> None:
        if number == 3:
            raise ValueError(number)
        if number == 4:
            begun_four.set()
            await may_go.wait()
        stored.append(number)

    def draw() -> Plumber:
        plumber = Plumber()
        plumber.connect(Source(itertools.count(), name="numbers")).to(Sink(store, buffer=4))
        return plumber

    async def submitted(wire: MemoryWire, *, resume: bool) -> Report:
        async with begun(
            draw(), connected(wire), RUN, resume=resume, longest=1, on_failure="drain"
        ) as caller:
            return (await caller.outcome()).result()

    async def play() -> PipelineFailed:
        broker = MemoryBroker()
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, draw().blueprint()))
        wire = MemoryWire(broker)
        first = asyncio.create_task(submitted(wire, resume=False))
        await begun_four.wait()
        wire.cut()
        first.cancel()
        with suppress(asyncio.CancelledError, Away):
            await first
        second = asyncio.create_task(submitted(MemoryWire(broker), resume=True))
        may_go.set()
        with pytest.raises(PipelineFailed) as failed:
            await second
        await working
        return failed.value

    failed = Clock().run(play())

    assert _items_of(failed) == [3]
    given = failed.report.counts[0].emitted
    assert stored == [each for each in range(given) if each != 3]


def test_an_abort_in_the_drain_says_what_had_failed() -> None:
    """What a processor says in its last record counts, even if the caller has not heard of it."""

    async def hang(_: int) -> None:
        await asyncio.Event().wait()

    def draw() -> Plumber:
        plumber = Plumber()
        plumber.connect(Source(range(9))).to(Processor(fail_at_three)).to(Sink(hang, buffer=20))
        return plumber

    async def play() -> PipelineFailed:
        connect = to(MemoryBroker())
        with pytest.raises(PipelineFailed) as failed:
            async with workers(connect, draw):
                await submit_for(connect, draw(), grace=5.0, on_failure="drain")
        return failed.value

    failed = Clock().run(play())

    assert texts(failed)[0].startswith("'fail_at_three' failed on 3")
    assert failed.report.ending == "failed"
    assert [doom.reason for doom in failed.report.dooms] == ["not everything flowed out within 5 s"]


def _telling_nothing(verb: str) -> Fault:
    return "before" if verb == "tell" else "none"


def test_a_failure_is_told_by_the_closing_record_if_no_other_was_seen() -> None:
    def draw() -> Plumber:
        plumber = Plumber()
        plumber.connect(Source(range(6))).to(Processor(fail_at_three)).collect(name="all")
        return plumber

    async def play() -> PipelineFailed:
        broker = MemoryBroker()
        wire = MemoryWire(broker, _telling_nothing)
        working = asyncio.create_task(work_for(wire, RUN, draw().blueprint()))
        with pytest.raises(PipelineFailed) as failed:
            await submit_for(to(broker), draw(), on_failure="drain")
        await working
        return failed.value

    failed = Clock().run(play())

    assert _items_of(failed) == [3]
    assert failed.report.collected["all"] == [0, 1, 2, 4, 5]


def test_an_abort_tells_of_what_had_failed_and_was_not_heard_of() -> None:
    plumbers: list[Plumber] = []

    async def abort_at_four(number: int) -> None:
        if number == 4:
            plumbers[0].abort("enough")
            await asyncio.Event().wait()

    def draw() -> Plumber:
        plumber = Plumber()
        plumber.connect(Source(range(9))).to(Processor(fail_at_three)).to(Sink(abort_at_four))
        plumbers.append(plumber)
        return plumber

    async def play() -> PipelineFailed:
        broker = MemoryBroker()
        plumber = draw()
        wire = MemoryWire(broker, _telling_nothing)
        working = asyncio.create_task(work_for(wire, RUN, draw().blueprint()))
        with pytest.raises(PipelineFailed) as failed:
            await submit_for(to(broker), plumber, on_failure="drain")
        await working
        return failed.value

    failed = Clock().run(play())

    assert _items_of(failed) == [3]
    assert [doom.reason for doom in failed.report.dooms] == ["enough"]


def test_of_hundreds_that_fail_the_first_are_told_and_all_are_counted() -> None:
    async def fail(text: str) -> None:
        raise ValueError(text)

    def draw() -> Plumber:
        plumber = Plumber()
        texts = [f"{number} {'x' * (100 if number else 50_000)}" for number in range(300)]
        plumber.connect(Source(texts)).to(Sink(fail, buffer=300))
        return plumber

    async def play() -> PipelineFailed:
        connect = to(MemoryBroker())
        async with submitting_all(connect, draw()) as submitted, workers(connect, draw, 1):
            return await submitted

    @asynccontextmanager
    async def submitting_all(
        connect: Connect, plumber: Plumber
    ) -> AsyncGenerator[asyncio.Task[PipelineFailed]]:
        async def submitted() -> PipelineFailed:
            with pytest.raises(PipelineFailed) as failed:
                await submit_for(connect, plumber, on_failure="drain")
            return failed.value

        task = asyncio.create_task(submitted())
        await asyncio.sleep(60)  # by the clock: all are inside
        yield task

    failed = Clock().run(play())

    errors = [each for each in failed.exceptions if isinstance(each, ProcessorFailed)]
    assert failed.report.counts[1].failed == 300
    assert 50 < len(errors) < 300
    assert errors[0].item is NO_ITEM  # it is large
    numbers = [int(str(each.item).split()[0]) for each in errors[1:]]
    assert numbers == [*range(1, len(errors))]


async def test_a_run_is_not_resumed_with_another_answer_to_failures() -> None:
    wire = MemoryWire(MemoryBroker())
    async with begun(draw_mishaps(), connected(wire), RUN, on_failure="drain") as caller:
        with pytest.raises(OtherDrawing, match="on_failure='drain'; here, on_failure='abort'"):
            async with begun(draw_mishaps(), connected(wire), RUN, resume=True):
                raise AssertionError("it was resumed")
        caller.run.abort("enough")
        await caller.outcome()


async def test_a_zip_that_could_not_stay_in_step_is_refused_if_failures_drain() -> None:
    plumber = Plumber("torn")
    first, second = plumber.connect(Source([1])), plumber.connect(Source([2]))
    pairs = plumber.zip(first.to(Processor(pass_on, name="step")), second)
    plumber.zip(pairs, first).to(Sink(ignore))

    with pytest.raises(WiringErrors, match="cannot stay in step with a zip further on"):
        await submit(plumber, Broker("nats://127.0.0.1:1"), on_failure="drain")


async def test_another_word_is_refused() -> None:
    plumber = draw_mishaps()

    with pytest.raises(SettingError, match="on_failure must be 'abort' or 'drain', not 'go on'"):
        await submit(plumber, Broker("nats://127.0.0.1:1"), on_failure=unchecked("go on"))
