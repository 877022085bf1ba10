"""What becomes of the rest when an item, or a source, fails."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Literal

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from tests.support.unchecked import unchecked
from typedpipes import (
    Feed,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringError,
    WiringErrors,
    run,
)


async def fail_at_three(number: int) -> int:
    if number == 3:
        raise ValueError(number)
    return number


async def pass_on(number: int) -> int:
    return number


async def ignore(item: object) -> None: ...


def numbers() -> Iterator[int]:
    yield from range(3)
    raise OSError("no connection")


async def async_numbers() -> AsyncIterator[int]:
    for number in range(3):
        yield number
    raise OSError("no connection")


async def put_numbers(queue: OutputQueue[int]) -> None:
    for number in range(3):
        await queue.put(number)
    raise OSError("no connection")


def one(coro: Callable[[int], object]) -> Processor[int, int]:
    return Processor(unchecked(coro))


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("ordered", [True, False])
async def test_drain_lets_flow_out_what_is_inside_and_then_raises(
    workers: int, ordered: bool
) -> None:
    plumber = Plumber()
    processor = Processor(fail_at_three, workers=workers, ordered=ordered)
    source = Source(itertools.count())
    collector = plumber.connect(source).to(processor).to(Processor(pass_on)).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(on_failure="drain")

    report = failed.value.report
    assert [str(error) for error in failed.value.exceptions] == [
        "'fail_at_three' failed on 3: ValueError(3)"
    ]
    assert report.ending == "failed"
    given = report.of(source).emitted
    assert sorted(collector.items) == [number for number in range(given) if number != 3]
    assert all(not counts.unprocessed and not counts.undelivered for counts in report.counts)


async def test_drain_ends_feeds_too() -> None:
    plumber, feed = Plumber(), Feed[int](maxsize=10)
    collector = plumber.connect(feed).to(Processor(fail_at_three)).collect()
    for number in range(8):
        feed.put_nowait(number)

    with pytest.raises(PipelineFailed):
        await plumber.run(on_failure="drain")

    assert collector.items == (0, 1, 2, 4, 5, 6, 7)


async def test_abort_is_the_default() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    numbers = plumber.connect(Source(range(8)))
    numbers.to(Sink(gate.hold))
    numbers.to(Processor(fail_at_three)).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert failed.value.report.counts[1].interrupted == 1


def test_run_from_synchronous_code_takes_it_too() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source(range(6))).to(Processor(fail_at_three)).collect()

    with pytest.raises(PipelineFailed):
        run(plumber, on_failure="drain")

    assert collector.items == (0, 1, 2, 4, 5)


async def test_a_failure_that_drains_leaves_the_block_alone_until_all_has_flowed_out() -> None:
    plumber, feed = Plumber(), Feed[int](maxsize=10)
    queue = plumber.connect(feed).to(Processor(fail_at_three)).read(maxsize=1)
    for number in range(8):
        feed.put_nowait(number)
    read: list[int] = []

    async def block() -> None:
        async with plumber.running(on_failure="drain"):
            async for number in queue:
                read.append(number)
                await stillness(plumber)

    with pytest.raises(PipelineFailed):
        await block()

    assert read == [0, 1, 2, 4, 5, 6, 7]


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_failure_that_drains_leaves_a_gap_in_a_zip(workers: int) -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(7)))
    checked = numbers.to(Processor(fail_at_three, workers=workers))
    collector = plumber.zip(numbers, checked).collect()

    with pytest.raises(PipelineFailed):
        await plumber.run(on_failure="drain")

    assert collector.items == tuple((number, number) for number in (0, 1, 2, 4, 5, 6))


@pytest.mark.parametrize("failing", [{0}, {3}, {6}, {2, 3}, {0, 1, 5}, set(range(7))], ids=str)
@pytest.mark.parametrize("passed_on", [False, True])
async def test_a_test_of_keep_that_raises_in_a_drain_leaves_one_gap_for_each_item(
    failing: set[int], passed_on: bool
) -> None:
    def is_lucky(number: int) -> bool:
        if number in failing:
            raise ValueError(number)
        return True

    plumber = Plumber()
    numbers = plumber.connect(Source(range(7)))
    kept = numbers.keep(is_lucky)
    if passed_on:  # by one that is to leave the gaps where they are
        kept = kept.to(Processor(pass_on))
    collector = plumber.zip(numbers, kept).collect(name="pairs")

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(on_failure="drain")

    assert len(failed.value.exceptions) == len(failing)
    assert collector.items == tuple((each, each) for each in range(7) if each not in failing)
    (counts,) = [each for each in failed.value.report.counts if each.name == "pairs"]
    assert (counts.dropped, counts.cut_short) == (len(failing), False)
    assert all(not each.unprocessed for each in failed.value.report.counts)


async def test_a_zip_that_could_not_stay_in_step_is_refused_if_failures_drain() -> None:
    plumber = Plumber()
    first, second = plumber.connect(Source([1])), plumber.connect(Source([2]))
    pairs = plumber.zip(first.to(Processor(pass_on, name="step")), second)
    plumber.zip(pairs, first).to(Sink(ignore))

    with pytest.raises(WiringErrors, match="cannot stay in step with a zip further on"):
        await plumber.run(on_failure="drain")
    await plumber.run()


async def test_something_else_than_abort_or_drain_is_refused() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))

    with pytest.raises(WiringError, match="on_failure must be 'abort' or 'drain', not 'go on'"):
        await plumber.run(on_failure=unchecked("go on"))


@pytest.mark.parametrize("on_failure", ["abort", "drain"])
@pytest.mark.parametrize(
    "source",
    [lambda: Source(numbers()), lambda: Source(async_numbers), lambda: InputRig(put_numbers)],
    ids=["iterable", "async", "rig"],
)
async def test_what_a_source_gave_before_it_raised_flows_out(
    source: Callable[[], Source[int]], on_failure: Literal["abort", "drain"]
) -> None:
    gate = Gate[int]()
    plumber = Plumber()
    origin = source()
    collector = plumber.connect(origin).to(Processor(gate)).collect()
    other = Source(itertools.count())
    plumber.connect(other).to(Sink(ignore))

    running = asyncio.create_task(plumber.run(on_failure=on_failure))
    await gate.next_arrival()
    await stillness(plumber)
    gate.open()

    with pytest.raises(PipelineFailed) as failed:
        await running
    assert collector.items == (0, 1, 2)
    assert [type(error.__cause__) for error in failed.value.exceptions] == [OSError]
    assert failed.value.report.ending == "failed"
    assert failed.value.report.of(origin).emitted == 3
    assert all(not counts.unprocessed for counts in failed.value.report.counts)


async def test_an_abort_of_a_failed_run_that_drains_still_says_that_it_failed() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    plumber.connect(Source(numbers())).to(Sink(gate.hold))

    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()
    await stillness(plumber)
    plumber.abort("enough")

    with pytest.raises(PipelineFailed) as failed:
        await running
    assert failed.value.report.ending == "failed"
    assert [doom.reason for doom in failed.value.report.dooms] == ["enough"]
