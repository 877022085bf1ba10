"""Requests into a graph: each asker gets what its own item becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import Exchange, Failure, Joint, NoReply, Plumber, Processor, Sink


async def double(number: int) -> int:
    return 2 * number


async def sleep_backwards(number: int) -> int:
    """Take longer for earlier items of a few."""
    await asyncio.sleep(1 / (1 + number))
    return number


async def fail_on_odd(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number


async def count(number: int) -> AsyncIterator[int]:
    for each in range(number):
        yield each


def doubling(numbers: Joint[int]) -> Joint[int]:
    return numbers.to(Processor(double))


async def test_a_reply_comes_to_the_one_that_asked(clock: Clock) -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(sleep_backwards, workers=10)).to(Processor(double))
    )

    async with plumber.running():
        replies = await asyncio.gather(*[service.ask(number) for number in range(10)])

    assert replies == [2 * number for number in range(10)]


async def test_all_replies_to_a_request_come_in_order(clock: Clock) -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(count, workers=2)).to(
            Processor(sleep_backwards, workers=8)
        )
    )

    async def replies(number: int) -> list[int]:
        return [reply async for reply in service.stream(number)]

    async with plumber.running():
        several = await asyncio.gather(*[replies(number) for number in (5, 0, 3, 20)])

    assert several == [[*range(5)], [], [*range(3)], [*range(20)]]


async def test_what_a_coroutine_raises_is_raised_where_it_was_asked_and_ends_nothing() -> None:
    plumber = Plumber()
    picky = Processor(fail_on_odd)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(picky))

    async with plumber.running():
        with pytest.raises(ValueError, match="3 is odd") as raised:
            await service.ask(3)
        reply = await service.ask(4)

    assert reply == 4
    assert raised.value.__cause__ is None
    counts = plumber.report().of(picky)
    assert (counts.received, counts.completed, counts.failed) == (2, 1, 1)


async def test_a_failure_comes_after_the_replies_before_it() -> None:
    async def crash_at_three(_: int) -> AsyncIterator[int]:
        yield 1
        yield 2
        raise LookupError("three")

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(crash_at_three))
    )

    async with plumber.running():
        replies = service.stream(0)
        seen = [await anext(replies), await anext(replies)]
        with pytest.raises(LookupError, match="three"):
            await anext(replies)

    assert seen == [1, 2]


async def test_a_test_that_raises_fails_the_request_only() -> None:
    def is_small(number: int) -> bool:
        return 10 / number > 1

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.keep(is_small))

    async with plumber.running():
        with pytest.raises(ZeroDivisionError):
            await service.ask(0)
        assert await service.ask(1) == 1


async def test_a_timeout_of_a_processor_is_raised_where_it_was_asked(clock: Clock) -> None:
    gate = Gate[int]()
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(gate, name="slow", timeout=5.0))
    )

    async with plumber.running():
        with pytest.raises(TimeoutError, match="'slow' took longer than its timeout of 5 s"):
            await service.ask(1)


async def test_no_reply_is_an_error_for_ask_and_an_empty_stream() -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: doubling(numbers).keep(bool), name="service"
    )

    async with plumber.running():
        with pytest.raises(NoReply, match=r"'service' has no reply to 0: .* dropped") as raised:
            await service.ask(0)
        replies = [reply async for reply in service.stream(0)]

    assert replies == []
    assert (raised.value.exchange, raised.value.item) == ("service", 0)
    assert "0" not in repr(raised.value)


async def test_asked_for_one_reply_of_many_the_others_are_not_made() -> None:
    made: list[int] = []
    closed = asyncio.Event()

    async def forever(number: int) -> AsyncIterator[int]:
        try:
            while True:
                made.append(number)
                yield number
                number += 1
        finally:
            closed.set()

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(forever)), buffer=3
    )

    async with plumber.running():
        reply = await service.ask(7)
        await closed.wait()

    assert reply == 7
    assert len(made) <= 1 + 3  # taken; waiting or on their way


async def test_a_branch_that_does_not_lead_to_the_replies_belongs_to_no_request() -> None:
    log = Gate[int]()
    plumber = Plumber()

    def logged(numbers: Joint[int]) -> Joint[int]:
        numbers.to(Sink(log.hold))
        return doubling(numbers)

    service = plumber.exchange(logged)

    async with plumber.running():
        reply = await service.ask(3)
        await log.next_arrival()
        log.open()

    assert reply == 6
    assert log.arrived == [3]


async def test_a_failure_that_leads_to_the_replies_is_one() -> None:
    plumber = Plumber()
    picky = Processor(fail_on_odd, name="picky")

    def with_failures(numbers: Joint[int]) -> Joint[int | Failure[int]]:
        return plumber.merge(numbers.to(picky), plumber.failures(picky))

    def with_outcomes(numbers: Joint[int]) -> Joint[int | Failure[int]]:
        other = Processor(fail_on_odd, name="other")
        numbers.to(other)
        return plumber.outcomes(other)

    merged = plumber.exchange(with_failures)
    in_order = plumber.exchange(with_outcomes)

    async with plumber.running():
        failures = await merged.ask(3), await in_order.ask(3)
        results = await merged.ask(4), await in_order.ask(4)

    assert results == (4, 4)
    assert [(type(each), each.item) for each in failures if isinstance(each, Failure)] == [
        (Failure, 3),
        (Failure, 3),
    ]


async def test_a_failure_that_leads_elsewhere_is_raised_all_the_same() -> None:
    plumber = Plumber()
    picky = Processor(fail_on_odd)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(picky))
    letters = plumber.failures(picky).collect()

    async with plumber.running():
        with pytest.raises(ValueError, match="3 is odd"):
            await service.ask(3)

    assert [(failure.item, str(failure.error)) for failure in letters.items] == [(3, "3 is odd")]


async def test_outcomes_that_lead_elsewhere_beside_the_results_are_raised_as_well() -> None:
    plumber = Plumber()
    picky = Processor(fail_on_odd)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(picky))
    outcomes = plumber.outcomes(picky).collect()

    async with plumber.running():
        with pytest.raises(ValueError, match="3 is odd"):
            await service.ask(3)
        await service.ask(4)

    assert [getattr(each, "item", each) for each in outcomes.items] == [3, 4]


async def test_failures_and_results_are_replies_beside_outcomes_that_lead_elsewhere() -> None:
    plumber = Plumber()
    picky = Processor(fail_on_odd)

    def drawn(numbers: Joint[int]) -> Joint[int | Failure[int]]:
        return plumber.merge(numbers.to(picky), plumber.failures(picky))

    service = plumber.exchange(drawn)
    outcomes = plumber.outcomes(picky).collect()

    async with plumber.running():
        failure, result = await service.ask(3), await service.ask(4)

    assert isinstance(failure, Failure)
    assert result == 4
    assert len(outcomes.items) == 2


async def test_as_many_requests_are_in_progress_as_there_are_places(clock: Clock) -> None:
    gate = Gate[int]()
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(gate, workers=5)), maxsize=2
    )

    async with plumber.running(), asyncio.TaskGroup() as askers:
        for number in range(3):
            askers.create_task(service.ask(number))
        await stillness(plumber)
        arrived, full = [*gate.arrived], service.full()
        gate.open()

    assert arrived == [0, 1]
    assert full
    assert gate.arrived == [0, 1, 2]


async def test_requests_wait_for_a_place_in_their_order(clock: Clock) -> None:
    arrived: list[int] = []

    async def note(number: int) -> int:
        arrived.append(number)
        await asyncio.sleep(1)
        return number

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(note)), maxsize=1
    )

    async with plumber.running():
        await asyncio.gather(*[service.ask(number) for number in range(5)])

    assert arrived == [0, 1, 2, 3, 4]


async def test_a_paused_processor_lets_askers_wait(clock: Clock) -> None:
    plumber = Plumber()
    doubler = Processor(double)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(doubler))

    async with plumber.running():
        plumber.pause(doubler)
        asking = asyncio.ensure_future(service.ask(1))
        await stillness(plumber)
        waits = not asking.done()
        plumber.resume(doubler)
        reply = await asking

    assert waits
    assert reply == 2
