"""Batches over a network: lists of the items in their order, whichever processes take these."""

from __future__ import annotations

import asyncio

import pytest

from tests.network.brokers import Connect
from tests.network.drawings import run, submit, workers
from typedpipes import Counts, Feed, Plumber, Processor, Report, Sink, Source


def counts(report: Report, name: str) -> Counts[object, object]:
    return next(each for each in report.counts if each.name == name)


async def double(number: int) -> int:
    await asyncio.sleep(number % 3 / 1000)
    return 2 * number


@pytest.mark.parametrize("longest", [1, 10])
@pytest.mark.parametrize("size", [1, 7, 40])
async def test_a_batch_has_all_items_in_their_order(
    connect: Connect, size: int, longest: int
) -> None:
    def draw() -> Plumber:
        plumber = Plumber("batches")
        doubles = plumber.connect(Source(range(100))).to(Processor(double, workers=3))
        doubles.batch(size).collect(name="lists")
        return plumber

    report = await run(connect, draw, longest=longest)

    numbers = [*range(0, 200, 2)]
    assert report.collected["lists"] == [numbers[at : at + size] for at in range(0, 100, size)]
    found = counts(report, f"batch {size}")
    assert (found.received, found.completed, found.interrupted) == (100, 100, 0)
    assert found.emitted == len(report.collected["lists"])


async def test_a_list_does_not_wait_for_longer_than_its_time(connect: Connect) -> None:
    came: asyncio.Queue[list[int]] = asyncio.Queue()

    def draw(feed: Feed[int]) -> Plumber:
        plumber = Plumber("batches")
        plumber.connect(feed).batch(3, within=0.05).to(Sink(came.put))
        return plumber

    feed = Feed[int]()
    async with workers(connect, lambda: draw(Feed[int]())), asyncio.TaskGroup() as group:
        group.create_task(submit(connect, draw(feed)))
        await feed.put(1)
        assert await came.get() == [1]
        for number in range(5):
            await feed.put(number)
        found = await came.get()
        while len(found) < 5:
            found += await came.get()
        assert found == [*range(5)]
        feed.close()


async def test_failures_of_several_kinds_are_gathered_too(connect: Connect) -> None:
    async def fail(number: int) -> int:
        raise ValueError(number)

    async def reject(text: str) -> str:
        raise LookupError(text)

    def draw() -> Plumber:
        plumber = Plumber("batches")
        failing, rejecting = Processor(fail), Processor(reject)
        plumber.connect(Source([1, 2], name="numbers")).to(failing).collect(name="none")
        plumber.connect(Source(["a"], name="texts")).to(rejecting).collect(name="nothing")
        failures = plumber.merge(plumber.failures(failing), plumber.failures(rejecting))
        failures.batch(3).collect(name="lists")
        return plumber

    report = await run(connect, draw)

    (failures,) = map(str, report.collected["lists"])
    for each in ("LookupError: a", "ValueError: 1", "ValueError: 2"):
        assert each in failures
