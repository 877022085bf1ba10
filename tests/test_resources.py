"""Resources that a run opens before its first item, and closes after its last cleanup."""

from __future__ import annotations

import asyncio
import functools
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.support.opening import Door, Record, database
from tests.support.stillness import stillness
from typedpipes import (
    CleanupFailed,
    Feed,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    Resource,
    ResourceFailed,
    RunStateError,
    Sink,
    Source,
    bind,
)


async def join(number: int, name: str) -> str:
    return f"{number} with {name}"


async def keep(item: object, name: str) -> None: ...


async def fail(number: int, name: str) -> int:
    raise ValueError(number)


def noting(events: list[str], what: str) -> Callable[[object, str], Awaitable[None]]:
    """Make a coroutine function that notes that it was called, and with which resource."""

    async def note(item: object, name: str) -> None:
        events.append(f"{what} with {name}")

    return note


# What is called with it


async def test_a_coroutine_is_called_with_the_item_and_the_resource() -> None:
    record = Record()
    plumber = Plumber()
    joined = Processor(record.of_run("a").into(join), workers=2)
    results = plumber.connect(Source([1, 2])).to(joined).collect()

    await plumber.run()

    assert results.items == ("1 with a 1", "2 with a 1")


async def test_a_generator_is_called_with_it_too() -> None:
    async def twice(number: int, name: str) -> AsyncIterator[str]:
        yield f"{number} with {name}"
        yield "again"

    plumber = Plumber()
    results = plumber.connect(Source([1])).to(Processor(Record().of_run("a").into(twice))).collect()

    await plumber.run()

    assert results.items == ("1 with a 1", "again")


async def test_sources_of_all_kinds_are_called_with_it() -> None:
    record = Record()
    resource = record.of_run("a")

    async def rows(name: str) -> AsyncIterator[str]:
        yield f"row of {name}"

    async def put(queue: OutputQueue[str], name: str) -> None:
        await queue.put(f"put by {name}")

    def read(name: str) -> Iterator[str]:
        yield f"read from {name}"

    plumber = Plumber()
    source, rig = Source(resource.into_first(rows)), InputRig(resource.into(put))
    thread = Source.in_thread(resource.into_first(read))
    results = plumber.merge(source, rig, thread).collect()

    await plumber.run()

    assert sorted(results.items) == ["put by a 1", "read from a 1", "row of a 1"]
    assert record.events == ["open a 1", "close a 1"]


async def test_several_resources_are_passed_in_the_order_of_the_parameters() -> None:
    record = Record()

    async def use(number: int, first: str, second: str, *, third: int) -> str:
        return f"{number}: {first}, {second}, {third}"

    coro = record.of_run("b").into(record.of_run("a").into(use))
    plumber = Plumber()
    results = plumber.connect(Source([1])).to(Processor(bind(coro, third=3))).collect()

    await plumber.run()

    assert results.items == ("1: a 1, b 1, 3",)
    assert record.events == ["open a 1", "open b 1", "close b 1", "close a 1"]


async def test_it_is_found_inside_partial_and_decorators() -> None:
    record = Record()

    async def use(number: int, name: str, more: int) -> str:
        return f"{number} with {name}, {more}"

    decorated = record.of_run("a").into(use)

    @functools.wraps(decorated)
    async def call(number: int, more: int) -> str:
        return await decorated(number, more)

    plumber = Plumber()
    results = plumber.connect(Source([1])).to(Processor(functools.partial(call, more=2))).collect()

    await plumber.run()

    assert results.items == ("1 with a 1, 2",)


async def test_a_coroutine_that_is_replaced_uses_the_resource_of_the_run() -> None:
    resource = Record().of_run("a")
    processor = Processor(resource.into(join))
    plumber, feed = Plumber(), Feed[int]()
    results = plumber.connect(feed).to(processor).collect()

    async def other(number: int, name: str) -> str:
        return f"{name} for {number}"

    async with plumber.running():
        await feed.put(1)
        await stillness(plumber)
        processor.replace(resource.into(other))
        await feed.put(2)

    assert results.items == ("1 with a 1", "a 1 for 2")


async def test_the_timeout_of_a_call_does_not_count_the_opening(clock: object) -> None:
    @asynccontextmanager
    async def slow() -> AsyncGenerator[str]:
        await asyncio.sleep(60)
        yield "slow"

    for per in ("run", "worker"):
        resource = Resource(slow) if per == "run" else Resource(slow, per="worker")
        plumber = Plumber()
        results = (
            plumber.connect(Source([1])).to(Processor(resource.into(join), timeout=1)).collect()
        )

        await plumber.run()

        assert results.items == ("1 with slow",)


# When it is open


async def test_they_are_opened_before_any_source_starts_in_the_order_of_processors_and_once() -> (
    None
):
    record = Record()
    events = record.events
    a, b = record.of_run("a"), record.of_run("b")

    async def begin() -> AsyncIterator[int]:
        events.append("source")
        yield 1

    plumber = Plumber()
    last = Sink(a.into(noting(events, "sink")), name="last")
    plumber.connect(Source(begin)).to(Processor(b.into(join))).to(Processor(a.into(add))).to(last)

    await plumber.run()

    assert events[:3] == ["open b 1", "open a 1", "source"]
    assert events[3:] == ["sink with a 1", "close a 1", "close b 1"]


async def add(text: str, name: str) -> str:
    return text + name


async def test_cleanup_coroutines_use_it_before_it_is_closed() -> None:
    record = Record()
    resource = record.of_run("a")
    sink = Sink(resource.into(keep))
    sink.cleanup(input=resource.into(noting(record.events, "cleanup")))
    plumber = Plumber()
    plumber.connect(Source([1])).to(sink)

    await plumber.run()

    assert record.events == ["open a 1", "cleanup with a 1", "close a 1"]


async def test_one_that_only_a_cleanup_coroutine_uses_is_opened_as_well() -> None:
    record = Record()
    note = record.of_run("a").into(noting(record.events, "cleanup"))
    plumber = Plumber()
    plumber.connect(Source([1]).cleanup(output=note)).collect()

    await plumber.run()

    assert record.events == ["open a 1", "cleanup with a 1", "close a 1"]


async def test_each_is_opened_and_closed_in_one_task() -> None:
    record = Record()
    plumber = Plumber()
    worker = Processor(record.of_worker("b").into(join))
    plumber.connect(Source([1, 2])).to(worker).to(Sink(record.of_run("a").into(keep)))

    await plumber.run()

    assert len(record.tasks) == 2
    assert all(opened_in is closed_in for opened_in, closed_in in record.tasks)


async def test_a_resource_may_be_made_from_another_one_which_is_opened_first() -> None:
    record = Record()

    @asynccontextmanager
    async def connect(pool: str) -> AsyncGenerator[str]:
        async with record.open("connection") as name:
            yield f"{name} of {pool}"

    connections = Resource(record.of_run("pool").into_first(connect), per="worker")
    plumber = Plumber()
    results = plumber.connect(Source([1])).to(Processor(connections.into(join))).collect()

    await plumber.run()

    assert results.items == ("1 with connection 1 of pool 1",)
    opened = ["open pool 1", "open connection 1"]
    assert record.events == [*opened, "close connection 1", "close pool 1"]


async def test_two_runs_at_once_and_two_in_turn_each_have_their_own() -> None:
    record = Record()
    joined = Processor(record.of_run("a").into(join))
    first, second = Plumber("first"), Plumber("second")
    results = [plumber.connect(Source([1])).to(joined).collect() for plumber in (first, second)]

    await asyncio.gather(first.run(), second.run())
    together = [each.items for each in results]
    await first.run()

    assert {*together} == {("1 with a 1",), ("1 with a 2",)}
    assert results[0].items == ("1 with a 3",)


async def test_a_run_inside_a_coroutine_of_another_has_its_own() -> None:
    record = Record()
    resource = record.of_run("a")

    async def run_inside(number: int, name: str) -> tuple[str, ...]:
        inner = Plumber("inner")
        results = inner.connect(Source([number])).to(Processor(resource.into(join))).collect()
        await inner.run()
        return (name, *results.items)

    plumber = Plumber()
    results = plumber.connect(Source([1])).to(Processor(resource.into(run_inside))).collect()

    await plumber.run()

    assert results.items == (("a 1", "1 with a 2"),)


# While it is opened


def behind(door: Door) -> tuple[Plumber, Feed[int], list[str]]:
    """Draw a plumber whose feed leads to a processor that needs what the door opens."""
    plumber, feed, seen = Plumber(), Feed[int](), list[str]()

    async def see(number: int, name: str) -> None:
        seen.append(f"{number} with {name}")

    plumber.connect(feed).to(Sink(Resource(door.open, name="door").into(see)))
    return plumber, feed, seen


async def test_the_block_beside_a_run_begins_when_it_is_open() -> None:
    door = Door()
    plumber, _, _ = behind(door)
    begun: list[bool] = []

    async def block() -> None:
        async with plumber.running():
            begun.append(door.events == ["open"])

    task = asyncio.create_task(block())
    await door.reached.wait()
    await stillness(plumber)
    assert not begun
    door.may_open.set()
    await task

    assert begun == [True]


async def test_what_is_put_into_a_feed_meanwhile_flows_once_it_is_open() -> None:
    door = Door()
    plumber, feed, seen = behind(door)
    await feed.put(1)
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()
    await feed.put(2)
    feed.close()

    before = await stillness(plumber)
    door.may_open.set()
    await running

    assert before.counts[1].received == 0
    assert seen == ["1 with door", "2 with door"]


async def test_a_drain_meanwhile_lets_it_open_and_what_is_inside_flow_out() -> None:
    door = Door()
    plumber, feed, seen = behind(door)
    await feed.put(1)
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    plumber.drain("enough")
    await stillness(plumber)
    door.may_open.set()
    report = await running

    assert report.ending == "drained"
    assert seen == ["1 with door"]


async def test_a_drain_meanwhile_keeps_sources_from_starting() -> None:
    door = Door()
    started: list[int] = []

    async def start() -> AsyncIterator[int]:
        started.append(1)
        yield 1

    plumber = Plumber()
    plumber.connect(Source(start)).to(Sink(Resource(door.open).into(keep)))
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    plumber.drain("enough")
    door.may_open.set()
    report = await running

    assert report.ending == "drained"
    assert not started


async def test_a_drain_meanwhile_waits_no_longer_than_its_grace(clock: object) -> None:
    door = Door()
    plumber, feed, seen = behind(door)
    await feed.put(1)
    running = asyncio.create_task(plumber.run(grace=5.0))
    await door.reached.wait()

    plumber.drain("enough")
    report = await running

    assert (report.ending, door.cancelled, seen) == ("aborted", True, [])
    assert report.counts[0].undelivered == (1,)


async def test_an_abort_meanwhile_cancels_the_opening_and_closes_what_is_open() -> None:
    door, record = Door(), Record()
    plumber = Plumber()
    first = Processor(record.of_run("a").into(join))
    plumber.connect(Source([1])).to(first).to(Sink(Resource(door.open).into(keep)))
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    plumber.abort("fire")
    report = await running

    assert (report.ending, door.cancelled, door.events) == ("aborted", True, [])
    assert record.events == ["open a 1", "close a 1"]
    assert [type(error) for error in record.raised] == [asyncio.CancelledError]


@pytest.mark.parametrize("turns", range(6))
async def test_an_abort_right_when_it_opens_closes_it_and_is_no_failure(turns: int) -> None:
    async def take_some_turns(queue: object) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    door, plumber = Door(), Plumber()
    sink = Sink(Resource(door.open).into(keep)).cleanup(doomsday=take_some_turns)
    plumber.connect(Source([1])).to(sink)
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    door.may_open.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    plumber.abort("fire")
    report = await running

    assert report.ending == "aborted"
    assert door.events in ([], ["open", "close"])


async def test_an_abort_meanwhile_ends_every_kind_of_source() -> None:
    door = Door()
    started: list[str] = []

    async def put(queue: OutputQueue[int]) -> None:
        started.append("rig")

    async def generate() -> AsyncIterator[int]:
        started.append("generator")
        yield 1

    def read() -> Iterator[int]:
        started.append("thread")
        yield 1

    plumber = Plumber()
    sources = (InputRig(put), Source(generate), Source.in_thread(read), Source(read()), Feed[int]())
    plumber.merge(*sources).to(Sink(Resource(door.open).into(keep)))
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    plumber.abort("fire")
    report = await running

    assert (report.ending, started) == ("aborted", [])


async def test_cancelling_the_run_meanwhile_cancels_the_opening() -> None:
    door = Door()
    plumber, _, _ = behind(door)
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert door.cancelled


async def test_cancelling_what_waits_for_the_block_aborts_the_run() -> None:
    door = Door()
    plumber, _, _ = behind(door)

    async def block() -> None:
        async with plumber.running():
            pytest.fail("the block must not begin")

    task = asyncio.create_task(block())
    await door.reached.wait()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (plumber.report().ending, door.cancelled) == ("aborted", True)


async def test_an_abort_meanwhile_cancels_the_block_as_it_begins() -> None:
    door = Door()
    plumber, _, _ = behind(door)
    reached: list[str] = []

    async def block() -> None:
        async with plumber.running():
            await asyncio.Event().wait()
        reached.append("after")

    task = asyncio.create_task(block())
    await door.reached.wait()

    plumber.abort("fire")
    await task

    assert reached == ["after"]
    assert plumber.report().ending == "aborted"


async def test_a_doom_before_the_run_ends_it_as_it_begins() -> None:
    door = Door()
    plumber, _, _ = behind(door)
    plumber.abort("fire")

    report = await plumber.run()

    assert report.ending == "aborted"
    assert door.events == []


async def test_a_pause_meanwhile_counts_from_the_start() -> None:
    door = Door()
    plumber, feed, seen = behind(door)
    await feed.put(1)
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()
    plumber.pause()
    door.may_open.set()

    await stillness(plumber)
    paused = list(seen)
    plumber.resume()
    feed.close()
    await running

    assert paused == []
    assert seen == ["1 with door"]


async def test_the_end_of_a_pause_meanwhile_starts_nothing_before_it_is_open() -> None:
    door = Door()
    plumber, feed, seen = behind(door)
    await feed.put(1)
    plumber.pause()
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    plumber.resume()
    before = (await stillness(plumber)).counts[1].received
    door.may_open.set()
    feed.close()
    await running

    assert before == 0
    assert seen == ["1 with door"]


async def test_a_reader_that_leaves_meanwhile_ends_the_run() -> None:
    door = Door()
    plumber = Plumber()
    joint = plumber.connect(Source([1])).to(Processor(Resource(door.open).into(join)))
    queue = joint.read()
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    queue.close()
    report = await running

    assert (report.ending, door.cancelled) == ("finished", True)


# When it fails


async def test_an_error_of_opening_fails_the_run_before_a_source_starts() -> None:
    record = Record()
    started: list[int] = []

    async def start() -> AsyncIterator[int]:
        started.append(1)
        yield 1

    plumber = Plumber("store")
    resource = Resource(database)
    first = Processor(record.of_run("a").into(join), name="first")
    stores = [Sink(resource.into(keep), name=name) for name in ("store", "count")]
    plumber.connect(Source(start)).to(first).fan_out(*stores)

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    [error] = failed.value.exceptions
    assert isinstance(error, ResourceFailed)
    assert str(error) == (
        "the resource 'database' of 'store', 'count' could not be opened: "
        "ConnectionRefusedError('no database')"
    )
    assert (error.resource, error.users, error.when) == ("database", ("store", "count"), "opening")
    assert isinstance(error.__cause__, ConnectionRefusedError)
    assert not started
    assert record.events == ["open a 1", "close a 1"]


async def test_an_error_of_opening_comes_out_of_running_before_the_block() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(Resource(database).into(keep)))

    with pytest.raises(PipelineFailed) as failed:
        async with plumber.running():
            pytest.fail("the block must not begin")

    assert "the resource 'database' of 'keep' could not be opened" in str(
        failed.value.exceptions[0]
    )


async def test_a_cleanup_that_needs_what_could_not_be_opened_says_so() -> None:
    resource = Resource(database)
    plumber, feed = Plumber(), Feed[int]()
    feed.cleanup(output=resource.into(keep))
    plumber.connect(feed).to(Sink(resource.into(keep), name="store"))
    await feed.put(1)

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    opening, cleanup = failed.value.exceptions
    assert isinstance(opening, ResourceFailed)
    assert isinstance(cleanup, CleanupFailed)
    assert isinstance(cleanup.__cause__, RunStateError)
    assert failed.value.report.counts[0].undelivered == (1,)


async def test_an_error_of_closing_is_in_the_group_and_stops_no_other() -> None:
    record = Record()

    @asynccontextmanager
    async def broken() -> AsyncGenerator[str]:
        yield "broken"
        raise OSError("lost")

    plumber = Plumber()
    broken_one = Processor(Resource(broken).into(add))
    plumber.connect(Source([1])).to(Processor(record.of_run("a").into(join))).to(
        broken_one
    ).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    [error] = failed.value.exceptions
    assert str(error) == "the resource 'broken' of 'add' could not be closed: OSError('lost')"
    assert record.events == ["open a 1", "close a 1"]
    assert [type(each) for each in record.raised] == [PipelineFailed]


async def test_one_that_hangs_while_it_is_closed_is_named_and_stops_no_other(
    clock: object,
) -> None:
    record = Record()

    @asynccontextmanager
    async def hanging() -> AsyncGenerator[str]:
        yield "hanging"
        await asyncio.Event().wait()

    plumber = Plumber()
    hangs = Processor(Resource(hanging).into(add))
    plumber.connect(Source([1])).to(Processor(record.of_run("a").into(join))).to(hangs).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(grace=3.0)

    [error] = failed.value.exceptions
    assert "'hanging' of 'add' could not be closed" in str(error)
    assert "it took more than 3 s" in str(error)
    assert record.events == ["open a 1", "close a 1"]


async def test_one_that_does_not_stay_open_fails_the_run() -> None:
    lost = asyncio.Event()

    @asynccontextmanager
    async def connection() -> AsyncGenerator[str]:
        async def read() -> None:
            await lost.wait()
            raise ConnectionResetError("lost")

        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            yield "connection"

    plumber, feed = Plumber(), Feed[int]()
    plumber.connect(feed).to(Sink(Resource(connection).into(keep)))

    async def block() -> None:
        async with plumber.running():
            lost.set()
            await asyncio.Event().wait()

    with pytest.raises(PipelineFailed) as failed:
        await block()

    [error] = failed.value.exceptions
    assert isinstance(error, ResourceFailed)
    assert (error.when, error.resource) == ("open", "connection")


async def test_one_that_is_about_to_close_itself_when_the_run_ends_is_waited_for() -> None:
    keepers: list[asyncio.Task[object] | None] = []
    closing, go_on = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def slow() -> AsyncGenerator[str]:
        keepers.append(asyncio.current_task())
        try:
            yield "slow"
        finally:
            closing.set()
            await go_on.wait()

    async def cancel_it(number: int, name: str) -> None:
        assert keepers[0] is not None
        keepers[0].cancel()
        await closing.wait()

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(Resource(slow).into(cancel_it)))
    running = asyncio.create_task(plumber.run())
    await closing.wait()
    await stillness(plumber)
    go_on.set()

    with pytest.raises(PipelineFailed) as failed:
        await running

    [error] = failed.value.exceptions
    assert isinstance(error, ResourceFailed)
    assert (error.when, type(error.__cause__)) == ("closing", asyncio.CancelledError)


async def test_after_the_run_it_is_not_open_any_more() -> None:
    over = asyncio.Event()
    late: list[asyncio.Task[str]] = []
    coro = Record().of_run("a").into(join)

    async def call_later() -> str:
        await over.wait()
        return await coro(1)

    async def leave_a_task_behind(text: str) -> None:
        late.append(asyncio.create_task(call_later()))

    plumber = Plumber()
    joined = plumber.connect(Source([1])).to(Processor(coro))
    joined.to(Sink(leave_a_task_behind))
    await plumber.run()

    over.set()
    with pytest.raises(RunStateError, match="the resource 'a' is not open here"):
        await late[0]


# How the run ended


async def test_a_run_that_fails_raises_its_failure_around_the_resource() -> None:
    record = Record()
    plumber = Plumber()
    plumber.connect(Source([1])).to(Processor(record.of_run("a").into(fail))).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert [type(error) for error in failed.value.exceptions] == [ProcessorFailed]
    [seen] = record.raised
    assert isinstance(seen, PipelineFailed)
    assert seen.exceptions == failed.value.exceptions


async def test_a_run_that_drains_closes_it_as_one_that_finishes() -> None:
    record = Record()
    plumber, feed = Plumber(), Feed[int]()
    plumber.connect(feed).to(Sink(record.of_run("a").into(keep)))

    async with plumber.running():
        await feed.put(1)

    assert (record.events, record.raised) == (["open a 1", "close a 1"], [])


async def test_a_group_of_tasks_that_wraps_the_failure_has_not_failed_itself() -> None:
    @asynccontextmanager
    async def tasks() -> AsyncGenerator[str]:
        async with asyncio.TaskGroup():
            yield "tasks"

    plumber = Plumber()
    plumber.connect(Source([1])).to(Processor(Resource(tasks).into(fail))).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert [type(error) for error in failed.value.exceptions] == [ProcessorFailed]


async def test_it_is_closed_although_the_run_is_cancelled_again_and_again() -> None:
    closing, go_on = asyncio.Event(), asyncio.Event()
    done: list[str] = []

    @asynccontextmanager
    async def slow() -> AsyncGenerator[str]:
        yield "slow"
        closing.set()
        await go_on.wait()
        done.append("closed")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(Resource(slow).into(keep)))
    running = asyncio.create_task(plumber.run())
    await closing.wait()

    running.cancel()
    await stillness(plumber)
    running.cancel()
    await stillness(plumber)
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert done == ["closed"]


async def test_outside_of_a_run_it_is_not_open() -> None:
    coro = Record().of_run("a").into(join)

    with pytest.raises(RunStateError) as refused:
        await coro(1)

    assert "the resource 'a' is not open here" in "".join(traceback.format_exception(refused.value))
