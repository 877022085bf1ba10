"""Promise 6: the end is staged, and a run returns whatever its coroutines do."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from tests.support.strays import strays
from typedpipes import (
    Doom,
    Feed,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorHangs,
    Report,
    Sink,
    Source,
    doomsday,
    run,
)

SOON = 0.001  # seconds of grace where its end is what is tested


async def ignore(item: object) -> None: ...


async def pass_on(number: int) -> int:
    return number


class Stubborn:
    """A coroutine that does not return when the run cancels it, until it is released."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, number: int) -> int:
        self.begun.set()
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            await self.released.wait()
        return number


async def test_natural_end_everything_flows_through_and_run_returns() -> None:
    plumber = Plumber()
    store = Sink(ignore)
    plumber.connect(Source(range(100))).to(Processor(pass_on, workers=3)).to(store)

    report = await plumber.run()

    assert report.ending == "finished"
    assert report.of(store).completed == 100
    assert all(not counts.unprocessed and not counts.undelivered for counts in report.counts)


async def test_drain_stops_the_sources_and_lets_flow_out_what_is_inside() -> None:
    gate = Gate[int]()
    slow = Processor(gate, buffer=3)
    numbers = Source(itertools.count())
    plumber = Plumber()
    collector = plumber.connect(numbers).to(slow).collect()

    async with plumber.running():
        inside = (await stillness(plumber)).of(numbers).emitted
        plumber.doomsday.put_nowait(Doom("enough"))
        gate.open()

    report = plumber.report()
    assert report.ending == "drained"
    assert collector.items == tuple(range(inside))
    assert report.of(slow).unprocessed == ()


async def test_drain_cancels_a_source_that_waits() -> None:
    waiting = asyncio.Event()

    async def wait(queue: OutputQueue[int]) -> None:
        await queue.put(1)
        waiting.set()
        await asyncio.Event().wait()

    plumber = Plumber()
    collector = plumber.connect(InputRig(wait)).collect()

    async with plumber.running():
        await waiting.wait()
        plumber.doomsday.put_nowait(Doom("enough"))

    assert plumber.report().ending == "drained"
    assert collector.items == (1,)


async def test_drain_does_not_cancel_what_is_in_hand() -> None:
    gate = Gate[int]()
    slow = Processor(gate)
    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(slow).collect()

    async with plumber.running():
        await gate.next_arrival()
        plumber.doomsday.put_nowait(Doom("enough"))
        await stillness(plumber)
        gate.open()

    assert collector.items == (1,)


async def test_abort_cancels_what_is_in_hand_at_once() -> None:
    gate = Gate[int]()
    slow = Processor(gate, workers=2)
    plumber = Plumber()
    plumber.connect(Source([1, 2, 3])).to(slow).to(Sink(ignore))
    plumber_run = asyncio.create_task(plumber.run())
    await gate.next_arrival()
    await gate.next_arrival()

    plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    report = await plumber_run
    assert report.ending == "aborted"
    assert report.of(slow).interrupted == 2
    assert report.of(slow).unprocessed == (1, 2, 3)


async def test_the_end_of_grace_turns_a_drain_into_an_abort(clock: Clock) -> None:
    gate = Gate[int]()
    slow = Processor(gate)
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(slow).to(Sink(ignore))
    running = asyncio.create_task(plumber.run(grace=SOON))
    await gate.next_arrival()

    plumber.doomsday.put_nowait(Doom("enough"))

    report = await running
    assert report.ending == "aborted"
    assert report.of(slow).unprocessed == (1, 2)
    assert report.dooms == (
        Doom("enough"),
        Doom("not everything flowed out within 0.001 s", mode="abort"),
    )


async def test_cancelling_run_from_outside_aborts() -> None:
    gate = Gate[int]()
    slow = Processor(gate)
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(slow).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()

    running.cancel("stop it")

    with pytest.raises(asyncio.CancelledError, match="stop it"):
        await running
    report = plumber.report()
    assert report.ending == "aborted"
    assert report.of(slow).unprocessed == (1, 2)


async def test_a_timeout_around_run_aborts(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SOON):
            await plumber.run()

    assert plumber.report().ending == "aborted"


async def test_a_task_group_around_run_aborts_it_when_a_neighbour_fails() -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    async def fail() -> None:
        raise ValueError("unlucky")

    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="unlucky")):
        async with asyncio.TaskGroup() as group:
            group.create_task(plumber.run())
            group.create_task(fail())

    assert plumber.report().ending == "aborted"


async def test_a_failure_that_comes_while_run_is_cancelled_is_its_cause() -> None:
    begun = asyncio.Event()

    async def fail_when_cancelled(number: int) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            raise ValueError("unlucky")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(fail_when_cancelled))
    running = asyncio.create_task(plumber.run())
    await begun.wait()

    running.cancel()

    with pytest.raises(asyncio.CancelledError) as cancelled:
        await running
    failed = cancelled.value.__cause__
    assert isinstance(failed, PipelineFailed)
    assert str(failed.exceptions[0]) == "'fail_when_cancelled' failed on 1: ValueError('unlucky')"


class Unusual(BaseException):
    """Not an `Exception`."""


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_base_exception_ends_the_run_and_goes_to_no_failures_edge(workers: int) -> None:
    async def fail(number: int) -> int:
        raise Unusual(number)

    broken = Processor(fail, workers=workers)
    plumber = Plumber()
    plumber.connect(Source([1])).to(broken).to(Sink(ignore))
    failures = plumber.failures(broken).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error.__cause__, Unusual)
    assert failures.items == ()
    assert failed.value.report.of(broken).failed == 1


@pytest.mark.parametrize("workers", [1, 3])
async def test_generator_exit_in_a_coroutine_is_a_failure_like_any_other(workers: int) -> None:
    async def fail(number: int) -> int:
        raise GeneratorExit

    broken = Processor(fail, workers=workers)
    plumber = Plumber()
    plumber.connect(Source([1])).to(broken).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    counts = failed.value.report.of(broken)
    assert (counts.received, counts.failed) == (1, 1)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_exit_in_a_coroutine_leaves_the_run_as_it_is_after_the_cleanup(
    kind: type[BaseException], workers: int
) -> None:
    cleaned: list[str] = []

    async def leave(number: int) -> int:
        raise kind("now")

    async def save(queue: object) -> None:
        cleaned.append("up")

    plumber = Plumber()
    processor = Processor(leave, workers=workers).cleanup(input=save)
    plumber.connect(Source([1, 2])).to(processor).to(Sink(ignore))

    with pytest.raises(kind, match="now"):
        asyncio.run(plumber.run())

    assert cleaned == ["up"]
    assert plumber.report().of(processor).failed == 1


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_exit_in_a_source_leaves_the_run_as_it_is(kind: type[BaseException]) -> None:
    async def leave() -> AsyncIterator[int]:
        yield 1
        raise kind("now")

    plumber = Plumber()
    plumber.connect(Source(leave)).to(Sink(ignore))

    with pytest.raises(kind, match="now"):
        asyncio.run(plumber.run())

    assert plumber.report().ending == "failed"


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_coroutine_that_swallows_its_cancellation_once_has_completed_its_item(
    workers: int,
) -> None:
    begun = asyncio.Event()

    async def finish_first(number: int) -> int:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
        return number

    processor = Processor(finish_first, workers=workers)
    plumber = Plumber()
    plumber.connect(Source([1])).to(processor).to(Sink(ignore))

    async with plumber.running():
        await begun.wait()
        plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    counts = plumber.report().of(processor)
    assert (counts.completed, counts.interrupted) == (1, 0)
    assert counts.undelivered == (1,)


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_coroutine_that_never_returns_is_named_and_run_returns_all_the_same(
    workers: int,
    clock: Clock,
) -> None:
    stubborn = Stubborn()
    processor = Processor(stubborn, workers=workers)
    plumber = Plumber()
    plumber.connect(Source([7])).to(processor).to(Sink(ignore))
    running = asyncio.create_task(plumber.run(grace=SOON))
    await stubborn.begun.wait()

    plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    with pytest.raises(PipelineFailed) as failed:
        await running
    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorHangs)
    assert (error.processor, error.item, error.grace) == ("Stubborn", 7, SOON)
    assert str(error) == (
        "'Stubborn' hangs on 7: it did not return within 0.001 s after it was cancelled. "
        "Let CancelledError through in its coroutine."
    )
    await freed(stubborn, failed.value.report, processor)


async def freed(stubborn: Stubborn, report: Report, processor: Processor[int, int]) -> None:
    """Let the task that the run has left behind end, and see that the report stands."""
    counts = report.of(processor)
    assert (counts.received, counts.interrupted, counts.completed) == (1, 1, 0)
    assert counts.unprocessed == (7,)
    left_behind = strays()
    stubborn.released.set()
    await asyncio.wait(left_behind)
    assert report.of(processor) == counts


async def test_a_source_that_never_returns_is_named_and_run_returns_all_the_same(
    clock: Clock,
) -> None:
    stubborn = Stubborn()

    async def never() -> AsyncIterator[int]:
        yield await stubborn(0)

    plumber = Plumber()
    plumber.connect(Source(never)).to(Sink(ignore))
    running = asyncio.create_task(plumber.run(grace=SOON))
    await stubborn.begun.wait()

    plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    with pytest.raises(PipelineFailed) as failed:
        await running
    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorHangs)
    assert error.processor == "never"
    left_behind = strays()
    stubborn.released.set()
    await asyncio.wait(left_behind)


async def test_the_second_cancellation_from_outside_changes_nothing() -> None:
    cleaning, go_on = asyncio.Event(), asyncio.Event()
    cleaned: list[str] = []

    async def clean(queue: object) -> None:
        cleaning.set()
        await go_on.wait()
        cleaned.append("up")

    gate = Gate[int]()
    plumber = Plumber()
    plumber.connect(Source([1])).to(Processor(gate).cleanup(input=clean)).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()

    running.cancel()
    await cleaning.wait()
    running.cancel()
    await stillness(plumber)
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert cleaned == ["up"]


@pytest.mark.parametrize("where", ["processor", "cleanup"])
def test_a_coroutine_that_never_returns_does_not_hold_up_who_closes_the_event_loop(
    where: str,
) -> None:
    async def hang(thing: object) -> None:
        doomsday.get().put_nowait(Doom("fire", mode="abort"))
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    plumber = Plumber()
    sink = Sink(hang) if where == "processor" else Sink(ignore).cleanup(doomsday=hang)
    plumber.connect(Source([1])).to(sink)

    with pytest.raises(PipelineFailed, match="the run of 'plumber' failed"):
        run(plumber, grace=SOON, signals=())
