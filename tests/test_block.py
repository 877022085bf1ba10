"""What becomes of the block of `running`, and of others outside, when the run ends before it."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Feed,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    QueueClosed,
    RunStateError,
    Sink,
    Source,
)


async def ignore(item: object) -> None: ...


async def double(number: int) -> int:
    return 2 * number


async def fail_at_two(number: int) -> int:
    if number == 2:
        raise ValueError(number)
    return number


async def fail(number: int) -> None:
    raise ValueError(number)


def served(coro: Gate[int] | None = None) -> tuple[Plumber, Feed[int]]:
    """Draw a plumber whose feed leads to a sink that fails, or to one that waits at a gate."""
    plumber, feed = Plumber("service"), Feed[int]()
    plumber.connect(feed).to(Sink(fail if coro is None else coro.hold, name="sink"))
    return plumber, feed


async def test_a_run_that_fails_cancels_the_block_and_its_failure_comes_out() -> None:
    plumber, feed = served()
    seen: list[str] = []

    async def block() -> None:
        async with plumber.running():
            try:
                await feed.put(1)
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

    with pytest.raises(PipelineFailed) as failed:
        await block()

    assert seen == ["cancelled"]
    assert str(failed.value.exceptions[0]) == "'sink' failed on 1: ValueError(1)"
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_run_that_is_aborted_cancels_the_block_and_nothing_comes_out() -> None:
    gate = Gate[int]()
    plumber, feed = served(gate)
    reached: list[str] = []

    async with plumber.running():
        await feed.put(1)
        await gate.next_arrival()
        plumber.abort("enough")
        await asyncio.Event().wait()
        reached.append("the end of the block")

    assert plumber.report().ending == "aborted"
    assert reached == []


async def test_a_run_that_ends_by_itself_leaves_the_block_alone() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(Processor(double)).collect()

    async with plumber.running():
        report = await plumber.ended()
        await asyncio.sleep(0)
        seen = collector.items

    assert report.ending == "finished"
    assert seen == (2, 4)


async def test_a_run_that_drains_leaves_the_block_alone() -> None:
    plumber, _ = served()

    async with plumber.running():
        plumber.drain("enough")
        report = await plumber.ended()
        await asyncio.sleep(0)

    assert report.ending == "drained"
    assert [doom.reason for doom in report.dooms] == ["enough"]


async def test_a_block_that_ended_without_noticing_is_not_cancelled_afterwards() -> None:
    plumber, feed = served()

    async def block() -> None:
        async with plumber.running():
            feed.put_nowait(1)
            await stillness_but_for_failures(plumber)

    with pytest.raises(PipelineFailed):
        await block()
    await asyncio.sleep(0)


async def stillness_but_for_failures(plumber: Plumber) -> None:
    """Wait until the run has failed, whatever that does to the one who waits."""
    try:
        await plumber.ended()
    except (PipelineFailed, asyncio.CancelledError):
        return


async def test_the_cancellation_of_a_failed_runs_block_by_others_comes_out() -> None:
    plumber, feed = served()
    task: asyncio.Task[None]

    async def block() -> None:
        async with plumber.running():
            await feed.put(1)
            try:
                await asyncio.Event().wait()
            finally:
                task.cancel()

    task = asyncio.create_task(block())

    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task
    assert isinstance(cancelled.value.__cause__, PipelineFailed)


async def test_what_a_cancelled_block_raises_comes_out_from_the_failure() -> None:
    plumber, feed = served()

    async def block() -> None:
        async with plumber.running():
            await feed.put(1)
            try:
                await asyncio.Event().wait()
            finally:
                raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone") as raised:
        await block()
    assert isinstance(raised.value.__cause__, PipelineFailed)


async def test_a_block_that_raises_aborts_the_run_and_the_report_says_so() -> None:
    gate = Gate[int]()
    plumber, feed = served(gate)

    async def block() -> None:
        async with plumber.running():
            await feed.put(1)
            await gate.next_arrival()
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        await block()

    report = plumber.report()
    assert report.ending == "aborted"
    assert [doom.reason for doom in report.dooms] == ["the block beside the run raised OSError"]


async def test_the_report_says_that_a_run_was_cancelled() -> None:
    gate = Gate[int]()
    plumber, feed = served(gate)
    running = asyncio.create_task(plumber.run())
    await feed.put(1)
    await gate.next_arrival()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    report = plumber.report()
    assert report.ending == "aborted"
    assert [(doom.mode, doom.reason) for doom in report.dooms] == [
        ("abort", "the run was cancelled")
    ]


async def test_a_feed_of_a_failed_run_names_the_failure() -> None:
    plumber, feed = served()

    async def produce() -> None:
        number = 0
        while True:
            await feed.put(number)
            number += 1

    producing = asyncio.create_task(produce())
    with pytest.raises(PipelineFailed):
        await plumber.run()

    with pytest.raises(QueueClosed) as closed:
        await producing
    assert isinstance(closed.value.__cause__, ProcessorFailed)
    with pytest.raises(QueueClosed) as closed:
        feed.put_nowait(1)
    assert isinstance(closed.value.__cause__, ProcessorFailed)


async def test_a_feed_whose_run_did_not_fail_names_nothing() -> None:
    plumber, feed = served()
    async with plumber.running():
        pass

    with pytest.raises(QueueClosed) as closed:
        feed.put_nowait(1)

    assert closed.value.__cause__ is None


async def test_a_reader_of_a_failed_run_gets_what_there_is_and_then_the_failure() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source([1, 2, 3])).to(Processor(fail_at_two)).read()
    items: list[int] = []

    async def read() -> None:
        async for item in queue:
            items.append(item)  # noqa: PERF401  # it raises, and what came before counts

    reading = asyncio.create_task(read())
    with pytest.raises(PipelineFailed):
        await plumber.run()

    with pytest.raises(QueueClosed) as closed:
        await reading
    assert items == [1]
    assert isinstance(closed.value.__cause__, ProcessorFailed)
    with pytest.raises(QueueClosed) as closed:
        await queue.get()
    assert isinstance(closed.value.__cause__, ProcessorFailed)


async def test_a_queue_that_a_failed_run_closed_inside_the_block_is_no_error_of_its_own() -> None:
    plumber, feed = served()

    async def produce() -> None:
        while True:
            await feed.put(1)

    with pytest.raises(PipelineFailed) as failed:
        async with plumber.running(), asyncio.TaskGroup() as group:
            group.create_task(produce())

    assert isinstance(failed.value.exceptions[0], ProcessorFailed)


async def test_a_queue_that_was_closed_for_another_reason_is_an_error_of_the_block() -> None:
    plumber, feed = served()
    feed.close()

    with pytest.raises(QueueClosed):
        async with plumber.running():
            await feed.put(1)


async def test_anyone_may_wait_for_the_end() -> None:
    gate = Gate[int]()
    plumber, feed = served(gate)
    feed.put_nowait(1)
    feed.close()
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)
    waiting = [asyncio.create_task(plumber.ended()) for _ in range(2)]
    await stillness(plumber)

    gate.open()
    report = await running

    assert await asyncio.gather(*waiting) == [report, report]
    assert await plumber.ended() is report


async def test_everyone_who_waits_for_the_end_of_a_failed_run_gets_its_failure() -> None:
    plumber, feed = served()
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)
    waiting = asyncio.create_task(plumber.ended())
    await stillness(plumber)

    feed.put_nowait(1)

    for task in (running, waiting):
        with pytest.raises(PipelineFailed):
            await task
    with pytest.raises(PipelineFailed):
        await plumber.ended()


async def test_one_who_stops_waiting_for_the_end_changes_nothing() -> None:
    plumber, feed = served(Gate[int]())
    async with plumber.running():
        waiting = asyncio.create_task(plumber.ended())
        await stillness(plumber)

        waiting.cancel()
        await asyncio.wait([waiting])

        assert plumber.report().ending == "running"
        feed.close()
    assert plumber.report().ending == "drained"


async def test_there_is_no_end_without_a_run() -> None:
    plumber, _ = served()

    with pytest.raises(RunStateError, match="'service' has not run yet"):
        await plumber.ended()


async def test_cleanup_does_not_wait_for_the_block() -> None:
    cleaned = asyncio.Event()

    async def clean(queue: object) -> None:
        cleaned.set()

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore).cleanup(input=clean))

    async with plumber.running():
        await plumber.ended()
        seen = cleaned.is_set()

    assert seen


async def test_of_two_runs_that_fail_around_one_block_both_failures_come_out() -> None:
    (outer, outer_feed), (inner, inner_feed) = served(), served()

    async def block() -> None:
        async with outer.running(), inner.running():
            outer_feed.put_nowait(1)
            inner_feed.put_nowait(2)
            await asyncio.Event().wait()

    with pytest.raises(PipelineFailed) as failed:
        await block()

    assert failed.value.report is outer.report()
    assert isinstance(failed.value.__cause__, PipelineFailed)
    assert failed.value.__cause__.report is inner.report()


async def test_a_run_that_fails_inside_the_block_of_one_that_is_aborted_comes_out() -> None:
    (outer, _), (inner, inner_feed) = served(), served()

    async def block() -> None:
        async with outer.running(), inner.running():
            outer.abort("enough")
            inner_feed.put_nowait(2)
            await stillness(inner)

    with pytest.raises(PipelineFailed) as failed:
        await block()

    assert failed.value.report is inner.report()
