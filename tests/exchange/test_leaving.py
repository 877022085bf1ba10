"""An asker that stops takes along what is in progress for it, and nothing of others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import Exchange, Failure, Joint, Plumber, Processor, Sink, in_process, in_thread


class Watched:
    """A coroutine that waits, and notes which of its calls begin, and which are cancelled."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.cancelled: list[int] = []
        self.gate = asyncio.Event()

    async def __call__(self, number: int) -> int:
        self.begun.append(number)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        return number


WORKERS = pytest.mark.parametrize("workers", [1, 3])


@WORKERS
async def test_what_is_in_hand_is_cancelled_and_what_waits_is_never_begun(
    workers: int, clock: Clock
) -> None:
    watched = Watched()
    plumber = Plumber()
    waiter = Processor(watched, workers=workers, name="waiter")
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(waiter))

    async with plumber.running():
        askers = [asyncio.ensure_future(service.ask(number)) for number in range(5)]
        await stillness(plumber)
        askers[0].cancel()  # in hand
        askers[4].cancel()  # it waits
        await stillness(plumber)
        watched.gate.set()
        replies = await asyncio.gather(*askers, return_exceptions=True)

    assert watched.cancelled == [0]
    assert watched.begun == [0, 1, 2, 3]
    assert replies[1:4] == [1, 2, 3]
    counts = plumber.report().of(waiter)
    assert (counts.received, counts.completed, counts.dropped) == (5, 3, 2)
    assert counts.interrupted == 0


async def test_a_timeout_of_the_asker_withdraws_the_request(clock: Clock) -> None:
    watched = Watched()
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(Processor(watched)))

    async with plumber.running():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await service.ask(1)
        await stillness(plumber)

    assert watched.cancelled == [1]


async def test_a_stream_that_is_closed_closes_its_generator(clock: Clock) -> None:
    closed: list[int] = []

    async def forever(number: int) -> AsyncIterator[int]:
        try:
            while True:
                await asyncio.sleep(1)
                yield number
        finally:
            closed.append(number)

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(forever, workers=2, name="forever"))
    )

    async with plumber.running():
        async with aclosing(service.stream(7)) as replies:
            async for _ in replies:
                break
        await stillness(plumber)
        counts = {each.name: each for each in plumber.report().counts}

    assert closed == [7]
    assert counts["forever"].dropped == 1


async def test_a_stream_that_is_forgotten_is_withdrawn_too(clock: Clock) -> None:
    watched = Watched()
    plumber = Plumber()

    async def two(number: int) -> AsyncIterator[int]:
        yield number
        yield await watched(number)

    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(Processor(two)))

    async with plumber.running():
        async for _ in service.stream(7):
            break
        await stillness(plumber)

    assert watched.cancelled == [7]


async def test_an_asker_that_leaves_while_it_waits_for_a_place_has_asked_nothing(
    clock: Clock,
) -> None:
    gate = Gate[int]()
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(gate)), maxsize=1
    )

    async with plumber.running():
        first = asyncio.ensure_future(service.ask(1))
        second = asyncio.ensure_future(service.ask(2))
        third = asyncio.ensure_future(service.ask(3))
        await stillness(plumber)
        second.cancel()
        await stillness(plumber)
        gate.open()
        replies = [*await asyncio.gather(first, third)]

    assert replies == [1, 3]
    assert gate.arrived == [1, 3]


async def test_a_place_is_free_again_when_nothing_is_left_of_a_request_withdrawn(
    clock: Clock,
) -> None:
    watched = Watched()
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(watched)), maxsize=1
    )

    async with plumber.running():
        for number in range(5):
            asking = asyncio.ensure_future(service.ask(number))
            await stillness(plumber)
            asking.cancel()
            await stillness(plumber)
            assert not service.full()

    assert watched.cancelled == [0, 1, 2, 3, 4]


async def test_the_pairs_of_a_zip_stay_together_when_one_branch_is_withdrawn(
    clock: Clock,
) -> None:
    watched = Watched()
    plumber = Plumber()

    async def negate(number: int) -> int:
        return -number

    def both(numbers: Joint[int]) -> Joint[tuple[int, int]]:
        return numbers.to(Processor(watched, workers=3)).zip(numbers.to(Processor(negate)))

    service = plumber.exchange(both)

    async with plumber.running():
        askers = [asyncio.ensure_future(service.ask(number)) for number in range(3)]
        await stillness(plumber)
        askers[1].cancel()
        await stillness(plumber)
        watched.gate.set()
        replies = [*await asyncio.gather(askers[0], askers[2])]

    assert replies == [(0, 0), (2, -2)]


async def test_outcomes_on_a_branch_stay_in_step_as_well(clock: Clock) -> None:
    watched = Watched()
    plumber = Plumber()
    waiter = Processor(watched, workers=3)

    def both(numbers: Joint[int]) -> Joint[tuple[int, int | Failure[int]]]:
        numbers.to(waiter)
        return numbers.zip(plumber.outcomes(waiter))

    service = plumber.exchange(both)

    async with plumber.running():
        askers = [asyncio.ensure_future(service.ask(number)) for number in range(3)]
        await stillness(plumber)
        askers[1].cancel()
        await stillness(plumber)
        watched.gate.set()
        replies = [*await asyncio.gather(askers[0], askers[2])]

    assert replies == [(0, 0), (2, 2)]


async def test_a_failure_in_one_branch_cancels_the_other(clock: Clock) -> None:
    watched = Watched()
    plumber = Plumber()

    async def fail(_: int) -> int:
        await asyncio.sleep(1)
        raise LookupError("no index")

    def both(numbers: Joint[int]) -> Joint[tuple[int, int]]:
        return numbers.to(Processor(watched)).zip(numbers.to(Processor(fail)))

    service = plumber.exchange(both)

    async with plumber.running():
        with pytest.raises(LookupError, match="no index"):
            await service.ask(1)
        await stillness(plumber)

    assert watched.cancelled == [1]


async def test_a_side_branch_goes_on_when_the_asker_leaves(clock: Clock) -> None:
    watched, log = Watched(), Gate[int]()
    plumber = Plumber()

    def logged(numbers: Joint[int]) -> Joint[int]:
        numbers.to(Sink(log.hold))
        return numbers.to(Processor(watched))

    service = plumber.exchange(logged)

    async with plumber.running():
        asking = asyncio.ensure_future(service.ask(1))
        await log.next_arrival()
        asking.cancel()
        await stillness(plumber)
        log.open()

    assert watched.cancelled == [1]
    counts = {each.name: each.completed for each in plumber.report().counts}
    assert counts["hold"] == 1


async def test_what_a_thread_is_at_is_dropped_when_it_returns() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(number: int) -> int:
        begun.set()
        go_on.wait()
        return number

    plumber = Plumber()
    worker = Processor(in_thread(work), name="worker")
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(worker))

    async with plumber.running():
        asking = asyncio.ensure_future(service.ask(1))
        await asyncio.to_thread(begun.wait)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        go_on.set()
        reply = await service.ask(2)

    assert reply == 2
    counts = {each.name: each for each in plumber.report().counts}
    assert counts["worker"].completed == 2
    assert counts["replies of exchange"].dropped == 1


def negative(number: int) -> int:
    return -number


async def test_children_work_for_requests() -> None:
    plumber = Plumber()
    worker = Processor(in_process(negative), name="worker")
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(worker))

    async with plumber.running():
        plumber.pause(worker)
        leaving = asyncio.ensure_future(service.ask(1))
        await stillness(plumber)
        leaving.cancel()
        await stillness(plumber)
        plumber.resume(worker)
        replies = [*await asyncio.gather(service.ask(2), service.ask(3))]

    assert replies == [-2, -3]
    counts = plumber.report().of(worker)
    assert (counts.received, counts.completed, counts.dropped) == (3, 2, 1)


def inverse(number: int) -> float:
    return 1 / number


@pytest.mark.parametrize("ordered", [True, False])
async def test_a_child_fails_for_the_one_that_asked(ordered: bool) -> None:
    plumber = Plumber()
    worker = Processor(in_process(inverse), workers=2, ordered=ordered)
    service: Exchange[int, float] = plumber.exchange(lambda numbers: numbers.to(worker))

    async with plumber.running():
        asked = [service.ask(number) for number in range(5)]
        replies = await asyncio.gather(*asked, return_exceptions=True)

    assert isinstance(replies[0], ZeroDivisionError)
    assert replies[1:] == [1.0, 1 / 2, 1 / 3, 1 / 4]


async def test_pairs_stay_together_where_children_work_and_askers_leave() -> None:
    plumber = Plumber()
    worker = Processor(in_process(negative), name="worker")

    def drawn(numbers: Joint[int]) -> Joint[tuple[int, int]]:
        return numbers.zip(numbers.to(worker))

    service = plumber.exchange(drawn)

    async with plumber.running():
        plumber.pause(worker)
        askers = [asyncio.ensure_future(service.ask(number)) for number in range(6)]
        await stillness(plumber)
        askers[1].cancel()
        askers[4].cancel()
        await stillness(plumber)
        plumber.resume(worker)
        replies = await asyncio.gather(*askers, return_exceptions=True)

    assert [replies[n] for n in (0, 2, 3, 5)] == [(n, -n) for n in (0, 2, 3, 5)]
    assert plumber.report().of(worker).dropped == 2


async def test_a_replaced_function_works_for_requests_as_well() -> None:
    async def same(number: int) -> int:
        return number

    plumber = Plumber()
    worker = Processor(in_process(negative), workers=2)
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(worker))

    async with plumber.running():
        before = await service.ask(1)
        worker.replace(same)
        after = await service.ask(1)

    assert (before, after) == (-1, 1)
