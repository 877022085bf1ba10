"""Promise 6: what was left at an end is handed over, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.cleanups import ABORT, ended_by, ignore, pass_on, saving
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Edge,
    Feed,
    InputQueue,
    OutputQueue,
    Plumber,
    Processor,
    QueueClosed,
    Sink,
    Source,
)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("ordered", [True, False])
async def test_conservation_an_aborted_processor_gives_back_what_it_had_and_what_it_never_took(
    workers: int, ordered: bool
) -> None:
    left: list[int] = []
    gate = Gate[int]()
    processor = Processor(gate, workers=workers, ordered=ordered).cleanup(input=saving(left))
    plumber = Plumber()
    plumber.connect(Source(range(5))).to(processor).to(Sink(ignore))

    await ended_by(ABORT, plumber, gate)

    counts = plumber.report().of(processor)
    assert left == [0, 1, 2, 3, 4]
    assert list(counts.unprocessed) == left
    assert (counts.received, counts.interrupted, counts.completed) == (workers, workers, 0)


async def test_conservation_an_aborted_generator_gives_its_item_back() -> None:
    left: list[int] = []
    gate = Gate[int]()

    async def slowly(number: int) -> AsyncIterator[int]:
        yield number
        yield await gate(number)

    processor = Processor(slowly, workers=2).cleanup(input=saving(left))
    plumber = Plumber()
    collector = plumber.connect(Source(range(3))).to(processor).collect()

    await ended_by(ABORT, plumber, gate)

    counts = plumber.report().of(processor)
    assert left == [0, 1, 2]
    assert (counts.received, counts.interrupted) == (2, 2)
    # Item 1 had given its first result too, which waits for item 0.
    assert [*collector.items, *counts.undelivered] == [0, 1]


async def test_conservation_finished_results_that_nobody_took_go_to_the_output_cleanup() -> None:
    left: list[int] = []
    gate = Gate[int]()
    first = Processor(pass_on).cleanup(output=saving(left))
    plumber = Plumber()
    plumber.connect(Source(range(4))).to(first).to(Sink(gate.hold))

    await ended_by(ABORT, plumber, gate)

    assert left == [1, 2, 3]  # 0 was taken
    assert list(plumber.report().of(first).undelivered) == left


async def test_conservation_results_held_back_for_the_order_go_to_the_output_cleanup() -> None:
    left: list[int] = []
    gate = Gate[int]()

    async def first_is_slow(number: int) -> int:
        return await gate(number) if number == 0 else number

    processor = Processor(first_is_slow, workers=2, window=3).cleanup(output=saving(left))
    plumber = Plumber()
    plumber.connect(Source(range(5))).to(processor).to(Sink(ignore))

    await ended_by(ABORT, plumber, gate)

    counts = plumber.report().of(processor)
    assert left == [1, 2]
    assert list(counts.unprocessed) == [0, 3, 4]


async def test_conservation_what_is_in_a_feed_at_an_abort_goes_to_its_output_cleanup() -> None:
    left: list[int] = []
    gate = Gate[int]()
    feed = Feed[int]().cleanup(output=saving(left))
    plumber = Plumber()
    sink = Sink(gate.hold, buffer=1)
    plumber.connect(feed).to(sink)
    for number in range(5):
        feed.put_nowait(number)

    await ended_by(ABORT, plumber, gate)

    assert left == [1, 2, 3, 4]
    assert list(plumber.report().of(sink).unprocessed) == [0, 1]


async def test_conservation_what_a_batch_had_gathered_at_an_abort_is_in_the_report() -> None:
    plumber = Plumber()
    feed = Feed[int]()
    plumber.connect(feed).batch(10).to(Sink(ignore))

    async with plumber.running():
        for number in range(3):
            await feed.put(number)
        await stillness(plumber)
        plumber.doomsday.put_nowait(ABORT)

    (batch,) = (counts for counts in plumber.report().counts if counts.name == "batch 10")
    assert list(batch.unprocessed) == [0, 1, 2]
    assert (batch.received, batch.interrupted) == (3, 3)


async def test_at_a_natural_end_nothing_is_left() -> None:
    left: list[int] = []
    save = saving(left)
    plumber = Plumber()
    processor = Processor(pass_on, workers=3).cleanup(input=save, output=save)
    plumber.connect(Source(range(50)).cleanup(output=save)).to(processor).to(Sink(ignore))

    await plumber.run()

    assert left == []


async def test_what_was_left_may_be_saved_in_another_edge() -> None:
    rescued = Edge[int]()
    gate = Gate[int]()

    async def rescue(queue: InputQueue[int]) -> None:
        async for item in queue:
            await rescued.output.put(item)

    plumber = Plumber()
    plumber.connect(Source(range(3))).to(Sink(gate.hold).cleanup(input=rescue))

    await ended_by(ABORT, plumber, gate)

    assert rescued.input.drain() == [0, 1, 2]


@pytest.mark.usefixtures("clock")  # a slow look at it would have the source put fewer at once
async def test_a_reader_does_not_get_what_a_cleanup_coroutine_took_back_before_its_eyes() -> None:
    taken_back: list[int] = []

    async def take_back(queue: OutputQueue[int]) -> None:
        assert numbers.get_nowait() == 0  # it has seen that there are more
        taken_back.extend(queue.drain())
        with pytest.raises(QueueClosed):
            numbers.get_nowait()

    plumber = Plumber()
    numbers = plumber.connect(Source(range(5)).cleanup(output=take_back)).read()

    async with plumber.running():
        await stillness(plumber)

    assert taken_back == [1, 2, 3, 4]
