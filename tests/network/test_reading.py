"""Queues that are read beside a run over a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.network.brokers import Connect
from tests.network.drawings import submit, submitting, workers
from typedpipes import (
    Counts,
    InputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    QueueClosed,
    Report,
    Source,
)


def counts(report: Report, name: str) -> Counts[object, object]:
    return next(each for each in report.counts if each.name == name)


async def double(number: int) -> int:
    return 2 * number


async def fail_on_five(number: int) -> int:
    if number == 5:
        raise ValueError("five")
    return number


def drawing(count: int, coro: Callable[[int], object] = double) -> tuple[Plumber, InputQueue[int]]:
    plumber = Plumber("reading")
    processor = Processor(double) if coro is double else Processor(fail_on_five)
    queue = plumber.connect(Source(range(count))).to(processor).read(maxsize=4)
    return plumber, queue


async def read(queue: InputQueue[int]) -> list[int]:
    return [each async for each in queue]


async def test_what_is_read_comes_in_order_while_the_run_goes_on(connect: Connect) -> None:
    plumber, queue = drawing(50)

    async with workers(connect, lambda: drawing(50)[0]):
        reading = asyncio.create_task(read(queue))
        report = await submit(connect, plumber)

    assert await reading == [*range(0, 100, 2)]
    found = counts(report, "read")
    assert (found.received, found.completed, found.unprocessed) == (50, 50, ())


async def test_a_run_does_not_end_before_everything_is_read(connect: Connect) -> None:
    plumber, queue = drawing(10)

    async with workers(connect, lambda: drawing(10)[0]):
        submitted = asyncio.create_task(submit(connect, plumber))
        for number in range(9):
            assert await queue.get() == 2 * number
        await asyncio.wait([submitted], timeout=0.2)
        assert not submitted.done()
        assert await queue.get() == 18
        await submitted


async def test_a_reader_that_leaves_ends_what_is_only_there_for_it(connect: Connect) -> None:
    async def endless() -> AsyncIterator[int]:
        number = 0
        while True:
            yield number
            number += 1
            await asyncio.sleep(0)

    def draw() -> tuple[Plumber, InputQueue[int]]:
        plumber = Plumber("reading")
        queue = plumber.connect(Source(endless)).to(Processor(double)).read(maxsize=4)
        return plumber, queue

    plumber, queue = draw()
    async with workers(connect, lambda: draw()[0]):
        submitted = asyncio.create_task(submit(connect, plumber))
        assert [await queue.get() for _ in range(3)] == [0, 2, 4]

        queue.close()

        report = await submitted
    assert report.ending == "finished"


async def test_a_reader_hears_why_a_run_has_failed(connect: Connect) -> None:
    plumber, queue = drawing(20, fail_on_five)

    async with workers(connect, lambda: drawing(20, fail_on_five)[0]):
        reading = asyncio.create_task(read(queue))
        with pytest.raises(PipelineFailed) as failed:
            await submit(connect, plumber)
        with pytest.raises(QueueClosed) as closed:
            await reading

    assert closed.value.__cause__ is failed.value.exceptions[0]


async def test_what_was_not_read_of_a_failed_run_is_in_its_report(connect: Connect) -> None:
    plumber, queue = drawing(20, fail_on_five)

    async with workers(connect, lambda: drawing(20, fail_on_five)[0]):
        with pytest.raises(PipelineFailed) as failed:
            await submit(connect, plumber, longest=1)

    found = counts(failed.value.report, "read")
    assert found.received == found.completed + 1  # what the queue holds of it
    assert [*queue.drain(), *range(1, 5)] == [*range(5)]
    assert found.unprocessed == (0, 1, 2, 3, 4)


async def test_a_block_that_ends_reads_no_more(connect: Connect) -> None:
    plumber, queue = drawing(1000)

    async with workers(connect, lambda: drawing(1000)[0]), submitting(connect, plumber):
        found = [await queue.get() for _ in range(3)]

    assert found == [0, 2, 4]
    report = plumber.report()
    assert report.ending in ("finished", "drained")
    assert counts(report, "read").completed >= 3
