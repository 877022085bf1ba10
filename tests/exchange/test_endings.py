"""What becomes of requests when the run ends, is over, or has not begun."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from tests.support.unchecked import unchecked
from typedpipes import (
    Exchange,
    InputQueue,
    Joint,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    ProcessorHangs,
    QueueClosed,
    RunStateError,
    Sink,
    Source,
)


async def double(number: int) -> int:
    return 2 * number


async def test_before_the_first_run_nothing_can_be_asked() -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(double)), name="service"
    )

    with pytest.raises(RunStateError, match=r"'service' .* plumber\.running\(\)"):
        await service.ask(1)


async def test_after_the_run_nothing_can_be_asked_and_in_the_next_one_again() -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(double)), name="service"
    )

    async with plumber.running():
        first = await service.ask(1)
    with pytest.raises(QueueClosed, match="'service' takes no more requests"):
        await service.ask(2)
    closed = service.closed
    async with plumber.running():
        third = await service.ask(3)

    assert (first, closed, third) == (2, True, 6)


async def test_a_drain_answers_what_was_asked_and_takes_no_more(clock: Clock) -> None:
    gate = Gate[int]()
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(gate)), maxsize=2
    )

    async with plumber.running():
        asked = [asyncio.ensure_future(service.ask(number)) for number in range(3)]
        await stillness(plumber)
        plumber.drain()
        await stillness(plumber)
        with pytest.raises(QueueClosed):
            await service.ask(4)
        gate.open()
        replies = await asyncio.gather(*asked, return_exceptions=True)

    assert replies[:2] == [0, 1]
    assert isinstance(replies[2], QueueClosed)  # it had no place yet


async def test_an_exchange_that_is_closed_lets_the_run_end_by_itself() -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(Processor(double)))

    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)
    reply = await service.ask(1)
    service.close()
    report = await running

    assert reply == 2
    assert report.ending == "finished"


async def test_an_abort_raises_where_a_reply_is_waited_for(clock: Clock) -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(Gate[int]())), name="service"
    )
    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)
    asked = [asyncio.ensure_future(service.ask(number)) for number in range(3)]
    await stillness(plumber)

    plumber.abort()
    replies = await asyncio.gather(*asked, return_exceptions=True)
    report = await running

    assert [str(reply) for reply in replies] == ["the run of 'service' ended before it replied"] * 3
    assert report.ending == "aborted"


async def test_a_run_that_fails_elsewhere_is_the_cause(clock: Clock) -> None:
    async def crash(_: int) -> None:
        raise RuntimeError("elsewhere")

    gate, go_on = Gate[int](), asyncio.Event()

    async def later() -> AsyncIterator[int]:
        await go_on.wait()
        yield 1

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(Processor(gate)))
    plumber.connect(Source(later)).to(Sink(crash))
    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)
    asked = asyncio.ensure_future(service.ask(1))
    await gate.next_arrival()

    go_on.set()

    with pytest.raises(QueueClosed) as raised:
        await asked
    with pytest.raises(PipelineFailed) as failed:
        await running
    assert raised.value.__cause__ in failed.value.exceptions


async def test_a_side_branch_that_fails_ends_the_run() -> None:
    async def crash(_: int) -> None:
        raise RuntimeError("log")

    plumber = Plumber()

    def logged(numbers: Joint[int]) -> Joint[int]:
        numbers.to(Sink(crash))
        return numbers.to(Processor(Gate[int]()))

    service = plumber.exchange(logged)
    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)

    with pytest.raises(QueueClosed):
        await service.ask(1)
    with pytest.raises(PipelineFailed):
        await running


async def test_replies_that_were_there_come_before_the_end(clock: Clock) -> None:
    async def three(number: int) -> AsyncIterator[int]:
        for each in range(3):
            yield number + each
        await asyncio.Event().wait()

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(Processor(three)))
    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)
    stream = service.stream(1)
    replies = [await anext(stream)]
    await stillness(plumber)

    plumber.abort()
    await running
    replies += [await anext(stream), await anext(stream)]
    with pytest.raises(QueueClosed):
        await anext(stream)

    assert replies == [1, 2, 3]


async def test_what_is_left_is_told_and_handed_over_as_the_users_items(clock: Clock) -> None:
    left: list[tuple[int, int]] = []

    async def take_back(queue: InputQueue[tuple[int, int]]) -> None:
        left.extend(queue.drain())

    plumber = Plumber()
    waiter = Processor(Gate[tuple[int, int]](), name="waiter").cleanup(input=take_back)
    service: Exchange[int, tuple[int, int]] = plumber.exchange(
        lambda numbers: numbers.zip(numbers.to(Processor(double))).to(waiter)
    )
    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)
    asked = [asyncio.ensure_future(service.ask(number)) for number in range(3)]
    middle = await stillness(plumber)

    plumber.abort()
    report = await running
    await asyncio.gather(*asked, return_exceptions=True)

    assert report.of(waiter).interrupted == 1
    assert middle.of(waiter).unprocessed == ((1, 2), (2, 4))
    assert report.of(waiter).unprocessed == ((0, 0), (1, 2), (2, 4))
    assert left == [(0, 0), (1, 2), (2, 4)]


async def test_results_that_are_left_are_the_users_as_well(clock: Clock) -> None:
    undelivered: list[int] = []

    async def take_back(queue: OutputQueue[int]) -> None:
        undelivered.extend(queue.drain())

    plumber = Plumber()
    doubler = Processor(double, workers=3).cleanup(output=take_back)
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(doubler).to(Processor(Gate[int](), name="waiter", buffer=1))
    )
    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)
    asked = [asyncio.ensure_future(service.ask(number)) for number in range(4)]
    middle = await stillness(plumber)

    plumber.abort()
    report = await running
    await asyncio.gather(*asked, return_exceptions=True)

    assert middle.of(doubler).undelivered == (2, 4, 6)
    assert report.of(doubler).undelivered == (2, 4, 6)
    assert undelivered == [2, 4, 6]


async def test_a_stream_that_is_still_open_at_the_end_of_the_block_is_given_up(
    clock: Clock,
) -> None:
    closed: list[int] = []

    async def count(number: int) -> AsyncIterator[int]:
        try:
            while True:
                yield number
                number += 1
        finally:
            closed.append(number)

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(
        lambda numbers: numbers.to(Processor(count)), buffer=2
    )

    began = clock()
    async with plumber.running(grace=10.0):
        stream = service.stream(1)
        await anext(stream)
        await stillness(plumber)
    took = clock() - began
    more = [await anext(stream), await anext(stream)]
    with pytest.raises(QueueClosed, match="the block beside the run of 'exchange' ended"):
        await anext(stream)

    assert took < 10.0
    assert len(closed) == 1
    assert more == [2, 3]
    assert plumber.report().ending == "drained"


async def test_a_stream_that_another_task_reads_goes_on_at_the_end_of_the_block(
    clock: Clock,
) -> None:
    async def count(number: int) -> AsyncIterator[int]:
        for each in range(number):
            await asyncio.sleep(1)
            yield each

    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(Processor(count)))

    async def read() -> list[int]:
        return [reply async for reply in service.stream(4)]

    async with plumber.running():
        reading = asyncio.ensure_future(read())
        await asyncio.sleep(1)

    assert await reading == [0, 1, 2, 3]


async def test_a_coroutine_that_hangs_is_named_with_the_users_item(clock: Clock) -> None:
    end = asyncio.Event()

    async def hang(_: int) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await end.wait()

    plumber = Plumber()
    service: Exchange[int, None] = plumber.exchange(lambda numbers: numbers.to(Processor(hang)))
    running = asyncio.ensure_future(plumber.run(grace=1.0))
    await asyncio.sleep(0)
    asked = asyncio.ensure_future(service.ask(7))
    await stillness(plumber)

    plumber.abort()
    with pytest.raises(PipelineFailed) as failed:
        await running
    with pytest.raises(QueueClosed):
        await asked
    end.set()
    await asyncio.sleep(0)

    hanging = failed.value.exceptions[0]
    assert isinstance(hanging, ProcessorHangs)
    assert hanging.item == 7
    counts = {each.name: each for each in failed.value.report.counts}
    assert counts["hang"].unprocessed == (7,)


async def test_a_coroutine_that_cancels_its_own_task_ends_the_run(clock: Clock) -> None:
    async def give_up(_: int) -> None:
        unchecked(asyncio.current_task()).cancel()
        await asyncio.sleep(0)

    plumber = Plumber()
    service: Exchange[int, None] = plumber.exchange(lambda numbers: numbers.to(Processor(give_up)))
    running = asyncio.ensure_future(plumber.run())
    await asyncio.sleep(0)

    with pytest.raises(QueueClosed) as raised:
        await service.ask(7)
    with pytest.raises(PipelineFailed):
        await running

    assert isinstance(raised.value.__cause__, ProcessorFailed)
    assert raised.value.__cause__.item == 7


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_exit_in_a_coroutine_ends_the_run(kind: type[BaseException]) -> None:
    async def leave(_: int) -> None:
        raise kind("now")

    plumber = Plumber()
    service: Exchange[int, None] = plumber.exchange(lambda numbers: numbers.to(Processor(leave)))

    async def ask() -> None:
        async with plumber.running():
            await service.ask(7)

    with pytest.raises(kind, match="now"):
        asyncio.run(ask())
    with pytest.raises(PipelineFailed) as failed:
        asyncio.run(plumber.ended())

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert error.item == 7


class Thing:
    """An item that can be seen to be gone."""

    def __init__(self, fails: bool) -> None:
        self.fails = fails


async def test_what_was_asked_is_kept_by_nothing_once_it_is_over(clock: Clock) -> None:
    async def use(thing: Thing) -> str:
        await asyncio.sleep(1)
        if thing.fails:
            raise ValueError("it fails")
        return "used"

    plumber = Plumber()
    service: Exchange[Thing, str] = plumber.exchange(
        lambda things: things.to(Processor(use, workers=2))
    )

    async def asked(*, fails: bool, patience: float | None = None) -> weakref.ref[Thing]:
        thing = Thing(fails)
        with suppress(ValueError, TimeoutError):
            async with asyncio.timeout(patience):
                await service.ask(thing)
        return weakref.ref(thing)

    gc.disable()
    try:
        async with plumber.running():
            things = [
                await asked(fails=False),
                await asked(fails=True),
                await asked(fails=False, patience=0.5),
            ]
            await asyncio.sleep(1)
            await asyncio.gather(service.ask(Thing(fails=False)), service.ask(Thing(fails=False)))
            left = [thing() for thing in things]
    finally:
        gc.enable()

    assert left == [None, None, None]


async def test_other_threads_are_told_how_to_ask() -> None:
    plumber = Plumber()
    service: Exchange[int, int] = plumber.exchange(lambda numbers: numbers.to(Processor(double)))
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            asyncio.run(service.ask(1))
        except RunStateError as error:
            errors.append(error)

    async with plumber.running():
        await asyncio.to_thread(ask)
        loop = asyncio.get_running_loop()
        reply = await asyncio.to_thread(
            lambda: asyncio.run_coroutine_threadsafe(service.ask(1), loop).result()
        )

    assert "asyncio.run_coroutine_threadsafe(exchange.ask(item), loop)" in str(errors[0])
    assert reply == 2
