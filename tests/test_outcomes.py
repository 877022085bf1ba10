"""Outcomes: the results and the failures of a processor, in the order of its items."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from tests.support.stillness import stillness
from tests.support.unchecked import unchecked
from typedpipes import (
    Failure,
    InputQueue,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringError,
    WiringErrors,
)


class Odd(Exception):
    """The error of a user."""


async def even_only(number: int) -> int:
    if number % 2:
        raise Odd(number)
    return number


async def slow_if_early(number: int) -> int:
    await asyncio.sleep(10 - number)
    return await even_only(number)


async def twice_if_even(number: int) -> AsyncIterator[int]:
    yield number
    if number % 2:
        raise Odd(number)
    yield number


async def refuse_odd(number: int) -> None:
    await even_only(number)


def plain(outcomes: Iterable[int | Failure[int] | None]) -> list[object]:
    """Return results as they are, and failures as the text of their item."""
    return [f"{each.item}" if isinstance(each, Failure) else each for each in outcomes]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Processor(even_only),
        lambda: Processor(even_only, workers=3),
        lambda: Processor(slow_if_early, workers=5),
    ],
    ids=["one worker", "many", "many that overtake"],
)
@pytest.mark.usefixtures("clock")
async def test_results_and_failures_come_in_the_order_of_the_items(
    make: Callable[[], Processor[int, int]],
) -> None:
    plumber, processor = Plumber(), make()
    plumber.connect(Source(range(5))).to(processor)
    outcomes = plumber.outcomes(processor).collect()

    report = await plumber.run()

    assert plain(outcomes.items) == [0, "1", 2, "3", 4]
    counts = report.of(processor)
    assert (counts.received, counts.completed, counts.failed, counts.emitted) == (5, 3, 2, 5)


@pytest.mark.parametrize("workers", [1, 3])
async def test_the_failure_of_a_generator_comes_after_its_last_result(workers: int) -> None:
    plumber, processor = Plumber(), Processor(twice_if_even, workers=workers)
    plumber.connect(Source(range(3))).to(processor)
    outcomes = plumber.outcomes(processor).collect()

    await plumber.run()

    assert plain(outcomes.items) == [0, 0, 1, "1", 2, 2]


async def test_without_an_order_each_item_has_one_outcome() -> None:
    plumber, processor = Plumber(), Processor(even_only, workers=3, ordered=False)
    plumber.connect(Source(range(5))).to(processor)
    outcomes = plumber.outcomes(processor).collect()

    await plumber.run()

    assert sorted(map(str, plain(outcomes.items))) == ["0", "1", "2", "3", "4"]


async def test_a_sink_has_outcomes_too() -> None:
    plumber, sink = Plumber(), Sink(refuse_odd)
    plumber.connect(Source(range(3))).to(sink)
    outcomes = plumber.outcomes(sink).collect()

    await plumber.run()

    assert plain(outcomes.items) == [None, "1", None]


async def test_results_failures_and_outcomes_may_be_taken_side_by_side() -> None:
    plumber, processor = Plumber(), Processor(even_only, name="even", workers=2)
    results = plumber.connect(Source(range(5))).to(processor).collect()
    outcomes = plumber.outcomes(processor).collect()
    failures = plumber.failures(processor).collect()

    report = await plumber.run()

    assert plain(outcomes.items) == [0, "1", 2, "3", 4]
    assert results.items == (0, 2, 4)
    assert sorted(plain(failures.items), key=str) == ["1", "3"]
    assert set(outcomes.items) > set(failures.items)
    assert report.collected.keys() == {"outcomes of even", "results of even", "failures of even"}


@pytest.mark.parametrize("workers", [1, 3])
async def test_aborted_an_item_has_failed_whose_failure_is_among_the_outcomes(workers: int) -> None:
    hold = asyncio.Event()

    async def wait(failure: Failure[int]) -> None:
        await hold.wait()

    plumber, processor = Plumber(), Processor(even_only, workers=workers)
    plumber.connect(Source([1, 3, 5, 7])).to(processor)
    outcomes = plumber.outcomes(processor).collect()
    sink = Sink(wait, buffer=1)
    plumber.failures(processor).to(sink)
    run = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.abort("enough")
    counts = (await run).of(processor)

    assert len(outcomes.items) == counts.failed == counts.emitted
    assert not {each.item for each in outcomes.items if isinstance(each, Failure)} & {
        *counts.unprocessed
    }


async def test_a_failure_that_is_a_result_stays_among_the_results() -> None:
    async def mourn(failure: Failure[int]) -> Failure[int]:
        return failure

    plumber, processor, mourner = Plumber(), Processor(even_only), Processor(mourn)
    plumber.connect(Source(range(4))).to(Sink(refuse_odd, name="other"))
    plumber.connect(Source(range(4))).to(processor)
    plumber.failures(processor).to(mourner)
    plumber.connect(processor).collect()
    results = plumber.connect(mourner).collect()
    plumber.outcomes(mourner).collect()

    with pytest.raises(PipelineFailed):
        await plumber.run(on_failure="drain")

    assert plain(results.items) == ["1", "3"]


@pytest.mark.parametrize("workers", [1, 3])
async def test_in_a_zip_a_failure_is_paired_as_a_result_is(workers: int) -> None:
    plumber, processor = Plumber(), Processor(even_only, workers=workers)
    numbers = plumber.connect(Source(range(5)))
    numbers.to(processor)
    pairs = plumber.zip(numbers, plumber.outcomes(processor)).collect()
    results = plumber.zip(numbers, processor).collect()

    await plumber.run()

    assert [(number, *plain((outcome,))) for number, outcome in pairs.items] == [
        (0, 0),
        (1, "1"),
        (2, 2),
        (3, "3"),
        (4, 4),
    ]
    assert results.items == ((0, 0), (2, 2), (4, 4))


async def test_a_gap_from_further_up_passes_a_processor_with_outcomes() -> None:
    plumber, processor = Plumber(), Processor(even_only)
    numbers = plumber.connect(Source(range(6)))
    numbers.keep(lambda number: number != 2).to(processor)
    pairs = plumber.zip(numbers, plumber.outcomes(processor)).collect()

    await plumber.run()

    assert [number for number, _ in pairs.items] == [0, 1, 3, 4, 5]
    assert all(number == int(str(*plain((outcome,)))) for number, outcome in pairs.items)


async def test_what_was_not_taken_of_the_outcomes_goes_to_the_cleanups_of_its_type() -> None:
    results: list[int] = []
    outcomes: list[int | Failure[int]] = []

    async def save_results(queue: OutputQueue[int]) -> None:
        assert queue.qsize() == 1
        results.extend(queue.drain())
        assert queue.empty()

    async def save_outcomes(queue: InputQueue[int | Failure[int]]) -> None:
        outcomes.extend(queue.drain())

    taken = asyncio.Event()

    async def stuck(outcome: int | Failure[int]) -> None:
        taken.set()
        await asyncio.Event().wait()

    plumber, processor = Plumber(), Processor(even_only).cleanup(output=save_results)
    plumber.connect(Source(range(4))).to(processor)
    sink = Sink(stuck).cleanup(input=save_outcomes)
    plumber.outcomes(processor).to(sink)

    run = asyncio.create_task(plumber.run())
    await taken.wait()
    await stillness(plumber)
    plumber.abort("enough")
    report = await run

    assert results == [2]
    assert plain(outcomes) == [0, "1", "3"]
    assert report.of(processor).undelivered == (2,)
    assert plain(report.of(sink).unprocessed) == [0, "1", 2, "3"]


def test_outcomes_that_go_nowhere_are_refused() -> None:
    plumber, processor = Plumber(), Processor(even_only, name="even")
    plumber.connect(Source(range(4))).to(processor).collect()
    plumber.outcomes(processor)

    with pytest.raises(WiringErrors) as refused:
        plumber.blueprint()

    (error,) = refused.value.exceptions
    assert str(error) == (
        "the outcomes of 'even' go nowhere. Connect them to a processor, or collect or read them."
    )


def test_only_a_processor_has_outcomes() -> None:
    with pytest.raises(WiringError, match=r"Source\('source'\) has no outcomes. Only a processor"):
        Plumber().outcomes(unchecked(Source(range(3))))
