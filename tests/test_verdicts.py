"""The verdict on a run: what holds it up, for loads whose bottleneck is known."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.support.clock import Clock
from typedpipes import (
    Feed,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    Rates,
    Resource,
    Sink,
    Source,
)

SECONDS = 100
FOREVER = 10**9


async def pass_on(item: int) -> int:
    return item


async def ignore(item: object) -> None: ...


def waits(seconds: float) -> Callable[[int], Awaitable[int]]:
    async def wait(item: int) -> int:
        await asyncio.sleep(seconds)
        return item

    return wait


def computes(clock: Clock, seconds: float) -> Callable[[int], Awaitable[int]]:
    async def compute(item: int) -> int:
        clock.now += seconds
        return item

    return compute


def every(seconds: float) -> Source[int]:
    async def items() -> AsyncIterator[int]:
        for number in range(FOREVER):
            await asyncio.sleep(seconds)
            yield number

    return Source(items, name="items")


def range_of(number: int) -> Source[int]:
    return Source(range(number), name="range")


async def watch(plumber: Plumber) -> Rates:
    """Return what happens in a while, after a time to settle."""
    async with plumber.running():
        await asyncio.sleep(SECONDS)
        earlier = plumber.gauges()
        await asyncio.sleep(SECONDS)
        later = plumber.gauges()
        plumber.abort()
    assert not later.is_over
    return later.since(earlier)


async def test_a_slow_worker_is_the_bottleneck_whatever_is_before_and_behind_it(
    clock: Clock,
) -> None:
    """In 20 of 20 graphs, with its share of the time right to 3 points."""
    random = Random(7)
    for _ in range(20):
        length = random.randint(1, 8)
        slow = random.randrange(length)
        workers = random.choice([1, 1, 3])
        plumber = Plumber()
        joint = plumber.connect(range_of(FOREVER))
        for place in range(length):
            if place == slow:
                stage = Processor(waits(2), name="slow", workers=workers, buffer=10)
            else:
                seconds = random.choice([0, 0.1, 0.5]) / workers
                stage = Processor(waits(seconds), name=f"quick {place}", buffer=10)
            joint = joint.to(stage)
        joint.to(Sink(ignore))

        rates = await watch(plumber)

        worker = "its worker is" if workers == 1 else "its 3 workers are"
        assert rates.verdict == (
            f"'slow' is the bottleneck: {worker} busy 100% of the time, and what is before it "
            "waits. More workers would help: the event loop has 100% of its time left"
        )
        assert rates.of("slow").busy == pytest.approx(1, abs=0.03)
        assert rates.of("range").backpressured == pytest.approx(1, abs=0.03)


async def test_the_slow_worker_on_the_branch_that_a_zip_waits_for_is_the_bottleneck(
    clock: Clock,
) -> None:
    """In 20 of 20 graphs: nothing waits for room before it, but its fork waits for the zip."""
    random = Random(7)
    for _ in range(20):
        length = random.randint(1, 5)
        slow = random.randrange(length)
        workers = random.choice([1, 3])
        plumber = Plumber()
        items = plumber.connect(range_of(FOREVER))
        branch = items
        for place in range(length):
            seconds = 2 if place == slow else random.choice([0, 1])
            stage = Processor(
                waits(seconds / 2),
                name="slow" if place == slow else f"step {place}",
                workers=workers,
            )
            branch = branch.to(stage)
        ends = [items, branch] if random.random() < 0.5 else [branch, items]
        plumber.zip(*ends).to(Sink(ignore))

        verdict = (await watch(plumber)).verdict

        assert verdict is not None
        assert verdict.startswith("'slow' is the bottleneck: ")


async def test_shares_of_the_time_are_right_where_a_source_is_slow(clock: Clock) -> None:
    plumber = Plumber()
    first, last = Processor(waits(1), name="first"), Processor(waits(2), name="last")
    plumber.connect(every(4)).to(first).to(last).to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.verdict == "the source 'items' is slow: everything else waits for more items"
    assert rates.of("first").busy == pytest.approx(0.25, abs=0.03)
    assert rates.of("last").busy == pytest.approx(0.5, abs=0.03)
    assert rates.of("last").idle == pytest.approx(0.5, abs=0.03)


async def test_a_slow_rig_is_a_slow_source(clock: Clock) -> None:
    async def fill(queue: OutputQueue[int]) -> None:
        for number in range(FOREVER):
            await asyncio.sleep(3)
            await queue.put(number)

    plumber = Plumber()
    plumber.connect(InputRig(fill, name="rig")).to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.verdict == "the source 'rig' is slow: everything else waits for more items"


async def test_a_feed_that_little_is_put_into_is_named(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Feed[int](name="orders")).to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.verdict == "little is put into 'orders': everything else waits for that"


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_coroutine_that_computes_fills_the_event_loop(clock: Clock, workers: int) -> None:
    plumber = Plumber()
    plumber.connect(range_of(FOREVER)).to(
        Processor(computes(clock, 0.5), name="parse", workers=workers)
    ).to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.loop_busy == pytest.approx(1, abs=0.03)
    assert rates.verdict is not None
    assert rates.verdict.startswith("the event loop is full: 'parse' computes ")
    assert rates.verdict.endswith("What it computes belongs in in_thread or in_process")


async def test_a_source_that_computes_fills_the_event_loop(clock: Clock) -> None:
    def items() -> Iterator[int]:
        for number in range(FOREVER):
            clock.now += 0.5
            yield number

    plumber = Plumber()
    plumber.connect(Source(items(), name="items")).to(Processor(pass_on)).to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.verdict is not None
    assert rates.verdict.startswith("the event loop is full: 'items' computes ")


async def test_where_all_are_quick_the_event_loop_is_full_and_no_one_is_blamed(
    clock: Clock,
) -> None:
    plumber = Plumber()
    joint = plumber.connect(range_of(FOREVER))
    for place in range(4):
        joint = joint.to(Processor(computes(clock, 0.001), name=f"quick {place}"))
    joint.to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.loop_busy == pytest.approx(1, abs=0.03)
    assert rates.verdict is not None
    assert rates.verdict.startswith("the event loop is full, and no single processor fills it")
    assert sum(each.busy for each in rates.processors) == pytest.approx(1, abs=0.03)


async def test_a_bottleneck_that_computes_half_of_the_time_belongs_in_a_process(
    clock: Clock,
) -> None:
    async def work(item: int) -> int:
        if item % 2:
            clock.now += 6
        else:
            await asyncio.sleep(4)
        return item

    plumber = Plumber()
    plumber.connect(range_of(FOREVER)).to(Processor(work, name="parse")).to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.verdict is not None
    assert rates.verdict.startswith("'parse' is the bottleneck")
    assert rates.verdict.endswith("It computes: in_process, with more workers, would help")


async def test_a_queue_that_nobody_reads_is_named_and_so_is_one_that_is_read_slowly(
    clock: Clock,
) -> None:
    plumber = Plumber()
    queue = plumber.connect(range_of(FOREVER)).to(Processor(pass_on)).read(maxsize=50)
    plumber.connect(Feed[int]()).to(Sink(ignore))  # so that the run is not wedged

    async def read() -> None:
        while True:
            await asyncio.sleep(2)
            await queue.get()

    unread = await watch(plumber)
    reader = asyncio.create_task(read())
    slowly = await watch(plumber)
    reader.cancel()
    await asyncio.wait([reader])

    assert unread.verdict == "nobody reads 'read': 50 items wait there, and all before them"
    assert slowly.verdict is not None
    assert slowly.verdict.startswith("what reads 'read' is the bottleneck: it takes 0.5 items a ")


async def test_a_pause_is_named_before_all_else(clock: Clock) -> None:
    plumber = Plumber()
    slow = Processor(waits(10), name="slow")
    plumber.connect(range_of(FOREVER)).to(slow).to(Sink(ignore))

    plumber.pause(slow)
    one = await watch(plumber)
    plumber.pause()
    every_one = await watch(plumber)

    assert one.verdict == "'slow' is paused: resume what is to go on"
    assert every_one.verdict == "the run is paused: resume it"


async def test_a_pool_that_waits_for_its_slowest_item_is_told_to_widen_its_window(
    clock: Clock,
) -> None:
    async def work(item: int) -> int:
        await asyncio.sleep(50 if item % 10 == 0 else 1)
        return item

    plumber = Plumber()
    plumber.connect(range_of(FOREVER)).to(Processor(work, name="fetch", workers=5, window=5)).to(
        Sink(ignore)
    )

    rates = await watch(plumber)

    assert rates.verdict == (
        "'fetch' waits for its slowest items, because it keeps the order. "
        "A larger window, or ordered=False, would help"
    )


async def test_once_the_sources_are_done_nothing_holds_the_rest_up(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(range_of(50)).to(Processor(waits(10))).to(Sink(ignore))

    rates = await watch(plumber)

    assert rates.of("wait").busy == 1
    assert rates.verdict is None


async def test_a_run_whose_resources_are_still_being_opened_is_not_paused(clock: Clock) -> None:
    @asynccontextmanager
    async def connect() -> AsyncGenerator[str]:
        await asyncio.sleep(FOREVER)
        yield "connection"

    async def store(item: int, connection: str) -> None: ...

    plumber = Plumber()
    plumber.connect(range_of(50)).to(Sink(Resource(connect).into(store)))
    running = asyncio.create_task(plumber.run())
    await asyncio.sleep(SECONDS)

    earlier = plumber.gauges()
    await asyncio.sleep(SECONDS)
    later = plumber.gauges()
    plumber.abort()
    await running

    assert later.state == "opening"
    assert later.since(earlier).verdict == "its resources are not open yet"
