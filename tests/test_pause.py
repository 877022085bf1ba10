"""Promise 8: pause freezes, and nothing is lost or reordered."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from tests.support.unchecked import unchecked
from typedpipes import (
    Doom,
    Feed,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringError,
)


async def double(number: int) -> int:
    return 2 * number


async def twice(number: int) -> AsyncIterator[int]:
    yield 2 * number


async def put_numbers(queue: OutputQueue[int]) -> None:
    for number in range(50):
        await queue.put(number)


async def ignore(item: object) -> None: ...


def one() -> Processor[int, int]:
    return Processor(double)


def many() -> Processor[int, int]:
    return Processor(double, workers=3)


def generators() -> Processor[int, int]:
    return Processor(twice, workers=3)


every_kind = pytest.mark.parametrize("make", [one, many, generators])


@every_kind
async def test_pause_freezes_a_processor_from_the_start(
    make: Callable[[], Processor[int, int]],
) -> None:
    processor = make()
    plumber = Plumber()
    collector = plumber.connect(Source(range(50))).to(processor).collect()
    plumber.pause(processor)
    running = asyncio.create_task(plumber.run())

    report = await stillness(plumber)
    plumber.resume(processor)

    await running
    assert report.of(processor).received == 0
    assert list(report.of(processor).unprocessed) == list(range(50))
    assert collector.items == tuple(range(0, 100, 2))


@every_kind
async def test_pause_freezes_a_processor_in_the_middle_without_loss_or_reordering(
    make: Callable[[], Processor[int, int]],
) -> None:
    processor = make()
    feed = Feed[int]()
    plumber = Plumber()
    collector = plumber.connect(feed).to(processor).collect()

    async with plumber.running():
        await feed.put(0)
        await stillness(plumber)
        plumber.pause(processor)
        await feed.put(1)
        frozen = await stillness(plumber)
        plumber.resume(processor)
        await feed.put(2)

    assert frozen.of(processor).received == 1
    assert collector.items == (0, 2, 4)


async def test_paused_a_processor_finishes_what_it_has_in_hand() -> None:
    gate = Gate[int]()
    processor = Processor(gate, workers=2)
    plumber = Plumber()
    collector = plumber.connect(Source(range(5))).to(processor).collect()
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.pause(processor)
    gate.open()
    frozen = await stillness(plumber)
    early = collector.items
    plumber.resume(processor)

    await running
    assert (frozen.of(processor).completed, frozen.of(processor).in_flight) == (2, 0)
    assert early == (0, 1)
    assert collector.items == (0, 1, 2, 3, 4)


async def test_bound_back_pressure_holds_while_a_processor_is_paused() -> None:
    processor = Processor(double, buffer=3)
    source = Source(itertools.count())
    plumber = Plumber()
    plumber.connect(source).to(processor).to(Sink(ignore))
    plumber.pause(processor)

    async with plumber.running():
        report = await stillness(plumber)

    assert report.of(source).emitted == 3


@pytest.mark.parametrize(
    "source", [Source(range(50)), InputRig(put_numbers)], ids=["iterable", "input rig"]
)
async def test_a_source_may_be_paused(source: Source[int]) -> None:
    plumber = Plumber()
    collector = plumber.connect(source).collect()
    plumber.pause(source)
    running = asyncio.create_task(plumber.run())

    report = await stillness(plumber)
    plumber.resume(source)

    await running
    assert report.of(source).emitted == 0
    assert collector.items == tuple(range(50))


async def test_a_feed_may_be_paused_and_still_be_filled() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    collector = plumber.connect(feed).collect()

    async with plumber.running():
        plumber.pause(feed)
        for number in range(3):
            await feed.put(number)
        await stillness(plumber)
        early = collector.items
        plumber.resume(feed)

    assert early == ()
    assert collector.items == (0, 1, 2)


async def test_none_named_pause_and_resume_mean_all() -> None:
    feed = Feed[int]()
    processor = Processor(double)
    plumber = Plumber()
    collector = plumber.connect(feed).to(processor).keep(bool).batch(1).collect()

    async with plumber.running():
        plumber.pause()
        await feed.put(1)
        frozen = await stillness(plumber)
        plumber.resume()

    assert all(counts.received == 0 for counts in frozen.counts)
    assert collector.items == ([2],)


async def test_resuming_one_leaves_the_others_paused() -> None:
    first, second = Processor(double, name="first"), Processor(double, name="second")
    plumber = Plumber()
    plumber.connect(Source([1])).to(first).to(second).to(Sink(ignore))
    plumber.pause(first, second)
    running = asyncio.create_task(plumber.run())

    plumber.resume(first)
    report = await stillness(plumber)
    plumber.resume(second)

    await running
    assert (report.of(first).completed, report.of(second).received) == (1, 0)


async def test_a_run_does_not_end_while_items_wait_before_a_paused_processor() -> None:
    processor = Processor(double)
    plumber = Plumber()
    plumber.connect(Source([1])).to(processor).to(Sink(ignore))
    plumber.pause(processor)
    running = asyncio.create_task(plumber.run())

    await stillness(plumber)
    ended_early = running.done()
    plumber.resume(processor)

    await running
    assert not ended_early


async def test_doom_works_while_paused_a_drain_ends_the_pause() -> None:
    processor = Processor(double)
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(processor).collect()
    plumber.pause(processor)
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.doomsday.put_nowait(Doom("enough"))

    report = await running
    assert report.ending == "drained"
    assert collector.items == (2, 4)


async def test_doom_works_while_paused_an_abort_leaves_what_was_frozen() -> None:
    processor = Processor(double)
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(processor).to(Sink(ignore))
    plumber.pause(processor)
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    report = await running
    assert report.ending == "aborted"
    assert report.of(processor).unprocessed == (1, 2)


async def test_a_processor_that_is_not_in_the_drawing_cannot_be_paused() -> None:
    plumber = Plumber("night")
    plumber.connect(Source([1])).to(Sink(ignore))

    with pytest.raises(WiringError, match=r"'ignore'.* is no processor or source in the drawing"):
        plumber.pause(Sink(ignore))


def test_neither_a_joint_nor_a_collector_can_be_paused() -> None:
    plumber = Plumber("night")
    joint = plumber.connect(Source([1]))

    for part in (joint, joint.collect()):
        with pytest.raises(WiringError, match="is no processor or source in the drawing of 'nig"):
            plumber.pause(unchecked(part))


async def test_all_that_were_paused_together_may_be_resumed_one_by_one() -> None:
    source, first, last = Source(range(5)), Processor(double), Sink(ignore)
    plumber = Plumber()
    plumber.connect(source).to(first).keep(bool).batch(2).to(last)
    plumber.pause()
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    for part in (source, first, last):
        plumber.resume(part)

    report = await running
    assert report.of(last).completed == 2


async def test_a_run_that_drains_is_not_paused_any_more() -> None:
    gate = Gate[int]()
    processor = Processor(gate)
    plumber = Plumber()
    plumber.connect(Source(range(5))).to(processor).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()
    await stillness(plumber)

    plumber.doomsday.put_nowait(Doom("enough"))
    plumber.pause(processor)
    gate.open()

    report = await running
    assert report.ending == "drained"
    assert report.of(processor).completed == 5


async def test_a_processor_that_a_source_pauses_while_it_is_asked_for_items_begins_none() -> None:
    seen: list[int] = []

    async def see(number: int) -> None:
        seen.append(number)

    plumber = Plumber()
    sink = Sink(see)

    def pausing() -> Iterator[int]:
        yield from range(100)
        before.append(len(seen))
        plumber.pause(sink)
        yield from range(100, 200)

    before: list[int] = []
    plumber.connect(Source(pausing())).to(sink)
    running = asyncio.create_task(plumber.run())

    await stillness(plumber)
    seen_in_the_pause = len(seen)
    plumber.resume(sink)
    await running

    assert [seen_in_the_pause] == before
    assert seen == list(range(200))


async def test_a_pause_that_comes_from_within_a_resume_holds() -> None:
    begun: list[int] = []

    def numbers() -> Iterator[int]:
        plumber.pause()
        yield 0
        yield 1

    async def work(number: int) -> None:
        begun.append(number)

    plumber = Plumber()
    source = Source(numbers())
    plumber.connect(source).to(Sink(work, buffer=1))
    plumber.pause()

    async with plumber.running():
        plumber.resume()
        await stillness(plumber)
        seen = list(begun)
        plumber.resume()
        await plumber.ended()

    assert seen == []
    assert begun == [0, 1]


async def test_one_may_pause_and_resume_when_the_run_is_over() -> None:
    plumber = Plumber()
    sink = Sink(ignore)
    plumber.connect(Source([1])).to(sink)
    await plumber.run()

    plumber.pause(sink)
    plumber.resume(sink)

    assert (await plumber.run()).ending == "finished"


async def test_a_source_that_is_paused_from_the_start_is_not_asked_for_its_iterator() -> None:
    asked: list[str] = []

    class Numbers(list[int]):
        def __iter__(self) -> Iterator[int]:
            asked.append("iterator")
            return super().__iter__()

    plumber, source = Plumber(), Source(Numbers([1, 2, 3]))
    numbers = plumber.connect(source).collect()
    plumber.pause(source)
    run = asyncio.create_task(plumber.run())
    await stillness(plumber)

    assert not asked
    plumber.resume(source)
    await run
    assert numbers.items == (1, 2, 3)
