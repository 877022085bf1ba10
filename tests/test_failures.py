"""Promise 5: failures go somewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Failure,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    Sink,
    Source,
    TypedpipesError,
)


class Odd(Exception):
    """The error of a user."""


async def even_only(number: int) -> int:
    if number % 2:
        raise Odd(number)
    return number


async def even_twice(number: int) -> AsyncIterator[int]:
    yield number
    if number % 2:
        raise Odd(number)
    yield number


async def refuse(number: int) -> None:
    raise Odd(number)


async def ignore(item: object) -> None: ...


MAKERS: list[Callable[[], Processor[int, int]]] = [
    lambda: Processor(even_only, name="even"),
    lambda: Processor(even_only, name="even", workers=3),
    lambda: Processor(even_only, name="even", workers=3, ordered=False),
    lambda: Processor(even_twice, name="even"),
    lambda: Processor(even_twice, name="even", workers=3),
]
every_kind = pytest.mark.parametrize(
    "make", MAKERS, ids=["one", "many", "unordered", "generator", "generators"]
)


@every_kind
async def test_failures_go_to_the_failures_edge_and_the_run_goes_on(
    make: Callable[[], Processor[int, int]],
) -> None:
    even = make()
    plumber = Plumber()
    collector = plumber.connect(Source(range(6))).to(even).collect()
    failures = plumber.failures(even).collect()

    report = await plumber.run()

    assert {0, 2, 4} <= set(collector.items)
    assert sorted((each.item, each.processor) for each in failures.items) == [
        (1, "even"),
        (3, "even"),
        (5, "even"),
    ]
    assert all(isinstance(each.error, Odd) for each in failures.items)
    counts = report.of(even)
    assert (counts.received, counts.completed, counts.failed) == (6, 3, 3)


@every_kind
async def test_failures_without_an_edge_end_the_run(
    make: Callable[[], Processor[int, int]],
) -> None:
    even = make()
    plumber = Plumber("numbers")
    plumber.connect(Source([1])).to(even).to(Sink(ignore))

    with pytest.raises(PipelineFailed, match="the run of 'numbers' failed") as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert (error.processor, error.item) == ("even", 1)
    assert str(error) == "'even' failed on 1: Odd(1)"
    assert isinstance(error.__cause__, Odd)
    assert failed.value.report.of(even).failed == 1
    assert failed.value.report.ending == "failed"


async def test_what_a_generator_gave_before_it_failed_goes_on() -> None:
    even = Processor(even_twice)
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(even).collect()
    plumber.failures(even).to(Sink(ignore))

    await plumber.run()

    assert collector.items == (1, 2, 2)


async def test_failures_of_the_run_can_be_picked_from_the_group_with_its_report() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(refuse))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    picked, rest = failed.value.split(ProcessorFailed)
    assert isinstance(failed.value, TypedpipesError)
    assert isinstance(picked, PipelineFailed)
    assert picked.report is failed.value.report
    assert rest is None


async def test_a_failure_cancels_what_others_have_in_hand() -> None:
    gate = Gate[int]()
    slow = Sink(gate.hold)

    async def fail_when_slow_has_begun(number: int) -> None:
        await gate.next_arrival()
        raise Odd(number)

    plumber = Plumber()
    numbers = plumber.connect(Source([1]))
    numbers.to(slow)
    numbers.to(Sink(fail_when_slow_has_begun))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert len(failed.value.exceptions) == 1
    assert failed.value.report.of(slow).interrupted == 1


async def test_whatever_else_fails_while_the_run_ends_is_in_the_group_too() -> None:
    begun = asyncio.Event()

    async def fail_when_cancelled(number: int) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            raise Odd(number)

    async def fail(number: int) -> None:
        await begun.wait()
        raise Odd(number)

    plumber = Plumber()
    numbers = plumber.connect(Source([1]))
    numbers.to(Sink(fail_when_cancelled))
    numbers.to(Sink(fail))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert [str(error) for error in failed.value.exceptions] == [
        "'fail' failed on 1: Odd(1)",
        "'fail_when_cancelled' failed on 1: Odd(1)",
    ]


async def test_the_failures_of_the_failures_branch_end_the_run() -> None:
    async def fail_again(failure: Failure[int]) -> None:
        raise failure.error

    even = Processor(even_only)
    plumber = Plumber()
    plumber.connect(Source([1])).to(even).to(Sink(ignore))
    plumber.failures(even).to(Sink(fail_again))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert error.processor == "fail_again"
    assert isinstance(error.item, Failure)


async def test_failures_may_be_taken_by_several() -> None:
    even = Processor(even_only)
    plumber = Plumber()
    plumber.connect(Source([1])).to(even).to(Sink(ignore))
    failures = plumber.failures(even)
    first, second = failures.collect(), plumber.failures(even).collect()

    await plumber.run()

    assert [failure.item for failure in first.items] == [1]
    assert first.items == second.items


async def test_bound_a_full_failures_edge_makes_its_processor_wait() -> None:
    gate = Gate[Failure[int]]()
    even = Processor(even_only, workers=2)
    plumber = Plumber()
    plumber.connect(Source(range(1, 100, 2))).to(even).to(Sink(ignore))
    plumber.failures(even).to(Sink(gate.hold, buffer=2))

    async with plumber.running():
        report = await stillness(plumber)
        gate.open()

    assert report.of(even).failed == 5  # one is in hand, two are before the gate, two held


async def test_a_failure_shows_its_traceback_down_to_the_users_line() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(refuse))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    cause = failed.value.exceptions[0].__cause__
    assert cause is not None
    traceback = cause.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    assert traceback is not None
    assert traceback.tb_frame.f_code.co_name == "refuse"


async def test_failures_that_wait_for_room_arrive_when_nobody_wants_the_results() -> None:
    over, told_of = asyncio.Event(), asyncio.Event()
    told: list[int] = []

    async def fail(number: int) -> int:
        await over.wait()
        raise Odd(number)

    async def tell(failure: Failure[int]) -> None:
        await told_of.wait()
        told.append(failure.item)

    async def nothing() -> AsyncIterator[int]:
        await over.wait()
        for number in range(0):
            yield number

    plumber = Plumber()
    failing = Processor(fail, workers=3)
    results = plumber.connect(Source(range(3))).to(failing)
    plumber.failures(failing).to(Sink(tell, buffer=1))
    pairs = plumber.zip(results, Source(nothing)).read()

    async with plumber.running():
        over.set()
        assert [pair async for pair in pairs] == []
        told_of.set()
    assert told == [0, 1, 2]
