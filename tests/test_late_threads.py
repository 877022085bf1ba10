"""A thread cannot be stopped: what it returns to a call that was cancelled is not lost."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.clock import Clock
from tests.support.stillness import stillness
from typedpipes import (
    Failure,
    InputQueue,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ReturnedLate,
    Sink,
    Source,
    in_thread,
)

PATIENCE = 30  # seconds until a thread that is not let go on makes its test fail


class Held:
    """A plain function that stays in its thread until a test lets it go on."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self._begun = threading.Event()
        self._let_go = threading.Event()

    def __call__(self, number: int) -> int:
        self.calls.append(number)
        self._begun.set()
        assert self._let_go.wait(PATIENCE)
        if number < 0:
            raise ValueError(number)
        return 10 * number

    async def begun(self) -> None:
        await asyncio.to_thread(self._begun.wait, PATIENCE)

    def let_go(self) -> None:
        self._let_go.set()


@pytest.fixture
def held() -> Held:
    return Held()


async def ignore(item: object) -> None: ...


async def times_ten(number: int) -> int:
    return 10 * number


def a_generator(take: Callable[[int], Awaitable[int]]) -> Source[int]:
    async def numbers() -> AsyncIterator[int]:
        while True:
            yield await take(7)

    return Source(numbers)


def a_rig(take: Callable[[int], Awaitable[int]]) -> Source[int]:
    async def fill(queue: OutputQueue[int]) -> None:
        while True:
            await queue.put(await take(7))

    return InputRig(fill)


@pytest.mark.parametrize("source", [a_generator, a_rig])
async def test_a_source_gives_in_a_drain_what_its_thread_was_just_taking(
    source: Callable[[Callable[[int], Awaitable[int]]], Source[int]], held: Held
) -> None:
    plumber = Plumber()
    numbers = source(in_thread(held))
    collected = plumber.connect(numbers).to(Processor(times_ten)).collect()
    running = asyncio.create_task(plumber.run())
    await held.begun()

    plumber.drain()
    held.let_go()
    report = await running

    assert report.ending == "drained"
    assert collected.items == (700,)
    assert held.calls == [7]


async def test_what_a_source_does_at_its_end_is_not_disturbed_by_a_drain_that_came_before(
    held: Held,
) -> None:
    ended = False

    async def numbers() -> AsyncIterator[int]:
        nonlocal ended
        try:
            yield await in_thread(held)(7)
        finally:
            await asyncio.sleep(0)
            ended = True

    plumber = Plumber()
    plumber.connect(Source(numbers)).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await held.begun()

    plumber.drain()
    held.let_go()
    await running

    assert ended


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("branches", [1, 2])
async def test_work_that_is_finished_at_an_abort_is_not_handed_to_a_cleanup_as_not_done(
    workers: int, ordered: bool, branches: int, held: Held
) -> None:
    undone: list[int] = []
    done: list[int] = []

    async def take_back(queue: InputQueue[int]) -> None:
        undone.extend(queue.drain())

    async def save(queue: OutputQueue[int]) -> None:
        done.extend(queue.drain())

    plumber = Plumber()
    processor = Processor(in_thread(held), workers=workers, ordered=ordered)
    processor.cleanup(input=take_back, output=save)
    results = plumber.connect(Source([1])).to(processor)
    for _ in range(branches):
        results.to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await held.begun()

    plumber.abort()
    await stillness(plumber)
    waits = not running.done()
    held.let_go()
    counts = (await running).of(processor)

    assert waits
    assert (undone, done) == ([], [10])
    assert (counts.completed, counts.interrupted) == (1, 0)


async def test_an_item_whose_thread_raises_at_an_abort_is_interrupted(held: Held) -> None:
    plumber = Plumber()
    processor = Processor(in_thread(held))
    plumber.connect(Source([-1])).to(processor).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await held.begun()

    plumber.abort()
    held.let_go()
    report = await running

    assert report.of(processor).unprocessed == (-1,)


async def test_a_coroutine_that_goes_on_after_its_thread_is_cancelled_where_it_waits_next(
    held: Held,
) -> None:
    seen: list[int] = []

    async def step_by_step(number: int) -> None:
        seen.append(await in_thread(held)(number))
        await asyncio.Event().wait()

    plumber = Plumber()
    sink = Sink(step_by_step)
    plumber.connect(Source([1])).to(sink)
    running = asyncio.create_task(plumber.run())
    await held.begun()

    plumber.abort()
    held.let_go()
    report = await running

    assert seen == [10]
    assert report.of(sink).unprocessed == (1,)


async def test_a_coroutine_that_was_cancelled_begins_nothing_more_in_a_thread(held: Held) -> None:
    async def on_and_on(number: int) -> None:
        while True:
            await in_thread(held)(number)

    plumber = Plumber()
    sink = Sink(on_and_on)
    plumber.connect(Source([1])).to(sink)
    running = asyncio.create_task(plumber.run())
    await held.begun()

    plumber.abort()
    held.let_go()
    report = await running

    assert held.calls == [1]
    assert report.of(sink).unprocessed == (1,)


async def test_what_a_generator_does_at_its_end_is_not_disturbed_by_the_abort_that_came_before(
    held: Held,
) -> None:
    ended = False

    async def times_ten_in_a_thread(number: int) -> AsyncIterator[int]:
        nonlocal ended
        try:
            yield await in_thread(held)(number)
        finally:
            await asyncio.sleep(0)
            ended = True

    plumber = Plumber()
    processor = Processor(times_ten_in_a_thread)
    plumber.connect(Source([1])).to(processor).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await held.begun()

    plumber.abort()
    held.let_go()
    counts = (await running).of(processor)

    assert ended
    assert (counts.unprocessed, counts.undelivered) == ((1,), (10,))


LATE = "'slow' took longer than its timeout of 0.5 s, and returned then: 10"


def let_go_late(held: Held) -> None:
    asyncio.get_running_loop().call_later(1, held.let_go)


@pytest.mark.parametrize("workers", [1, 3])
async def test_an_item_whose_thread_returns_after_the_timeout_has_failed_with_the_result(
    workers: int, held: Held, clock: Clock
) -> None:
    plumber = Plumber()
    slow = Processor(in_thread(held), name="slow", timeout=0.5, workers=workers)
    collected = plumber.connect(Source([1])).to(slow).collect()
    failures = plumber.failures(slow).collect()
    let_go_late(held)

    await plumber.run()

    (failure,) = failures.items
    assert isinstance(failure, Failure)
    assert isinstance(failure.error, ReturnedLate)
    assert isinstance(failure.error, TimeoutError)
    assert (failure.error.processor, failure.error.timeout) == ("slow", 0.5)
    assert failure.error.result == 10
    assert str(failure.error) == LATE
    assert repr(failure.error) == "ReturnedLate('slow')"
    assert str(pickle.loads(pickle.dumps(failure.error))) == LATE  # noqa: S301  # just made
    assert collected.items == ()


async def test_a_result_that_is_late_ends_the_run_where_no_failures_edge_takes_it(
    held: Held, clock: Clock
) -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Processor(in_thread(held), timeout=0.5)).collect()
    let_go_late(held)

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error.__cause__, ReturnedLate)


async def test_a_generator_whose_thread_returns_after_the_timeout_has_failed(
    held: Held, clock: Clock
) -> None:
    async def two(number: int) -> AsyncIterator[int]:
        yield number
        yield await in_thread(held)(number)

    plumber = Plumber()
    slow = Processor(two, timeout=0.5)
    collected = plumber.connect(Source([1])).to(slow).collect()
    failures = plumber.failures(slow).collect()
    let_go_late(held)

    await plumber.run()

    (failure,) = failures.items
    assert isinstance(failure.error, ReturnedLate)
    assert failure.error.result == 10
    assert collected.items == (1,)


async def test_a_generator_that_ends_after_the_timeout_has_failed(held: Held, clock: Clock) -> None:
    async def one(number: int) -> AsyncIterator[int]:
        yield number
        await in_thread(held)(number)

    plumber = Plumber()
    slow = Processor(one, timeout=0.5)
    plumber.connect(Source([1])).to(slow).collect()
    failures = plumber.failures(slow).collect()
    let_go_late(held)

    await plumber.run()

    (failure,) = failures.items
    assert type(failure.error) is TimeoutError


async def test_a_time_out_around_a_call_that_returns_late_leaves_its_result_and_no_cancellation(
    held: Held, clock: Clock
) -> None:
    task = asyncio.current_task()
    assert task is not None
    let_go_late(held)

    async with asyncio.timeout(0.5) as limit:
        result = await in_thread(held)(1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert result == 10
    assert limit.expired()
    assert task.cancelling() == 0


async def test_a_time_out_around_more_than_the_call_that_returns_late_stops_the_rest(
    held: Held, clock: Clock
) -> None:
    results: list[int] = []
    let_go_late(held)

    async def wait_twice() -> None:
        async with asyncio.timeout(0.5):
            results.append(await in_thread(held)(1))
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await wait_twice()

    assert results == [10]


async def test_a_task_group_ends_its_tasks_though_they_go_round_in_threads(held: Held) -> None:
    results: list[int] = []

    async def go_round() -> None:
        while True:
            results.append(await in_thread(held)(1))

    async def fail() -> None:
        await held.begun()
        held.let_go()
        raise LookupError("enough")

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(go_round())
            group.create_task(fail())

    with pytest.raises(ExceptionGroup, match="unhandled errors"):
        await both()

    assert results == [10] * len(held.calls)


async def test_the_cancellation_that_is_put_off_is_the_one_that_came(held: Held) -> None:
    async def wait_twice() -> object:
        result = await in_thread(held)(1)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            assert task is not None
            return result, error.args, task.cancelling()
        return None

    waiting = asyncio.create_task(wait_twice())
    await held.begun()
    waiting.cancel("it is late")
    held.let_go()

    assert await waiting == (10, ("it is late",), 1)


async def test_a_task_that_ends_with_what_the_thread_returns_is_not_cancelled(held: Held) -> None:
    async def wait_once() -> int:
        return await in_thread(held)(1)

    waiting = asyncio.create_task(wait_once())
    await held.begun()
    for _ in range(2):
        waiting.cancel()
        await asyncio.sleep(0)
    held.let_go()

    assert await waiting == 10


async def test_one_that_was_cancelled_may_still_save_something_in_a_thread(held: Held) -> None:
    async def save() -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await in_thread(abs)(-3)
        return 0

    saving = asyncio.create_task(save())
    await asyncio.sleep(0)
    saving.cancel()

    assert await saving == 3
