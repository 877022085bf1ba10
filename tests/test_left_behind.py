"""Coroutines that do not return when they are cancelled: who is named, and what is counted."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Feed,
    InputQueue,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorHangs,
    Report,
    Sink,
    Source,
)

GRACE = 60.0


class Stubborn:
    """A coroutine that holds some items whatever happens, until it is released."""

    def __init__(self, *held: int) -> None:
        self.held = held
        self.released = asyncio.Event()

    async def __call__(self, number: int) -> int:
        while number in self.held and not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue
        return number

    async def sink(self, number: int) -> None:
        await self(number)


async def ignore(item: object) -> None: ...


async def ended(plumber: Plumber) -> tuple[Report, list[ProcessorHangs]]:
    """Abort a run, and return what it tells and whom it names."""
    running = asyncio.create_task(plumber.run(grace=GRACE))
    await stillness(plumber)
    plumber.abort("enough")
    await asyncio.wait([running])
    return plumber.report(), named(running.exception())


def named(error: BaseException | None) -> list[ProcessorHangs]:
    """Return whom the failure of a run names, which must be all that it says."""
    errors = error.exceptions if isinstance(error, PipelineFailed) else ()
    hanging = [error for error in errors if isinstance(error, ProcessorHangs)]
    assert len(hanging) == len(errors)
    return hanging


def balanced(report: Report) -> bool:
    return all(counts.completed >= 0 and counts.interrupted >= 0 for counts in report.counts)


async def test_a_worker_to_spare_is_neither_called_nor_named(clock: Clock) -> None:
    first, second = Stubborn(1), Stubborn(0)
    cleaned: list[int] = []

    async def save(queue: InputQueue[int]) -> None:
        cleaned.extend(queue.drain())

    plumber = Plumber()
    sink = Sink(second.sink, name="second", workers=2).cleanup(input=save)
    plumber.connect(Source([0, 1])).to(Processor(first, name="first")).to(sink)

    report, hanging = await ended(plumber)

    assert [(error.processor, error.item) for error in hanging] == [("first", 1), ("second", 0)]
    assert balanced(report)
    assert (report.of(sink).received, report.of(sink).interrupted) == (1, 1)
    assert cleaned == [0]
    first.released.set()
    second.released.set()


@pytest.mark.parametrize("ordered", [True, False])
async def test_of_many_workers_only_those_are_named_that_hang(clock: Clock, ordered: bool) -> None:
    stubborn = Stubborn(1)
    plumber, feed = Plumber(), Feed[int]()
    worker = Processor(stubborn, workers=3, ordered=ordered)
    plumber.connect(feed).to(worker).to(Sink(ignore))
    for number in (0, 2, 1):
        feed.put_nowait(number)
    running = asyncio.create_task(plumber.run(grace=GRACE))
    await stillness(plumber)

    plumber.abort("enough")
    clock.now += 2 * GRACE
    await asyncio.wait([running])

    counts = plumber.report().of(worker)
    assert [error.item for error in named(running.exception())] == [1]
    assert (counts.received, counts.completed, counts.interrupted) == (3, 2, 1)
    assert counts.unprocessed == (1,)
    stubborn.released.set()


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kept", [0.9, 1.0, 1.2, 2.0])
async def test_who_returns_at_once_is_not_named_if_the_loop_was_kept_from_it(
    clock: Clock, workers: int, kept: float
) -> None:
    gate = Gate[int]()
    plumber = Plumber()

    async def wait_in_a_group(number: int) -> int:
        async with asyncio.TaskGroup() as group:  # returns a few turns after it is cancelled
            return await group.create_task(gate(number))

    worker = Processor(wait_in_a_group, workers=workers)
    plumber.connect(Source([1])).to(worker).to(Sink(ignore))
    running = asyncio.create_task(plumber.run(grace=GRACE))
    await gate.next_arrival()

    plumber.abort("enough")
    clock.now += kept * GRACE  # as a call does that blocks, right after it has aborted
    report = await running

    assert report.ending == "aborted"
    assert report.of(worker).unprocessed == (1,)


async def test_who_hangs_is_named_also_if_the_loop_was_kept(clock: Clock) -> None:
    stubborn = Stubborn(1)
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(stubborn.sink, name="sink"))
    running = asyncio.create_task(plumber.run(grace=GRACE))
    await stillness(plumber)

    plumber.abort("enough")
    clock.now += 2 * GRACE

    with pytest.raises(PipelineFailed) as failed:
        await running
    assert isinstance(failed.value.exceptions[0], ProcessorHangs)
    stubborn.released.set()


async def test_a_generator_that_returns_after_it_was_left_behind_is_counted_once(
    clock: Clock,
) -> None:
    stubborn = Stubborn(1)
    cleaned: list[int] = []

    async def numbers(number: int) -> AsyncIterator[int]:
        try:
            for _ in range(100):
                yield number
        finally:
            await stubborn(1)

    async def release(queue: OutputQueue[int]) -> None:
        stubborn.released.set()
        for _ in range(20):
            await asyncio.sleep(0)

    async def save(queue: InputQueue[int]) -> None:
        cleaned.extend(queue.drain())

    plumber = Plumber()
    step = Processor(numbers, buffer=1).cleanup(input=save)
    source = Source([1, 2, 3]).cleanup(output=release)
    queue = plumber.connect(source).to(step).read(maxsize=1)

    async def block() -> None:
        async with plumber.running(grace=GRACE):
            await queue.get()

    with pytest.raises(PipelineFailed) as failed:
        await block()

    assert [error.item for error in named(failed.value)] == [1]
    assert plumber.report().of(step).unprocessed == (1,)
    assert cleaned == [1]


@pytest.mark.usefixtures("clock")
async def test_a_result_that_was_held_when_it_was_left_behind_stays_where_it_was_counted() -> None:
    stubborn = Stubborn(0, 1)
    left: list[object] = []

    async def numbers(number: int) -> AsyncIterator[int]:
        if number:
            yield number  # held, because the results of 0 come first
        await stubborn(number)

    async def release(queue: OutputQueue[int]) -> None:
        stubborn.released.set()
        for _ in range(20):
            await asyncio.sleep(0)

    async def save(queue: InputQueue[object]) -> None:
        left.extend(queue.drain())

    plumber = Plumber()
    step = Processor(numbers, workers=2)
    sink = Sink(ignore).cleanup(input=save)
    plumber.connect(Source([0, 1]).cleanup(output=release)).to(step).to(sink)

    report, hanging = await ended(plumber)

    assert {error.item for error in hanging} == {0, 1}
    assert report.of(step).undelivered == (1,)
    assert report.of(sink).unprocessed == ()
    assert left == []


async def test_what_a_source_makes_after_it_was_left_behind_goes_nowhere(
    clock: Clock,
) -> None:
    stubborn = Stubborn(1)

    async def numbers() -> AsyncIterator[int]:
        yield 0
        yield await stubborn(1)

    async def release(queue: OutputQueue[int]) -> None:
        stubborn.released.set()
        for _ in range(20):
            await asyncio.sleep(0)

    left: list[int] = []

    async def save(queue: InputQueue[int]) -> None:
        left.extend(queue.drain())

    plumber = Plumber()
    source = Source(numbers).cleanup(output=release)
    sink = Sink(Gate[int]().hold).cleanup(input=save)
    plumber.connect(source).to(sink)

    report, hanging = await ended(plumber)

    assert [error.processor for error in hanging] == ["numbers"]
    assert report.of(source).emitted == 1
    assert left == [0]


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kind", ["coroutine", "generator"])
@pytest.mark.parametrize(
    "how", ["asyncio.run(plumber.run(grace=0.01))", "run(plumber, grace=0.01)"]
)
def test_it_makes_no_noise_when_the_loop_closes(workers: int, kind: str, how: str) -> None:
    program = f"""
import asyncio
from typedpipes import *

async def never():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue

async def coroutine(number):
    abort("enough")
    await never()

async def generator(number):
    try:
        yield number
        abort("enough")
        await asyncio.Event().wait()
    finally:
        await never()

plumber = Plumber()
plumber.connect(Source([1])).to(Processor({kind}, workers={workers})).collect()
try:
    {how}
except PipelineFailed as failed:
    print(type(failed.exceptions[0]).__name__)
"""

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("ProcessorHangs\n", "")
