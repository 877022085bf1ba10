"""A report that is taken inside of a stage, in mid-run: it adds up, and disturbs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest

from tests.support.cleanups import ABORT, ended_by, pass_on
from tests.support.gate import Gate
from typedpipes import (
    Collector,
    Counts,
    DoomsdayQueue,
    InputQueue,
    InputRig,
    Joint,
    OutputQueue,
    Plumber,
    Processor,
    Report,
    Sink,
    Source,
)

COUNT = 40


class Looking:
    """Takes reports of a run, and sees whether each adds up, also with the one before it.

    Attributes:
        plumber: of the run.
        looks: how many reports it took.

    Args:
        filling: whether it looks from inside an iterable.
    """

    def __init__(self, *, filling: bool = False) -> None:
        self.plumber = Plumber()
        self.looks = 0
        self._filling = filling
        self._before: Report | None = None

    def look(self) -> None:
        report = self.plumber.report()
        self.looks += 1
        assert report.ending == "running"
        for counts in report.counts:
            check(counts)
        for giver, taker in zip(report.counts, report.counts[1:], strict=False):
            given = taker.received + len(giver.undelivered)
            # What an iterable gives in one go counts as given once that is over.
            assert giver.emitted <= given if self._filling else giver.emitted == given, report
        if self._before is not None:
            for before, counts in zip(self._before.counts, report.counts, strict=True):
                assert before.received <= counts.received, report
                assert before.completed <= counts.completed, report
        self._before = report


def check(counts: Counts[object, object]) -> None:
    parts = (
        counts.completed,
        counts.failed,
        counts.dropped,
        counts.interrupted,
        counts.in_flight,
    )
    assert min(parts) >= 0, counts
    assert counts.received == sum(parts), counts
    assert counts.received <= COUNT, counts


# Sources


def iterable(looking: Looking) -> Source[int]:
    def numbers() -> Iterator[int]:
        for number in range(COUNT):
            looking.look()
            yield number

    return Source(numbers())


def async_generator(looking: Looking) -> Source[int]:
    async def numbers() -> AsyncIterator[int]:
        for number in range(COUNT):
            looking.look()
            yield number

    return Source(numbers)


def rig(looking: Looking) -> Source[int]:
    async def put(queue: OutputQueue[int]) -> None:
        for number in range(COUNT):
            looking.look()
            await queue.put(number)

    return InputRig(put)


@pytest.mark.parametrize("make", [iterable, async_generator, rig])
@pytest.mark.parametrize("buffer", [1, 7, 100])
async def test_a_report_from_inside_a_source_adds_up_and_disturbs_nothing(
    make: Callable[[Looking], Source[int]], buffer: int
) -> None:
    looking = Looking(filling=make is iterable)
    source = looking.plumber.connect(make(looking))
    collector = source.to(Processor(pass_on, buffer=buffer)).collect()

    report = await looking.plumber.run()

    check_end(looking, report, collector)


def check_end(looking: Looking, report: Report, collector: Collector[int]) -> None:
    assert looking.looks >= COUNT
    assert sorted(collector.items) == list(range(COUNT))
    for counts in report.counts:
        assert (counts.received, counts.completed) == (COUNT, COUNT)
        assert counts.emitted == (0 if counts is report.counts[-1] else COUNT)


# Stages between two others


def keep(looking: Looking, joint: Joint[int]) -> Joint[int]:
    def test(item: int) -> bool:
        looking.look()
        return True

    return joint.keep(test)


def coroutine(
    *, workers: int, ordered: bool, waits: bool, buffer: int
) -> Callable[[Looking, Joint[int]], Joint[int]]:
    def add(looking: Looking, joint: Joint[int]) -> Joint[int]:
        async def work(item: int) -> int:
            looking.look()
            if waits:
                await asyncio.sleep(0)
                looking.look()
            return item

        return joint.to(Processor(work, workers=workers, ordered=ordered, buffer=buffer))

    return add


def generator(
    *, workers: int, ordered: bool, waits: bool, buffer: int
) -> Callable[[Looking, Joint[int]], Joint[int]]:
    def add(looking: Looking, joint: Joint[int]) -> Joint[int]:
        async def work(item: int) -> AsyncIterator[int]:
            looking.look()
            if waits:
                await asyncio.sleep(0)
            yield item
            looking.look()

        return joint.to(Processor(work, workers=workers, ordered=ordered, buffer=buffer))

    return add


STAGES: Mapping[str, Callable[[Looking, Joint[int]], Joint[int]]] = {
    "keep": keep,
    **{
        f"{make.__name__}, {workers} workers, {ordered=}, {waits=}, {buffer=}": make(
            workers=workers, ordered=ordered, waits=waits, buffer=buffer
        )
        for make in (coroutine, generator)
        for workers in (1, 3)
        for ordered in (True, False)
        for waits in (True, False)
        for buffer in (1, 100)
    },
}


@pytest.mark.parametrize("stage", STAGES)
async def test_a_report_from_inside_a_stage_adds_up_and_disturbs_nothing(stage: str) -> None:
    looking = Looking()
    before = looking.plumber.connect(Source(range(COUNT))).to(Processor(pass_on))
    collector = STAGES[stage](looking, before).to(Processor(pass_on, name="last")).collect()

    report = await looking.plumber.run()

    check_end(looking, report, collector)


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_report_from_inside_a_sink_adds_up_and_disturbs_nothing(workers: int) -> None:
    looking = Looking()
    done: list[int] = []

    async def work(item: int) -> None:
        looking.look()
        done.append(item)

    sink = Sink(work, workers=workers)
    looking.plumber.connect(Source(range(COUNT))).to(Processor(pass_on)).to(sink)

    report = await looking.plumber.run()

    assert done == list(range(COUNT))
    assert looking.looks == report.of(sink).completed == COUNT


@pytest.mark.parametrize("workers", [1, 3])
async def test_failures_and_what_is_dropped_are_counted_before_the_next_item_begins(
    workers: int,
) -> None:
    plumber = Plumber()
    seen: list[tuple[int, int]] = []

    async def work(item: int) -> int:
        counts = plumber.report().of(processor)
        check(counts)
        seen.append((counts.failed, counts.completed))
        if item % 3 == 0:
            raise ValueError(item)
        return item

    processor = Processor(work, workers=workers)
    plumber.connect(Source(range(9))).to(processor).collect()
    plumber.failures(processor).collect()

    await plumber.run()

    # Before item n, a third of those before it failed, rounded up.
    failed = [-(-number // 3) for number in range(9)]
    assert seen == [(each, number - each) for number, each in enumerate(failed)]


async def test_a_report_from_inside_cleanup_coroutines_is_the_one_of_the_run() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    reports: list[Report] = []

    async def clean(queue: InputQueue[int] | OutputQueue[int] | DoomsdayQueue) -> None:
        reports.append(plumber.report())

    step = Processor(gate, name="step").cleanup(input=clean, output=clean, doomsday=clean)
    source = Source(range(COUNT)).cleanup(output=clean)
    plumber.connect(source).to(Processor(pass_on)).to(step).collect()

    await ended_by(ABORT, plumber, gate)

    assert len(reports) == 4
    assert all(report == plumber.report() for report in reports)
    (report, *_) = reports
    assert report.ending == "aborted"
    assert report.of(step).interrupted == 1
    assert report.of(source).emitted == COUNT
