"""Where items come from: iterables, async iterables, input rigs and feeds."""

from __future__ import annotations

import asyncio
import decimal
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from decimal import Decimal

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    Feed,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    QueueClosed,
    QueueFull,
    RunStateError,
    Sink,
    Source,
    drain,
)


async def ignore(item: object) -> None: ...


async def letters() -> AsyncIterator[str]:
    yield "a"
    yield "b"


async def put_letters(queue: OutputQueue[str]) -> None:
    await queue.put("a")
    await queue.put("b")


async def results_of(source: Source[str]) -> list[str]:
    plumber = Plumber()
    collector = plumber.connect(source).collect()
    await plumber.run()
    return list(collector.items)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Source(["a", "b"]),
        lambda: Source({"a": 1, "b": 2}),
        lambda: Source(iter("ab")),
        lambda: Source(letters),
        lambda: Source(letters()),
        lambda: InputRig(put_letters),
    ],
    ids=["list", "string", "iterator", "function", "async generator", "input rig"],
)
async def test_a_source_gives_all_its_items_in_order(make: Callable[[], Source[str]]) -> None:
    assert await results_of(make()) == ["a", "b"]


async def test_a_source_without_items_ends_the_run() -> None:
    assert await results_of(Source(())) == []


async def test_a_feed_gives_what_was_put_before_the_run() -> None:
    feed = Feed[str]()
    feed.put_nowait("a")
    await feed.put("b")
    feed.close()

    assert await results_of(feed) == ["a", "b"]


async def test_a_feed_gives_what_is_put_while_the_run_goes_on() -> None:
    feed = Feed[str]()
    plumber = Plumber()
    queue = plumber.connect(feed).read()

    async with plumber.running():
        for letter in "ab":
            await feed.put(letter)
            assert await queue.get() == letter


async def test_a_feed_closed_before_anything_was_put_ends_the_run() -> None:
    feed = Feed[str]()
    feed.close()

    assert await results_of(feed) == []


async def test_a_full_feed_makes_put_wait() -> None:
    feed = Feed[int](maxsize=1)
    gate = Gate[int]()
    plumber = Plumber()
    plumber.connect(feed).to(Processor(gate, buffer=1)).to(Sink(ignore))

    async with plumber.running():
        putting = asyncio.create_task(fill(feed, count=10))
        await stillness(plumber)
        # One is in hand, one before the gate, one in the feed.
        assert len(gate.arrived) == 1
        with pytest.raises(QueueFull, match="the queue holds 1 items; wait for room"):
            feed.put_nowait(-1)
        assert not putting.done()
        gate.open()
        await putting

    assert plumber.report().of(feed).completed == 10


async def fill(feed: Feed[int], count: int) -> None:
    for number in range(count):
        await feed.put(number)


async def test_nothing_can_be_put_into_a_feed_whose_run_is_over() -> None:
    feed = Feed[str]()
    plumber = Plumber()
    plumber.connect(feed).to(Sink(ignore))

    async with plumber.running():
        await feed.put("a")

    with pytest.raises(QueueClosed):
        await feed.put("b")


async def test_whoever_waits_to_put_into_a_feed_is_told_when_the_run_ends() -> None:
    feed = Feed[int](maxsize=1)
    plumber = Plumber()
    plumber.connect(feed).to(Sink(Gate[int]().hold, buffer=1))
    putting = asyncio.create_task(fill(feed, count=10))

    async with plumber.running():
        await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("enough", mode="abort"))

    with pytest.raises(QueueClosed):
        await putting


async def test_a_feed_opens_again_for_the_next_run() -> None:
    feed = Feed[str]()
    plumber = Plumber()
    collector = plumber.connect(feed).collect()

    for letter in "ab":
        async with plumber.running():
            await feed.put(letter)
        assert collector.items == (letter,)


async def test_a_feed_serves_one_run_at_a_time() -> None:
    feed = Feed[str](name="shared")
    first, second = Plumber("first"), Plumber("second")
    for plumber in (first, second):
        plumber.connect(feed).to(Sink(ignore))

    async with first.running():
        with pytest.raises(
            RunStateError, match=r"Feed\('shared'\) is in use by another run that is not over"
        ):
            await second.run()
        await feed.put("still here")

    assert first.report().of(feed).completed == 1


async def test_an_async_generator_is_closed_when_the_run_drains() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[int]:
        try:
            for number in itertools.count():
                yield number
        finally:
            closed.set()

    plumber = Plumber()

    async def stop(number: int) -> None:
        plumber.doomsday.put_nowait(Doom("enough"))

    plumber.connect(Source(endless)).to(Sink(stop))

    report = await plumber.run()

    assert closed.is_set()
    assert report.ending == "drained"


async def test_an_async_generator_that_waits_is_closed_when_the_run_is_aborted() -> None:
    waiting, closed = asyncio.Event(), asyncio.Event()

    async def endless() -> AsyncIterator[int]:
        try:
            waiting.set()
            await asyncio.Event().wait()
            yield 0
        finally:
            closed.set()

    plumber = Plumber()
    plumber.connect(Source(endless)).to(Sink(ignore))

    async with plumber.running():
        await waiting.wait()
        plumber.doomsday.put_nowait(Doom("enough", mode="abort"))

    assert closed.is_set()


async def test_a_generator_is_closed_when_the_run_drains() -> None:
    closed: list[bool] = []

    def endless() -> Iterator[int]:
        try:
            yield from itertools.count()
        finally:
            closed.append(True)

    plumber = Plumber()

    async def stop(number: int) -> None:
        plumber.doomsday.put_nowait(Doom("enough"))

    plumber.connect(Source(endless())).to(Sink(stop))

    await plumber.run()

    assert closed == [True]


async def test_an_input_rig_that_ignores_the_end_is_told_by_its_queue() -> None:
    async def stubborn(queue: OutputQueue[int]) -> None:
        for number in itertools.count():
            await queue.put(number)

    plumber = Plumber()

    async def stop(number: int) -> None:
        plumber.doomsday.put_nowait(Doom("enough"))

    plumber.connect(InputRig(stubborn)).to(Sink(stop))

    report = await plumber.run()

    assert report.ending == "drained"


async def test_an_input_rig_may_close_its_queue() -> None:
    async def put_and_close(queue: OutputQueue[str]) -> None:
        await queue.put("a")
        queue.close()

    assert await results_of(InputRig(put_and_close)) == ["a"]


async def test_a_source_stops_when_nobody_takes_its_items_any_more() -> None:
    given = 0

    async def endless() -> AsyncIterator[int]:
        nonlocal given
        for given in itertools.count():
            yield given

    source = Source(endless)
    plumber = Plumber()
    pairs = plumber.zip(source, Source(["only"])).collect()

    report = await plumber.run()

    assert pairs.items == ((0, "only"),)
    assert report.of(source).emitted == 1 + len(report.of(source).undelivered)


async def test_a_source_that_raises_fails_the_run_in_its_own_name() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "a"
        raise OSError("the disk is gone")

    plumber = Plumber()
    plumber.connect(Source(broken)).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert str(error) == "'broken' failed: OSError('the disk is gone')"


class Unusual(BaseException):
    """Not an `Exception`."""


@pytest.mark.parametrize("kind", [ValueError, Unusual, GeneratorExit])
async def test_whatever_an_iterable_raises_fails_the_run_which_can_be_tried_again(
    kind: type[BaseException],
) -> None:
    lucky = False

    class Numbers:
        def __iter__(self) -> Iterator[int]:
            if not lucky:
                raise kind
            yield 1

    plumber = Plumber()
    collector = plumber.connect(Source(Numbers())).collect()
    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    lucky = True
    await plumber.run()

    assert [type(error.__cause__) for error in failed.value.exceptions] == [kind]
    assert collector.items == (1,)


async def test_an_input_rig_that_raises_fails_the_run_in_its_own_name() -> None:
    async def broken(queue: OutputQueue[str]) -> None:
        raise OSError("the disk is gone")

    plumber = Plumber()
    plumber.connect(InputRig(broken)).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert str(error) == "'broken' failed: OSError('the disk is gone')"


async def test_a_sources_report_counts_what_it_gave() -> None:
    source = InputRig(put_letters)
    plumber = Plumber()
    plumber.connect(source).to(Sink(ignore))

    report = await plumber.run()

    counts = report.of(source)
    assert (counts.received, counts.completed, counts.emitted) == (2, 2, 2)


async def test_a_generator_keeps_its_context_from_its_first_item_to_its_end() -> None:
    precise: ContextVar[bool] = ContextVar("precise", default=False)

    def thirds() -> Iterator[str]:
        token = precise.set(True)
        with decimal.localcontext() as context:
            context.prec = 5
            for _ in range(300):
                yield str(Decimal(1) / 3)
        assert precise.get()
        precise.reset(token)

    assert await results_of(Source(thirds())) == ["0.33333"] * 300


async def test_a_generator_is_closed_in_its_own_context() -> None:
    precise: ContextVar[bool] = ContextVar("precise", default=False)
    closed: list[bool] = []

    def endless() -> Iterator[int]:
        token = precise.set(True)
        try:
            yield from itertools.count()
        finally:
            closed.append(precise.get())
            precise.reset(token)

    gate = Gate[int]()
    plumber = Plumber()
    plumber.connect(Source(endless())).to(Sink(gate.hold))
    async with plumber.running():
        await gate.next_arrival()
        gate.open()

    assert closed == [True]


async def test_a_source_that_gives_again_what_a_sink_hands_back_can_be_drained() -> None:
    waiting, followed = asyncio.Queue[int](), asyncio.Event()
    waiting.put_nowait(1)

    async def numbers() -> AsyncIterator[int]:
        while True:
            yield await waiting.get()

    async def follow(number: int) -> None:
        waiting.put_nowait(number + 1)
        if number == 5:
            followed.set()

    plumber = Plumber()
    sink = Sink(follow)
    plumber.connect(Source(numbers)).to(sink)
    async with plumber.running():
        await followed.wait()

    report = plumber.report()
    assert report.ending == "drained"
    assert report.of(sink).completed == waiting.get_nowait() - 1


async def test_what_a_source_does_at_its_end_is_not_disturbed_by_its_own_drain() -> None:
    ended = False

    async def numbers() -> AsyncIterator[int]:
        nonlocal ended
        try:
            yield 1
            drain("it is enough")
            yield 2
        finally:
            await asyncio.sleep(0)
            ended = True

    plumber = Plumber()
    collected = plumber.connect(Source(numbers)).collect()

    await plumber.run()

    assert ended
    assert collected.items == (1, 2)


def unsized() -> Iterator[int]:
    yield 1


class Coy(list[int]):
    def __len__(self) -> int:
        raise RuntimeError("not yet")


@pytest.mark.parametrize(
    ("source", "total"),
    [
        (Source([1, 2, 3]), 3),
        (Source(range(5)), 5),
        (Source(()), 0),
        (Source([1, 2, 3], total=1000), 1000),
        (Source(unsized()), None),
        (Source(unsized(), total=7), 7),
        (Source(letters), None),
        (Source(letters, total=2), 2),
        (Source(Coy()), None),
        (InputRig(put_letters), None),
        (InputRig(put_letters, total=2), 2),
        (Feed[int](), None),
    ],
)
def test_the_total_of_a_source_is_what_is_said_or_the_length_of_its_items(
    source: Source[object], total: int | None
) -> None:
    plumber = Plumber()
    plumber.connect(source).to(Sink(ignore))

    assert source.total == total
    assert plumber.blueprint().nodes[0].total == total
