"""Promises 3 and 6: cleanup coroutines run once, in order, and get exactly what was left."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from tests.support.strays import strays
from tests.support.unchecked import unchecked
from typedpipes import (
    CleanupFailed,
    Doom,
    DoomsdayQueue,
    Edge,
    Feed,
    InputQueue,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorHangs,
    QueueClosed,
    Sink,
    Source,
    WiringError,
)

SOON = 0.001  # seconds of grace where its end is what is tested
LATER = 0.1  # seconds of grace that are enough for a cleanup, and have to pass
ABORT = Doom("fire", mode="abort")


async def pass_on(number: int) -> int:
    return number


async def ignore(item: object) -> None: ...


def saving(into: list[int]) -> Callable[[InputQueue[int] | OutputQueue[int]], Awaitable[None]]:
    """Make a cleanup coroutine that keeps what was left."""

    async def save(queue: InputQueue[int] | OutputQueue[int]) -> None:
        into.extend(queue.drain())

    return save


def noting(what: str, into: list[str]) -> Callable[[object], Awaitable[None]]:
    """Make a cleanup coroutine that notes that it was called."""

    async def note(queue: object) -> None:
        into.append(what)

    return note


async def ended_by(doom: Doom, plumber: Plumber, gate: Gate[int]) -> None:
    """Run until all stands still before the gate, and end it."""
    async with plumber.running():
        await stillness(plumber)
        plumber.doomsday.put_nowait(doom)
        if doom.mode == "drain":
            gate.open()


async def test_every_cleanup_runs_once_upstream_to_downstream_input_output_doomsday() -> None:
    calls: list[str] = []
    plumber = Plumber()
    source = Source([1]).cleanup(
        output=noting("source output", calls), doomsday=noting("source doomsday", calls)
    )
    first, second = (
        Processor(pass_on).cleanup(
            doomsday=noting(f"{name} doomsday", calls),
            output=noting(f"{name} output", calls),
            input=noting(f"{name} input", calls),
        )
        for name in ("first", "second")
    )
    sink = Sink(ignore).cleanup(input=noting("sink input", calls))
    # Drawn from its end, so that the order of the calls is not that of the drawing.
    plumber.connect(second).to(sink)
    plumber.connect(first).to(second)
    plumber.connect(source).to(first)

    await plumber.run()

    assert calls == [
        "source output",
        "source doomsday",
        "first input",
        "first output",
        "first doomsday",
        "second input",
        "second output",
        "second doomsday",
        "sink input",
    ]


@pytest.mark.parametrize("ending", ["finished", "drained", "aborted", "failed", "cancelled"])
async def test_every_cleanup_runs_once_however_the_run_ends(ending: str) -> None:
    calls: list[str] = []
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def work(number: int) -> None:
        arrived.set()
        await go_on.wait()
        if ending == "failed":
            raise ValueError("unlucky")

    plumber = Plumber()
    sink = Sink(work).cleanup(input=noting("input", calls), doomsday=noting("doomsday", calls))
    plumber.connect(Source([1])).to(sink)
    running = asyncio.create_task(plumber.run())
    await arrived.wait()

    if ending in {"drained", "aborted"}:
        plumber.doomsday.put_nowait(Doom("end", mode="drain" if ending == "drained" else "abort"))
    elif ending == "cancelled":
        running.cancel()
    go_on.set()
    await asyncio.wait((running,))

    assert calls == ["input", "doomsday"]
    assert running.cancelled() == (ending == "cancelled")
    if not running.cancelled():
        assert isinstance(running.exception(), PipelineFailed) == (ending == "failed")


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


@pytest.mark.parametrize("doom", [ABORT, Doom("enough")], ids=["abort", "drain"])
async def test_conservation_for_every_processor_at_any_end(doom: Doom) -> None:
    gate = Gate[int]()

    async def some_fail(number: int) -> int:
        if number % 3 == 0:
            raise ValueError(number)
        return number

    picky = Processor(some_fail, workers=2, buffer=2)
    plumber = Plumber()
    numbers = plumber.connect(Source(range(50)))
    plumber.zip(numbers, numbers.to(picky)).batch(2).to(Sink(ignore))
    numbers.to(Processor(gate, buffer=3)).to(Sink(ignore, name="after the gate"))
    plumber.failures(picky).to(Sink(ignore, name="failures"))

    await ended_by(doom, plumber, gate)

    for counts in plumber.report().counts:
        assert counts.received == (
            counts.completed + counts.failed + counts.dropped + counts.interrupted
        )
        assert counts.in_flight == 0
        assert counts.completed >= 0


async def test_at_a_natural_end_nothing_is_left() -> None:
    left: list[int] = []
    save = saving(left)
    plumber = Plumber()
    processor = Processor(pass_on, workers=3).cleanup(input=save, output=save)
    plumber.connect(Source(range(50)).cleanup(output=save)).to(processor).to(Sink(ignore))

    await plumber.run()

    assert left == []


async def test_a_cleanup_may_read_its_queue_in_a_loop_which_ends() -> None:
    left: list[int] = []
    gate = Gate[int]()

    async def read(queue: InputQueue[int]) -> None:
        left.extend([item async for item in queue])

    plumber = Plumber()
    plumber.connect(Source(range(3))).to(Sink(gate.hold).cleanup(input=read))

    await ended_by(ABORT, plumber, gate)

    assert left == [0, 1, 2]


async def test_a_cleanup_cannot_put_into_its_queue() -> None:
    refused: list[str] = []

    async def put(queue: OutputQueue[int]) -> None:
        with pytest.raises(QueueClosed) as closed:
            await queue.put(7)
        refused.append(str(closed.value))

    plumber = Plumber()
    plumber.connect(Source([1]).cleanup(output=put)).to(Sink(ignore))

    await plumber.run()

    assert refused == ["nothing can be put into a closed queue"]


async def test_the_doomsday_cleanup_gets_all_dooms_in_order() -> None:
    got: list[Doom] = []
    gate = Gate[int]()

    async def read(dooms: DoomsdayQueue) -> None:
        got.extend([doom async for doom in dooms])

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(gate.hold).cleanup(doomsday=read))

    async with plumber.running():
        await gate.next_arrival()
        plumber.doomsday.put_nowait(Doom("tired"))
        plumber.doomsday.put_nowait(ABORT)

    assert got == [Doom("tired"), ABORT]


async def test_a_cleanup_is_shielded_from_cancellation() -> None:
    cleaning, go_on = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    async def clean(queue: object) -> None:
        cleaning.set()
        await go_on.wait()
        done.append("cleaned")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore).cleanup(input=clean))
    running = asyncio.create_task(plumber.run())
    await cleaning.wait()

    running.cancel()
    await stillness(plumber)
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert done == ["cleaned"]


async def test_a_cleanup_that_fails_stops_no_other_and_its_error_is_in_the_group() -> None:
    calls: list[str] = []

    async def fail(queue: object) -> None:
        raise ValueError("dirty")

    plumber = Plumber()
    source = Source([1], name="n").cleanup(output=fail, doomsday=noting("source", calls))
    plumber.connect(source).to(Sink(ignore).cleanup(input=noting("sink", calls)))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert calls == ["source", "sink"]
    assert isinstance(error, CleanupFailed)
    assert (error.processor, error.kind) == ("n", "output")
    assert str(error) == "the output cleanup coroutine of 'n' failed: ValueError('dirty')"
    assert isinstance(error.__cause__, ValueError)


@pytest.mark.parametrize("kind", [BaseException, GeneratorExit])
async def test_not_even_a_base_exception_stops_the_other_cleanups(
    kind: type[BaseException],
) -> None:
    calls: list[str] = []

    async def fail(queue: object) -> None:
        raise kind

    plumber = Plumber()
    plumber.connect(Source([1]).cleanup(output=fail)).to(
        Sink(ignore).cleanup(input=noting("sink", calls))
    )

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert calls == ["sink"]
    assert [type(error.__cause__) for error in failed.value.exceptions] == [kind]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
async def test_an_exit_in_a_cleanup_leaves_the_run_as_it_is_after_the_others(
    kind: type[BaseException],
) -> None:
    calls: list[str] = []

    async def leave(queue: object) -> None:
        raise kind("now")

    plumber = Plumber()
    plumber.connect(Source([1]).cleanup(output=leave)).to(
        Sink(ignore).cleanup(input=noting("sink", calls))
    )

    with pytest.raises(kind, match="now"):
        await plumber.run()

    assert calls == ["sink"]


async def test_a_cleanup_that_takes_too_long_is_cancelled_and_stops_no_other(clock: Clock) -> None:
    calls: list[str] = []

    async def wait(queue: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            calls.append("cancelled")

    plumber = Plumber()
    plumber.connect(Source([1], name="n").cleanup(output=wait)).to(
        Sink(ignore).cleanup(input=noting("sink", calls))
    )

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(grace=SOON)

    (error,) = failed.value.exceptions
    assert str(error) == (
        "the output cleanup coroutine of 'n' failed: TimeoutError('it took more than 0.001 s')"
    )
    assert calls == ["cancelled", "sink"]


async def test_a_cleanup_that_never_returns_is_left_behind_and_stops_no_other(clock: Clock) -> None:
    calls: list[str] = []
    go_on = asyncio.Event()

    async def hang(queue: object) -> None:
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            await go_on.wait()

    plumber = Plumber()
    plumber.connect(Source([1], name="n").cleanup(output=hang)).to(
        Sink(ignore).cleanup(input=noting("sink", calls))
    )

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(grace=SOON)

    (error,) = failed.value.exceptions
    assert calls == ["sink"]
    assert "it took more than 0.001 s, and hangs since it was cancelled" in str(error)
    left_behind = strays()
    go_on.set()
    await asyncio.wait(left_behind)


async def test_a_cleanup_gets_the_item_of_a_coroutine_that_never_returned(clock: Clock) -> None:
    left: list[int] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hang(number: int) -> None:
        begun.set()
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            await go_on.wait()

    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(Sink(hang).cleanup(input=saving(left)))
    running = asyncio.create_task(plumber.run(grace=SOON))
    await begun.wait()

    plumber.doomsday.put_nowait(ABORT)

    with pytest.raises(PipelineFailed):
        await running
    assert left == [1, 2]
    left_behind = strays()
    go_on.set()
    await asyncio.wait(left_behind)


async def test_the_errors_of_the_run_and_of_the_cleanup_are_in_one_group() -> None:
    async def fail(item: object) -> None:
        raise ValueError("unlucky")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(fail).cleanup(input=fail))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert [str(error) for error in failed.value.exceptions] == [
        "'fail' failed on 1: ValueError('unlucky')",
        "the input cleanup coroutine of 'fail' failed: ValueError('unlucky')",
    ]


async def test_a_cleanup_given_later_joins_those_of_other_kinds() -> None:
    calls: list[str] = []
    sink = Sink(ignore).cleanup(doomsday=noting("doomsday", calls))
    plumber = Plumber()
    plumber.connect(Source([1])).to(sink.cleanup(input=noting("input", calls)))

    await plumber.run()

    assert calls == ["input", "doomsday"]


@pytest.mark.parametrize("kind", ["input", "output", "doomsday"])
async def test_a_second_cleanup_of_a_kind_is_refused_and_the_first_stays(kind: str) -> None:
    calls: list[str] = []
    processor = Processor(pass_on)
    unchecked(processor).cleanup(**{kind: noting("first", calls)})

    with pytest.raises(WiringError, match=f"the {kind} cleanup of 'pass_on' is already 'note'"):
        unchecked(processor).cleanup(**{kind: noting("second", calls)})

    plumber = Plumber()
    plumber.connect(Source([1])).to(processor).to(Sink(ignore))
    await plumber.run()
    assert calls == ["first"]


def test_a_refused_cleanup_sets_nothing() -> None:
    source = Source([1]).cleanup(doomsday=noting("first", []))

    with pytest.raises(WiringError, match="the doomsday cleanup of 'source' is already 'note'"):
        source.cleanup(output=noting("output", []), doomsday=noting("second", []))

    assert source.cleanups.output is None


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


async def test_whoever_cancels_all_tasks_stops_no_cleanup_but_the_one_that_runs() -> None:
    calls: list[str] = []
    cleaning = asyncio.Event()

    async def clean(queue: object) -> None:
        calls.append("source")
        cleaning.set()
        await asyncio.Event().wait()

    plumber = Plumber()
    source = Source([1]).cleanup(output=clean)
    plumber.connect(source).to(Sink(ignore).cleanup(input=noting("sink", calls)))
    running = asyncio.create_task(plumber.run())
    await cleaning.wait()

    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()

    with pytest.raises(asyncio.CancelledError) as caught:
        await running
    assert isinstance(caught.value.__cause__, PipelineFailed)
    assert calls == ["source", "sink"]


async def test_a_cleanup_that_cancels_itself_stops_no_other() -> None:
    calls: list[str] = []

    async def give_up(queue: object) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    plumber = Plumber()
    source = Source([1]).cleanup(output=give_up)
    plumber.connect(source).to(Sink(ignore).cleanup(input=noting("sink", calls)))

    with pytest.raises(PipelineFailed) as caught:
        await plumber.run()

    (error,) = caught.value.exceptions
    assert isinstance(error, CleanupFailed)
    assert isinstance(error.__cause__, asyncio.CancelledError)
    assert calls == ["sink"]


@pytest.mark.parametrize("kind", ["one worker", "a fork", "in order", "in no order", "generators"])
async def test_conservation_what_is_left_behind_and_returns_after_all_is_not_delivered_twice(
    kind: str,
    clock: Clock,
) -> None:
    left: dict[str, list[int]] = {"input": [], "output": []}
    begun, go_on, returned = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hang(number: int) -> int:
        begun.set()
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()
        asyncio.get_running_loop().call_soon(returned.set)
        return number

    async def hang_and_yield(number: int) -> AsyncIterator[int]:
        yield await hang(number)

    async def wait_for_it(queue: object) -> None:
        go_on.set()
        await returned.wait()
        await stillness(plumber)

    workers = 1 if kind in ("one worker", "a fork") else 3
    processor: Processor[int, int]
    if kind == "generators":
        processor = Processor(hang_and_yield, workers=workers)
    else:
        processor = Processor(hang, workers=workers, ordered=kind != "in no order")
    processor.cleanup(input=saving(left["input"]), output=saving(left["output"]))
    plumber = Plumber()
    joint = plumber.connect(Source([1]).cleanup(output=wait_for_it)).to(processor)
    joint.to(Sink(ignore))
    if kind == "a fork":
        joint.to(Sink(ignore))
    running = asyncio.create_task(plumber.run(grace=LATER))
    await begun.wait()

    plumber.doomsday.put_nowait(ABORT)

    with pytest.raises(PipelineFailed) as caught:
        await running
    assert left == {"input": [1], "output": []}
    assert [type(error) for error in caught.value.exceptions] == [ProcessorHangs]


async def test_conservation_what_a_fork_gives_when_all_were_left_behind_goes_nowhere(
    clock: Clock,
) -> None:
    left: dict[str, list[int]] = {"input": [], "output": []}
    begun, go_on, returned = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hang(number: int) -> None:
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()

    async def hang_on_two(number: int) -> int:
        if number == 2:
            begun.set()
            await hang(number)
            asyncio.get_running_loop().call_soon(returned.set)
        return number

    async def wait_for_it(queue: object) -> None:
        go_on.set()
        await returned.wait()
        await stillness(plumber)

    processor = Processor(hang_on_two)
    processor.cleanup(input=saving(left["input"]), output=saving(left["output"]))
    plumber = Plumber()
    joint = plumber.connect(Source([1, 2]).cleanup(output=wait_for_it)).to(processor)
    joint.fan_out(Sink(hang, name="one"), Sink(hang, name="other"))
    running = asyncio.create_task(plumber.run(grace=LATER))
    await begun.wait()
    await stillness(plumber)

    plumber.doomsday.put_nowait(ABORT)

    with pytest.raises(PipelineFailed) as caught:
        await running
    assert left == {"input": [2], "output": []}
    assert [type(error) for error in caught.value.exceptions] == [ProcessorHangs] * 3


async def test_a_cleanup_that_others_cancel_before_it_begins_is_called_all_the_same() -> None:
    calls: list[str] = []
    known: set[asyncio.Task[Any]] = set()

    def cancel_the_next_task() -> None:
        new = asyncio.all_tasks() - known
        for task in new:
            task.cancel()
        if not new:
            asyncio.get_running_loop().call_soon(cancel_the_next_task)

    async def begin_to_cancel(queue: object) -> None:
        known.update(asyncio.all_tasks())
        cancel_the_next_task()

    plumber = Plumber()
    plumber.connect(Source([1], name="n").cleanup(output=begin_to_cancel)).to(
        Sink(ignore).cleanup(input=noting("input", calls), doomsday=noting("doomsday", calls))
    )
    running = asyncio.create_task(plumber.run())

    await running

    assert calls == ["input", "doomsday"]


async def test_an_error_of_a_coroutine_that_was_left_behind_is_logged_by_nobody(
    clock: Clock,
) -> None:
    begun, go_on, logged = asyncio.Event(), asyncio.Event(), list[object]()

    async def hang(number: int) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await go_on.wait()
            raise ValueError("too late") from None

    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(hang))
    running = asyncio.create_task(plumber.run(grace=SOON))
    await begun.wait()
    plumber.doomsday.put_nowait(ABORT)
    with pytest.raises(PipelineFailed):
        await running

    left_behind = strays()
    go_on.set()
    await asyncio.wait(left_behind)
    left_behind.clear()
    gc.collect()

    assert not logged


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
