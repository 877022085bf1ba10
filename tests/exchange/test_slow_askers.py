"""Nobody waits for an asker that takes its replies slowly, but the generators that make them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.stillness import stillness
from typedpipes import Exchange, Joint, Plumber, Processor

BUFFER = 3


async def count(number: int) -> AsyncIterator[int]:
    for each in range(number):
        yield each


async def same(number: int) -> int:
    return number


ORDERED = pytest.mark.parametrize("ordered", [True, False])


@ORDERED
async def test_a_stream_that_nobody_reads_holds_up_no_other(ordered: bool, clock: Clock) -> None:
    plumber = Plumber()
    counter = Processor(count, workers=2, ordered=ordered)
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(counter).to(Processor(same)), buffer=BUFFER
    )

    async with plumber.running():
        slow = service.stream(1000)
        first = await anext(slow)
        quick = [reply async for reply in service.stream(50)]
        rest = [reply async for reply in slow]

    assert quick == [*range(50)]
    assert [first, *rest] == [*range(1000)]


async def test_replies_that_are_not_read_are_bounded(clock: Clock) -> None:
    made: list[int] = []

    async def noting(number: int) -> AsyncIterator[int]:
        for each in range(number):
            made.append(each)
            yield each

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(noting)).to(Processor(same, buffer=2)), buffer=BUFFER
    )

    async with plumber.running():
        slow = service.stream(1000)
        await anext(slow)
        await stillness(plumber)
        await slow.aclose()

    assert len(made) <= 1 + BUFFER + 1  # read; waiting or on their way; in hand


async def test_the_time_for_which_an_asker_is_waited_for_is_not_in_the_timeout(
    clock: Clock,
) -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(count, timeout=1.0)), buffer=1
    )
    replies: list[int] = []

    async with plumber.running():
        async for reply in service.stream(5):
            replies.append(reply)
            await asyncio.sleep(10)

    assert replies == [0, 1, 2, 3, 4]


async def test_a_long_request_holds_up_no_short_one_in_the_same_processor(clock: Clock) -> None:
    async def sleep(seconds: int) -> int:
        await asyncio.sleep(seconds)
        return seconds

    done: list[int] = []
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(sleep, workers=2))
    )

    async def ask(seconds: int) -> None:
        done.append(await service.ask(seconds))

    async with plumber.running(), asyncio.TaskGroup() as askers:
        for seconds in (9, 1, 2):
            askers.create_task(ask(seconds))

    assert done == [1, 2, 9]


async def test_many_workers_keep_the_order_of_each_request(clock: Clock) -> None:
    async def sleep_backwards(number: int) -> int:
        await asyncio.sleep(10 - number % 10)
        return number

    plumber = Plumber()

    def drawn(numbers: Joint[int]) -> Joint[int]:
        return numbers.to(Processor(count, workers=3)).to(Processor(sleep_backwards, workers=7))

    service = plumber.exchange(drawn)

    async def ask(number: int) -> list[int]:
        return [reply async for reply in service.stream(number)]

    async with plumber.running():
        several = await asyncio.gather(*[ask(number) for number in (25, 3, 40)])

    assert several == [[*range(25)], [*range(3)], [*range(40)]]


async def test_with_little_room_behind_them_all_requests_get_on(clock: Clock) -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(count, workers=4)).to(Processor(same, buffer=1)),
        buffer=1,
    )
    streams = [service.stream(1000) for _ in range(3)]

    async with plumber.running():
        for _ in range(20):
            replies = await asyncio.gather(*[anext(stream) for stream in streams])
            assert len({*replies}) == 1
        for stream in streams:
            await stream.aclose()
