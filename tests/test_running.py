"""Promise 12: a drawing is reusable. Running it, as a block, again, at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    Feed,
    PipelineFailed,
    Plumber,
    Processor,
    RunStateError,
    Sink,
    Source,
    run,
)


async def double(number: int) -> int:
    return 2 * number


async def negate(number: int) -> int:
    return -number


async def twice(number: int) -> AsyncIterator[int]:
    yield number
    yield number


async def once(number: int) -> AsyncIterator[int]:
    yield number


async def fail(number: int) -> None:
    raise ValueError(number)


async def ignore(item: object) -> None: ...


def test_run_from_synchronous_code() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(Processor(double)).collect()

    report = run(plumber)

    assert collector.items == (2, 4)
    assert report.ending == "finished"


async def test_run_where_an_event_loop_runs_is_refused_and_leaves_nothing_behind() -> None:
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(Sink(ignore))

    with pytest.raises(RuntimeError):
        run(plumber)

    report = await plumber.run()
    assert report.ending == "finished"


async def test_running_feeds_and_reads_in_a_block() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    queue = plumber.connect(feed).to(Processor(double)).read()

    async with plumber.running():
        await feed.put(1)
        first = await queue.get()
        await feed.put(2)
        second = await queue.get()

    assert (first, second) == (2, 4)
    assert plumber.report().ending == "drained"


async def test_running_drains_at_the_end_of_its_block() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    collector = plumber.connect(feed).to(Processor(double)).collect()

    async with plumber.running():
        for number in range(10):
            await feed.put(number)

    assert collector.items == tuple(range(0, 20, 2))


async def test_running_gives_its_plumber() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    plumber.connect(feed).to(Sink(ignore))

    async with plumber.running() as given:
        assert given is plumber


async def test_running_aborts_when_its_block_raises() -> None:
    gate = Gate[int]()
    slow = Sink(gate.hold)
    plumber = Plumber()
    plumber.connect(Source([1])).to(slow)

    async def block() -> None:
        async with plumber.running():
            await gate.next_arrival()
            raise ValueError("unlucky")

    with pytest.raises(ValueError, match="unlucky"):
        await block()

    assert plumber.report().ending == "aborted"
    assert plumber.report().of(slow).interrupted == 1


async def test_running_aborts_when_its_block_is_cancelled() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(gate.hold))

    async def block() -> None:
        async with plumber.running():
            await asyncio.Event().wait()

    blocking = asyncio.create_task(block())
    await gate.next_arrival()

    blocking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await blocking
    assert plumber.report().ending == "aborted"


async def test_a_run_waits_for_the_reader_to_take_everything() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(3))).read()
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)
    ended_early = running.done()

    items = [item async for item in queue]

    await running
    assert not ended_early
    assert items == [0, 1, 2]


async def test_a_block_that_stops_reading_early_ends_all_the_same() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(1000))).read(maxsize=2)

    async with plumber.running():
        first = await queue.get()

    assert first == 0
    assert plumber.report().ending == "drained"


async def test_what_was_not_read_of_an_aborted_run_can_be_read_after_it() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(3))).read()

    async with plumber.running():
        await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    assert queue.drain() == [0, 1, 2]


async def test_a_drawing_is_reusable_and_a_collector_starts_empty() -> None:
    plumber = Plumber()
    processor = Processor(double, workers=2)
    collector = plumber.connect(Source([1, 2])).to(processor).collect()

    for _ in range(3):
        report = await plumber.run()

        assert collector.items == (2, 4)
        assert report.of(processor).received == 2


async def test_a_drawing_is_reusable_after_a_failure() -> None:
    lucky = False

    async def try_again(number: int) -> int:
        if not lucky:
            raise ValueError("unlucky")
        return number

    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(Processor(try_again)).collect()
    with pytest.raises(PipelineFailed):
        await plumber.run()

    lucky = True
    report = await plumber.run()

    assert collector.items == (1,)
    assert report.ending == "finished"


async def test_a_read_queue_reads_from_the_next_run_too() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source([1, 2])).read()

    for _ in range(2):
        async with plumber.running():
            assert [item async for item in queue] == [1, 2]


async def test_a_drawing_is_reusable_in_another_event_loop() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(Processor(double, workers=2)).collect()
    await plumber.run()

    await asyncio.to_thread(run, plumber)

    assert collector.items == (2, 4)


async def test_a_plumber_runs_once_at_a_time() -> None:
    gate = Gate[int]()
    plumber = Plumber("busy")
    plumber.connect(Source([1])).to(Sink(gate.hold))
    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()

    with pytest.raises(RunStateError, match="'busy' runs already"):
        await plumber.run()

    gate.open()
    report = await running
    assert report.ending == "finished"


async def test_a_processor_may_serve_in_several_plumbers_at_once() -> None:
    gate = Gate[int]()
    shared = Processor(gate, name="shared", workers=2)
    plumbers = [Plumber(name) for name in ("first", "second")]
    collectors = [plumber.connect(Source([1, 2, 3])).to(shared).collect() for plumber in plumbers]

    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(plumber.run()) for plumber in plumbers]
        for plumber in plumbers:
            await stillness(plumber)
        in_flight = [plumber.report().of(shared).in_flight for plumber in plumbers]
        gate.open()

    assert in_flight == [2, 2]
    assert [collector.items for collector in collectors] == [(1, 2, 3), (1, 2, 3)]
    assert [each.result().of(shared).completed for each in runs] == [3, 3]


async def test_a_failure_in_one_plumber_leaves_the_others_alone() -> None:
    gate = Gate[int]()
    shared = Sink(gate.hold, name="shared")
    good, bad = Plumber("good"), Plumber("bad")
    good.connect(Source([1])).to(shared)
    joint = bad.connect(Source([2]))
    joint.to(shared)
    joint.to(Sink(fail))
    running = asyncio.create_task(good.run())
    await gate.next_arrival()

    with pytest.raises(PipelineFailed):
        await bad.run()
    gate.open()

    report = await running
    assert report.of(shared).completed == 1


async def test_replace_changes_the_coroutine_from_the_next_item_on() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    processor = Processor(double)
    queue = plumber.connect(feed).to(processor).read()
    results: list[int] = []

    async with plumber.running():
        await feed.put(1)
        results.append(await queue.get())
        processor.replace(negate)
        await feed.put(2)
        results.append(await queue.get())

    assert results == [2, -2]


@pytest.mark.parametrize("workers", [1, 2])
async def test_replace_leaves_the_item_in_hand_to_the_old_coroutine(workers: int) -> None:
    gate = Gate[int]()
    plumber = Plumber()
    processor = Processor(gate, workers=workers)
    collector = plumber.connect(Source([1, 2, 3])).to(processor).collect()
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    processor.replace(negate)
    gate.open()

    await running
    in_hand = gate.arrived
    assert collector.items == (*in_hand, *(-number for number in (1, 2, 3)[len(in_hand) :]))
    assert len(in_hand) == workers


async def test_replace_changes_the_coroutine_wherever_the_processor_serves() -> None:
    shared = Processor(double, name="shared")
    plumbers = [Plumber(name) for name in ("first", "second")]
    collectors = [plumber.connect(Source([1])).to(shared).collect() for plumber in plumbers]

    shared.replace(negate)
    for plumber in plumbers:
        await plumber.run()

    assert [collector.items for collector in collectors] == [(-1,), (-1,)]


async def test_replace_a_generator_by_a_generator() -> None:
    processor = Processor(twice)
    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(processor).collect()

    processor.replace(once)
    await plumber.run()

    assert collector.items == (1,)


async def test_a_connection_drawn_while_it_runs_is_for_the_next_run() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    joint = plumber.connect(feed)
    first = joint.collect()

    async with plumber.running():
        second = joint.collect()
        await feed.put(1)
    after_the_first_run = second.items
    async with plumber.running():
        await feed.put(2)

    assert after_the_first_run == ()
    assert (first.items, second.items) == ((2,), (2,))
