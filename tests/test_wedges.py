"""Runs in which nothing can move any more, told apart from those that are only idle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from random import Random

import pytest

from tests.support.clock import Clock
from typedpipes import (
    Feed,
    InputQueue,
    InputRig,
    Joint,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    SettingError,
    Sink,
    Source,
    Wedged,
    run,
)

Drawn = InputQueue[int] | None
Draw = Callable[[Plumber, Feed[int], Joint[int]], Drawn]

LONG = 1000.0
MANY = 10**6


async def pass_on(item: int) -> int:
    return item


async def ignore(item: object) -> None: ...


async def generate(item: int) -> AsyncIterator[int]:
    yield item


def is_rare(item: int) -> bool:
    return item % 1000 == 999


# Wedges


def unread_queue(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    return joint.read(maxsize=5)


def feed_that_its_own_sink_fills(plumber: Plumber, feed: Feed[int], joint: Joint[int]) -> Drawn:
    async def put_twice(item: int) -> None:
        await feed.put(item)
        await feed.put(item)

    plumber.merge(joint, feed).to(Sink(put_twice, name="twice", workers=len(plumber.name)))
    return None


def crossed_zips(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    other = plumber.connect(Source(range(MANY), name="other"))
    plumber.zip(joint, other.keep(is_rare)).to(Sink(ignore, name="pairs"))
    plumber.zip(joint, other).to(Sink(ignore, name="others"))
    return None


WEDGES: list[Draw] = [
    unread_queue,
    feed_that_its_own_sink_fills,
    crossed_zips,
]

# What is only idle


def slow_sink(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    async def wait(item: int) -> None:
        await asyncio.sleep(LONG)

    joint.to(Sink(wait, workers=len(plumber.name)))
    return None


def paused_sink(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    sink = Sink(ignore, name="paused")
    joint.to(sink)
    plumber.pause(sink)
    return None


def open_feed_beside(plumber: Plumber, feed: Feed[int], joint: Joint[int]) -> Drawn:
    plumber.zip(joint, feed).to(Sink(ignore))
    return None


def slow_source_beside(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    async def items() -> AsyncIterator[int]:
        while True:
            await asyncio.sleep(LONG)
            yield 1

    plumber.zip(joint, Source(items, name="slow")).to(Sink(ignore))
    return None


def slow_rig_beside(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    async def fill(queue: OutputQueue[int]) -> None:
        await asyncio.sleep(LONG)

    plumber.zip(joint, InputRig(fill, name="rig")).to(Sink(ignore))
    return None


def batch_that_will_be_late(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    joint.batch(MANY, within=LONG).to(Sink(ignore))
    return joint.read(maxsize=5)


def interval_that_is_not_over(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    joint.every(LONG).to(Sink(ignore))
    return joint.read(maxsize=5)


class Ticking:
    """Takes all, and gives something now and then."""

    def take(self, item: int) -> Iterator[int]:
        yield from [item][1:]

    def tick(self) -> Iterator[int]:
        yield 1

    def end(self) -> Iterator[int]:
        yield from ()


def state_that_ticks(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    joint.to(Processor.folding(Ticking, every=LONG)).to(Sink(ignore))
    return joint.read(maxsize=5)


def queue_with_a_slow_reader(plumber: Plumber, _: Feed[int], joint: Joint[int]) -> Drawn:
    return joint.read(maxsize=5)


IDLE: list[Draw] = [
    slow_sink,
    paused_sink,
    open_feed_beside,
    slow_source_beside,
    slow_rig_beside,
    batch_that_will_be_late,
    interval_that_is_not_over,
    state_that_ticks,
    queue_with_a_slow_reader,
]


def some_stages(random: Random, plumber: Plumber) -> Joint[int]:
    """Draw a source and stages behind it, of all kinds, with edges of all sizes."""
    source = Source(range(MANY), name="numbers")
    if random.random() < 0.5:

        async def numbers() -> AsyncIterator[int]:
            for number in range(MANY):
                yield number

        source = Source(numbers, name="numbers")
    joint = plumber.connect(source)
    for place in range(random.randint(0, 3)):
        workers, buffer = random.choice([1, 1, 2, 4]), random.choice([1, 2, 100])
        if random.random() < 0.3:
            joint = joint.keep(is_odd_or_even, buffer=buffer)
            continue
        coro: Callable[[int], Awaitable[int] | AsyncIterable[int]] = pass_on
        if random.random() < 0.3:
            coro = generate
        ordered = random.random() < 0.7
        joint = joint.to(
            Processor(coro, name=f"stage {place}", workers=workers, buffer=buffer, ordered=ordered)
        )
    return joint


def is_odd_or_even(item: int) -> bool:
    return item % 2 in (0, 1)


async def settled(random: Random, draw: Draw) -> str | None:
    """Return the wedge of a run, once it has done what it can."""
    plumber, feed = Plumber("p" * random.randint(1, 3)), Feed[int](name="feed", maxsize=2)
    queue = draw(plumber, feed, some_stages(random, plumber))
    reader = None
    async with plumber.running():
        if draw is queue_with_a_slow_reader:
            reader = asyncio.create_task(read_slowly(queue))
        await asyncio.sleep(LONG / 2)
        wedge = plumber.gauges().wedge
        plumber.abort()
    if reader is not None:
        reader.cancel()
        await asyncio.wait([reader])
    return wedge


async def read_slowly(queue: InputQueue[int] | None) -> None:
    assert queue is not None
    async for _ in queue:
        await asyncio.sleep(LONG)


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, 10))]
)
async def test_a_thousand_wedges_and_a_thousand_idle_runs_are_told_apart(
    part: int, clock: Clock
) -> None:
    random = Random(part)
    for _ in range(100):
        draw = random.choice(WEDGES)
        assert await settled(random, draw), draw
        draw = random.choice(IDLE)
        assert await settled(random, draw) is None, draw


# What is said


async def test_a_queue_that_nobody_reads_is_named_with_all_that_wait_before_it(
    clock: Clock,
) -> None:
    plumber = Plumber()
    plumber.connect(Source(range(MANY), name="numbers")).to(Processor(pass_on)).read(maxsize=5)

    async with plumber.running():
        await asyncio.sleep(1)
        gauges = plumber.gauges()
        plumber.abort()

    assert gauges.wedge == (
        "nothing can move any more: 'numbers' waits for room before 'pass_on'; 'pass_on' waits for "
        "room before 'read'; nobody reads 'read'"
    )


async def test_a_sink_that_waits_for_its_own_feed_is_named(clock: Clock) -> None:
    plumber, feed = Plumber(), Feed[int](name="links", maxsize=1)

    async def follow(link: int) -> None:
        for _ in range(3):
            await feed.put(link)

    plumber.connect(feed).to(Sink(follow, buffer=1))
    feed.put_nowait(1)

    async with plumber.running():
        await asyncio.sleep(1)
        gauges = plumber.gauges()
        plumber.abort()

    assert gauges.wedge == (
        "nothing can move any more: 'links' waits for room before 'follow'; 'follow' waits to put "
        "into the feed 'links', which is full"
    )


async def test_who_feeds_a_run_before_reading_from_it_wedges_it(clock: Clock) -> None:
    plumber, feed = Plumber(), Feed[int](name="orders", maxsize=1)
    queue = plumber.connect(feed).to(Processor(pass_on, buffer=1)).read(maxsize=1)

    async def order() -> None:
        await feed.put(0)
        await queue.get()  # so the reader lives, and waits for room in the feed
        for number in range(9):
            await feed.put(number)

    async with plumber.running():
        ordering = asyncio.create_task(order())
        await asyncio.sleep(1)
        gauges = plumber.gauges()
        ordering.cancel()
        plumber.abort()

    assert gauges.wedge is not None
    assert gauges.wedge.endswith("nobody reads 'read'")


async def test_zips_that_wait_for_each_other_are_named(clock: Clock) -> None:
    plumber = Plumber()
    crossed_zips(plumber, Feed[int](), plumber.connect(Source(range(MANY), name="numbers")))

    async with plumber.running():
        await asyncio.sleep(1)
        wedge = plumber.gauges().wedge
        plumber.abort()

    assert wedge is not None
    assert "'numbers' waits for room before the zip before 'pairs'" in wedge
    assert "the zip before 'others' waits for items of 'numbers'" in wedge
    assert "the zip before 'pairs' waits for items of 'keep is_rare'" in wedge


async def test_of_many_nodes_that_wait_the_first_are_named(clock: Clock) -> None:
    plumber = Plumber()
    joint = plumber.connect(Source(range(MANY)))
    for place in range(20):
        joint = joint.to(Processor(pass_on, name=f"stage {place}", buffer=1))
    joint.read()

    async with plumber.running():
        await asyncio.sleep(1)
        wedge = plumber.gauges().wedge
        plumber.abort()

    assert wedge is not None
    assert wedge.count("; ") == 8
    assert wedge.endswith("; and so on")


async def test_the_log_and_the_verdict_say_it_once(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "typedpipes")
    plumber = Plumber("orders")
    plumber.connect(Source(range(MANY))).read()

    async with plumber.running():
        await asyncio.sleep(1)
        earlier = plumber.gauges()
        await asyncio.sleep(1)
        verdict = plumber.gauges().since(earlier).verdict
        lines = [record.getMessage() for record in caplog.records]
        plumber.abort()

    assert verdict == earlier.wedge
    assert lines == [f"orders: {earlier.wedge}"]


# How it is ended


async def test_a_run_that_is_wedged_for_too_long_fails_with_who_waits_for_whom(
    clock: Clock,
) -> None:
    plumber = Plumber()
    source = Source(range(MANY), name="numbers")
    plumber.connect(source).read(maxsize=5)

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(wedged_after=20)

    (error,) = failed.value.exceptions
    assert isinstance(error, Wedged)
    assert str(error) == (
        "for 20 s nothing can move any more: 'numbers' waits for room before 'read'; nobody reads "
        "'read'. Read what is not read, or give what is full a larger buffer."
    )
    report = failed.value.report
    assert report.ending == "failed"
    assert 20 <= report.duration <= 26
    assert len(report.of(source).undelivered) == 5


async def test_a_run_that_moves_now_and_then_is_not_ended(clock: Clock) -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(20))).read(maxsize=5)
    running = asyncio.create_task(plumber.run(wedged_after=20))

    for _ in range(20):
        await asyncio.sleep(19)
        await asyncio.create_task(
            queue.get()
        )  # whose task is gone, so that nobody is known to read

    assert (await running).ending == "finished"


async def test_an_idle_run_is_never_ended(clock: Clock) -> None:
    plumber, feed = Plumber(), Feed[int]()
    plumber.connect(feed).to(Sink(ignore))

    async with plumber.running(wedged_after=1):
        await asyncio.sleep(LONG)
        feed.close()
        report = await plumber.ended()

    assert report.ending == "finished"


async def test_a_run_that_ends_leaves_no_timer_behind(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))
    before = clock.now

    await plumber.run(wedged_after=5)
    await asyncio.sleep(0)

    assert clock.now == before


@pytest.mark.parametrize("seconds", [0, -1, "1"])
def test_a_patience_that_is_none_is_refused(seconds: float) -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))

    with pytest.raises(SettingError, match="wedged_after must be a number of seconds above 0"):
        run(plumber, wedged_after=seconds, signals=())
