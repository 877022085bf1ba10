"""Async generators over a network: any number of results for an item, in order, each once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.network.brokers import Connect
from tests.network.drawings import run, submit, workers
from typedpipes import Counts, Feed, PipelineFailed, Plumber, Processor, Report, Sink, Source


def counts(report: Report, name: str) -> Counts[object, object]:
    return next(each for each in report.counts if each.name == name)


async def count_down(number: int) -> AsyncIterator[int]:
    """Yield 0 to 20 results; sometimes others come first."""
    for each in range((0, 1, 3, 7, 2, 20)[number % 6]):
        if number % 4 == 0:
            await asyncio.sleep(0)
        yield 100 * number + each


def counted_down(numbers: range) -> list[int]:
    sizes = (0, 1, 3, 7, 2, 20)
    return [100 * number + each for number in numbers for each in range(sizes[number % 6])]


@pytest.mark.parametrize("longest", [1, 5])
@pytest.mark.parametrize("workers_", [1, 3])
async def test_the_results_of_a_generator_keep_the_order_of_its_items(
    connect: Connect, workers_: int, longest: int
) -> None:
    def draw() -> Plumber:
        plumber = Plumber("counting down")
        processor = Processor(count_down, workers=workers_)
        plumber.connect(Source(range(30))).to(processor).collect(name="results")
        return plumber

    report = await run(connect, draw, longest=longest)

    assert report.collected["results"] == counted_down(range(30))
    found = counts(report, "count_down")
    count = len(counted_down(range(30)))
    assert (found.received, found.completed, found.emitted) == (30, 30, count)


async def test_without_an_order_every_result_of_a_generator_comes_once(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("counting down")
        processor = Processor(count_down, workers=4, ordered=False)
        plumber.connect(Source(range(30))).to(processor).collect(name="results")
        return plumber

    report = await run(connect, draw)

    assert Counter(report.collected["results"]) == Counter(counted_down(range(30)))


async def test_what_a_generator_gave_before_it_failed_goes_on(connect: Connect) -> None:
    async def stumble(number: int) -> AsyncIterator[int]:
        yield number
        if number == 1:
            raise ValueError("one")
        yield -number

    def draw() -> Plumber:
        plumber = Plumber("stumbling")
        processor = Processor(stumble)
        plumber.connect(Source([1, 2])).to(processor)
        plumber.outcomes(processor).collect(name="outcomes")
        return plumber

    report = await run(connect, draw)

    assert [str(each) for each in report.collected["outcomes"]] == [
        "1",
        "Failure(item=1, error=RemoteError('ValueError: one'), processor='stumble')",
        "2",
        "-2",
    ]
    found = counts(report, "stumble")
    assert (found.completed, found.failed, found.emitted) == (1, 1, 3)


async def test_a_generator_that_fails_ends_the_run_where_its_failures_lead_nowhere(
    connect: Connect,
) -> None:
    async def stumble(number: int) -> AsyncIterator[int]:
        yield number
        raise ValueError("always")

    def draw() -> Plumber:
        plumber = Plumber("stumbling")
        plumber.connect(Source([1, 2])).to(Processor(stumble)).collect()
        return plumber

    with pytest.raises(PipelineFailed) as caught:
        await run(connect, draw)

    assert [str(each) for each in caught.value.exceptions] == [
        "'stumble' failed on 1: RemoteError('ValueError: always')"
    ]


async def test_results_come_while_their_generator_goes_on(connect: Connect) -> None:
    came: asyncio.Queue[int] = asyncio.Queue()
    go_on = asyncio.Event()

    async def pause(number: int) -> AsyncIterator[int]:
        yield number
        await go_on.wait()
        yield -number

    def draw(feed: Feed[int]) -> Plumber:
        plumber = Plumber("pausing")
        plumber.connect(feed).to(Processor(pause)).to(Sink(came.put))
        return plumber

    feed = Feed[int]()
    async with workers(connect, lambda: draw(Feed[int]())), asyncio.TaskGroup() as group:
        group.create_task(submit(connect, draw(feed)))
        await feed.put(1)
        assert await came.get() == 1
        go_on.set()
        assert await came.get() == -1
        feed.close()
