"""A reader may leave: one branch is given up, and the others go on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from tests.support.stillness import stillness
from typedpipes import (
    Edge,
    Feed,
    InputQueue,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    QueueClosed,
    Sink,
    Source,
)
from typedpipes.testing import zip_inputs


async def double(number: int) -> int:
    return 2 * number


def edge_with(*items: str, maxsize: int = 100) -> Edge[str]:
    edge = Edge[str](maxsize)
    for item in items:
        edge.output.put_nowait(item)
    return edge


async def test_one_reader_leaves_and_the_other_branches_of_the_fork_go_on() -> None:
    plumber = Plumber()
    doubler = Processor(double)
    doubled = plumber.connect(Source(range(500))).to(doubler)
    branch, rest = doubled.read(maxsize=5), doubled.collect()

    async with plumber.running():
        first = await branch.get()
        await stillness(plumber)
        branch.close()
        report = await plumber.ended()

    assert first == 0
    assert report.ending == "finished"
    assert rest.items == tuple(range(0, 1000, 2))
    assert report.of(doubler).undelivered == (2, 4, 6, 8)
    assert branch.drain() == [2, 4, 6, 8]


async def test_who_leaves_an_async_for_inside_aclosing_leaves_the_queue() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(itertools.count()))
    branch, seen = numbers.read(), numbers.read()

    async with plumber.running():
        async with aclosing(branch):
            async for number in branch:
                if number == 3:
                    break
        async with aclosing(seen):
            far = [await seen.get() for _ in range(1000)][-1]
        report = await plumber.ended()

    assert branch.closed
    assert far == 999
    assert report.ending == "finished"


async def test_a_queue_that_its_reader_has_closed_gives_nothing_more_but_to_drain() -> None:
    edge = edge_with("one", "two", "three")
    taken = edge.input.get_nowait()

    edge.input.close()
    edge.input.close()

    assert taken == "one"
    assert edge.input.closed
    for read in (edge.input.get, edge.input.__anext__):
        with pytest.raises((QueueClosed, StopAsyncIteration)):
            await read()
    with pytest.raises(QueueClosed, match="closed by its reader; `drain` takes what is left"):
        edge.input.get_nowait()
    assert edge.input.drain() == ["two", "three"]


async def test_nothing_can_be_put_where_the_reader_has_left() -> None:
    edge = edge_with("one", maxsize=1)
    waiting = asyncio.create_task(edge.output.put("two"))
    await asyncio.sleep(0)

    edge.input.close()

    with pytest.raises(QueueClosed, match="the queue has no reader any more"):
        await waiting
    with pytest.raises(QueueClosed, match="the queue has no reader any more"):
        edge.output.put_nowait("three")
    assert edge.output.closed
    assert edge.output.drain() == ["one"]


async def test_one_of_several_readers_closes_the_queue_for_all() -> None:
    edge = edge_with()

    async def read_all() -> list[str]:
        return [item async for item in edge.input]

    getting, reading = asyncio.create_task(edge.input.get()), asyncio.create_task(read_all())
    await asyncio.sleep(0)

    edge.input.close()

    with pytest.raises(QueueClosed):
        await getting
    assert await reading == []


async def test_the_reader_of_two_edges_as_one_leaves_both() -> None:
    first, second = edge_with("one"), edge_with("two", "three")
    both = zip_inputs(first.input, second.input)

    both.close()

    for edge in (first, second):
        with pytest.raises(QueueClosed):
            edge.output.put_nowait("more")
    assert both.drain() == [("one", "two")]


async def test_who_waits_only_for_the_reader_that_leaves_goes_on() -> None:
    put: list[int] = []

    async def fill(queue: OutputQueue[int]) -> None:
        for number in range(10):
            await queue.put(number)
            put.append(number)

    plumber = Plumber()
    numbers = plumber.connect(InputRig(fill))
    slow, quick = numbers.read(maxsize=1), numbers.collect()

    async with plumber.running():
        await stillness(plumber)
        put_before = list(put)
        slow.close()
        await plumber.ended()

    assert put_before == [0]
    assert quick.items == tuple(range(10))


Drawn = Callable[[Plumber, Source[int]], InputQueue[object]]


def straight(plumber: Plumber, source: Source[int]) -> InputQueue[object]:
    return plumber.connect(source).read()


def behind_workers(plumber: Plumber, source: Source[int]) -> InputQueue[object]:
    return plumber.connect(source).to(Processor(double, workers=3)).read()


def as_tuples(plumber: Plumber, source: Source[int]) -> InputQueue[object]:
    return plumber.zip(source, Source(itertools.count(), name="other")).read()


def as_they_come(plumber: Plumber, source: Source[int]) -> InputQueue[object]:
    return plumber.merge(source, Source(itertools.count(), name="other")).read()


@pytest.mark.parametrize("drawn", [straight, behind_workers, as_tuples, as_they_come])
async def test_what_writes_for_nobody_else_ends_back_to_its_sources(drawn: Drawn) -> None:
    closed = False

    async def endless() -> AsyncIterator[int]:
        nonlocal closed
        try:
            for number in itertools.count():
                yield number
        finally:
            closed = True

    plumber = Plumber()
    queue = drawn(plumber, Source(endless))

    async with plumber.running():
        await stillness(plumber)
        queue.close()
        report = await plumber.ended()

    assert report.ending == "finished"
    assert closed
    for counts in report.counts:
        assert counts.received == counts.completed + counts.interrupted


async def test_a_feed_takes_nothing_more_when_its_last_reader_has_left() -> None:
    plumber, feed = Plumber(), Feed[int](maxsize=1)
    queue = plumber.connect(feed).read(maxsize=1)

    async with plumber.running():
        for number in range(2):
            await feed.put(number)
        waiting = asyncio.create_task(feed.put(2))
        await stillness(plumber)
        queue.close()
        with pytest.raises(QueueClosed):
            await waiting


async def test_a_queue_that_is_closed_before_the_first_run_is_left_from_the_start() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(500)))
    branch, rest = numbers.read(maxsize=5), numbers.collect()
    waiting = asyncio.create_task(branch.get())
    await asyncio.sleep(0)

    branch.close()
    report = await plumber.run()

    with pytest.raises(QueueClosed):
        await waiting
    with pytest.raises(QueueClosed):
        await branch.get()
    assert report.ending == "finished"
    assert len(rest.items) == 500
    assert branch.drain() == []


async def test_a_graph_that_nobody_wants_to_read_from_does_not_even_begin() -> None:
    asked = False

    def numbers() -> AsyncIterator[int]:
        nonlocal asked
        asked = True
        raise NotImplementedError

    plumber = Plumber()
    plumber.connect(Source(numbers)).to(Processor(double)).read().close()

    report = await plumber.run()

    assert report.ending == "finished"
    assert not asked


@pytest.mark.parametrize("late", [False, True])
async def test_the_next_run_opens_the_queue_again(late: bool) -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(5))).read()

    async with plumber.running():
        await queue.get()
        if not late:
            queue.close()
    queue.close()

    async with plumber.running():
        again = [number async for number in queue]

    assert again == [0, 1, 2, 3, 4]


async def test_what_was_inside_can_be_drained_until_the_next_run() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(5))).read()

    async with plumber.running():
        await stillness(plumber)  # it only waits for its reader
        queue.close()
        await plumber.ended()

    with pytest.raises(QueueClosed):
        queue.get_nowait()
    assert queue.drain() == [0, 1, 2, 3, 4]


async def test_a_cleanup_coroutine_may_close_its_queue_and_drain_it() -> None:
    left: list[int] = []

    async def hold(number: int) -> None:
        if number == 1:
            plumber.abort()
        await asyncio.Event().wait()

    async def save(queue: InputQueue[int]) -> None:
        async with aclosing(queue):
            left.append(await queue.get())
        with pytest.raises(QueueClosed):
            queue.get_nowait()
        left.extend(queue.drain())

    plumber = Plumber()
    plumber.connect(Source(range(5))).to(Sink(hold, workers=2).cleanup(input=save))

    await plumber.run()

    assert left == [0, 1, 2, 3, 4]
