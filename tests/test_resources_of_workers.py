"""Resources of which each worker has one of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import pytest

from tests.support.gate import Gate
from tests.support.opening import Door, Record, Stuck, database
from tests.support.stillness import stillness
from typedpipes import (
    Feed,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    ProcessorHangs,
    Resource,
    ResourceFailed,
    RunStateError,
    Sink,
    Source,
)


async def name_it(number: int, name: str) -> str:
    return name


async def keep(item: object, name: str) -> None: ...


async def test_each_worker_that_has_something_to_do_has_one_of_its_own() -> None:
    record, gate = Record(), Gate[int]()

    async def use(number: int, name: str) -> str:
        await gate(number)
        return name

    plumber = Plumber()
    processor = Processor(record.of_worker("a").into(use), workers=4)
    results = plumber.connect(Source([1, 2, 3])).to(processor).collect()
    running = asyncio.create_task(plumber.run())
    for _ in range(3):
        await gate.next_arrival()

    opened = list(record.events)
    gate.open()
    await running

    assert opened == ["open a 1", "open a 2", "open a 3"]
    assert sorted(results.items) == ["a 1", "a 2", "a 3"]
    assert sorted(record.events[3:]) == ["close a 1", "close a 2", "close a 3"]


async def test_without_an_item_none_is_opened() -> None:
    record = Record()
    plumber = Plumber()
    plumber.connect(Source[int]([])).to(Processor(record.of_worker("a").into(name_it))).collect()

    await plumber.run()

    assert record.events == []


async def test_one_worker_uses_its_own_for_all_items_in_their_order() -> None:
    record = Record()
    plumber = Plumber()
    processor = Processor(record.of_worker("a").into(pair))
    results = plumber.connect(Source(range(300))).to(processor).collect()

    await plumber.run()

    assert results.items == tuple((number, "a 1") for number in range(300))
    assert record.events == ["open a 1", "close a 1"]


async def pair(number: int, name: str) -> tuple[int, str]:
    return number, name


async def test_a_sink_a_generator_and_keyed_workers_have_them() -> None:
    record = Record()

    async def twice(number: int, name: str) -> AsyncIterator[str]:
        yield name
        yield name

    plumber = Plumber()
    keyed = Processor(record.of_worker("b").into(add), workers=2).keyed(str)
    made = plumber.connect(Source([1])).to(Processor(record.of_worker("a").into(twice))).to(keyed)
    results = made.collect()
    made.to(Sink(record.of_worker("c").into(keep)))

    await plumber.run()

    assert set(results.items) == {"a 1b 1"}
    assert sorted(record.events) == [
        *("close a 1", "close b 1", "close c 1"),
        *("open a 1", "open b 1", "open c 1"),
    ]


async def add(text: str, name: str) -> str:
    return text + name


async def test_a_worker_that_waits_for_items_opens_when_one_comes() -> None:
    record = Record()
    plumber, feed = Plumber(), Feed[int]()
    plumber.connect(feed).to(Sink(record.of_worker("a").into(keep), workers=2))

    async with plumber.running():
        await stillness(plumber)
        before = list(record.events)
        await feed.put(1)
        await stillness(plumber)
        after = list(record.events)

    assert (before, after) == ([], ["open a 1"])


async def test_a_pause_while_it_opens_keeps_items_where_they_are() -> None:
    door = Door()
    plumber = Plumber()
    processor = Processor(Resource(door.open, per="worker").into(name_it))
    results = plumber.connect(Source([1, 2])).to(processor).collect()
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    plumber.pause(processor)
    door.may_open.set()
    paused = await stillness(plumber)
    plumber.resume()
    await running

    assert paused.of(processor).received == 0
    assert results.items == ("door", "door")


async def test_an_opening_that_fails_fails_the_run_and_loses_nothing() -> None:
    plumber, feed = Plumber(), Feed[int]()
    processor = Processor(Resource(database, per="worker").into(name_it), name="names")
    plumber.connect(feed).to(processor).collect()
    for number in (1, 2):
        await feed.put(number)

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    [error] = failed.value.exceptions
    assert isinstance(error, ResourceFailed)
    assert str(error) == (
        "the resource 'database' of 'names' could not be opened: "
        "ConnectionRefusedError('no database')"
    )
    counts = failed.value.report.of(processor)
    assert (counts.received, counts.unprocessed) == (0, (1, 2))


async def test_an_abort_while_it_opens_takes_no_item_and_cancels_the_opening() -> None:
    door = Door()
    plumber = Plumber()
    processor = Processor(Resource(door.open, per="worker").into(name_it))
    plumber.connect(Source([1, 2])).to(processor).collect()
    running = asyncio.create_task(plumber.run())
    await door.reached.wait()

    plumber.abort("fire")
    report = await running

    assert door.cancelled
    assert report.of(processor).unprocessed == (1, 2)


async def test_an_abort_closes_it_with_a_cancellation_and_interrupts_the_item() -> None:
    record, gate = Record(), Gate[int]()

    async def use(number: int, name: str) -> int:
        return await gate(number)

    plumber = Plumber()
    processor = Processor(record.of_worker("a").into(use))
    plumber.connect(Source([1])).to(processor).collect()
    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()

    plumber.abort("fire")
    report = await running

    assert report.of(processor).interrupted == 1
    assert record.events == ["open a 1", "close a 1"]
    assert [type(error) for error in record.raised] == [asyncio.CancelledError]


async def test_an_item_that_fails_leaves_it_open_for_the_next() -> None:
    record = Record()

    async def fail_at_first(number: int, name: str) -> str:
        if number == 1:
            raise ValueError(number)
        return name

    plumber = Plumber()
    processor = Processor(record.of_worker("a").into(fail_at_first))
    failures = plumber.failures(processor).collect()
    results = plumber.connect(Source([1, 2])).to(processor).collect()

    await plumber.run()

    assert (results.items, len(failures.items)) == (("a 1",), 1)
    assert record.events == ["open a 1", "close a 1"]


async def test_it_is_closed_before_what_the_run_opened_and_its_error_is_in_the_group() -> None:
    record = Record()

    @asynccontextmanager
    async def broken() -> AsyncGenerator[str]:
        yield "broken"
        record.events.append("break")
        raise OSError("lost")

    plumber = Plumber()
    named = plumber.connect(Source([1])).to(Processor(Resource(broken, per="worker").into(name_it)))
    named.to(Sink(record.of_run("a").into(keep)))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    [error] = failed.value.exceptions
    assert str(error) == ("the resource 'broken' of 'name_it' could not be closed: OSError('lost')")
    assert record.events == ["open a 1", "break", "close a 1"]


async def test_one_that_hangs_while_it_is_closed_is_named(clock: object) -> None:
    stuck = Stuck()

    @asynccontextmanager
    async def hanging() -> AsyncGenerator[str]:
        yield "hanging"
        await stuck.wait()

    plumber = Plumber()
    processor = Processor(Resource(hanging, per="worker").into(name_it))
    results = plumber.connect(Source([1, 2])).to(processor).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(grace=3.0)

    assert results.items == ("hanging", "hanging")
    [error] = failed.value.exceptions
    assert "'hanging' of 'name_it' could not be closed" in str(error)
    assert "it took more than 3 s, and hangs since it was cancelled" in str(error)
    await stuck.release()


async def test_a_worker_that_hangs_is_named_with_its_item(clock: object) -> None:
    stuck = Stuck()

    async def hang(number: int, name: str) -> None:
        await stuck.wait()

    record = Record()
    plumber = Plumber()
    plumber.connect(Source([7])).to(Sink(record.of_worker("a").into(hang)))
    running = asyncio.create_task(plumber.run(grace=3.0))
    await stillness(plumber)

    plumber.abort("fire")
    with pytest.raises(PipelineFailed) as failed:
        await running

    [error] = failed.value.exceptions
    assert isinstance(error, ProcessorHangs)
    assert error.item == 7
    assert record.events == ["open a 1", "close a 1"]
    await stuck.release()


async def test_its_worker_sees_its_own_and_tasks_that_a_call_makes_do_too() -> None:
    resource = Record().of_worker("a")
    both = resource.into(pair)

    async def call_twice(number: int, name: str) -> str:
        (_, first), (_, second) = await asyncio.gather(both(number), both(number))
        return f"{name}, {first}, {second}"

    plumber = Plumber()
    results = plumber.connect(Source([1])).to(Processor(resource.into(call_twice))).collect()

    await plumber.run()

    assert results.items == ("a 1, a 1, a 1",)


async def test_a_context_variable_that_it_sets_is_reset_where_it_was_set() -> None:
    variable: ContextVar[str] = ContextVar("variable")
    seen: list[str | None] = []

    @asynccontextmanager
    async def setting() -> AsyncGenerator[str]:
        token = variable.set("set")
        yield "set"
        variable.reset(token)

    async def look(number: int, name: str) -> None:
        seen.append(variable.get(None))

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(Resource(setting, per="worker").into(look)))

    await plumber.run()

    assert seen == [None]


async def test_a_resource_that_came_with_replace_is_not_open_in_a_run_that_goes_on() -> None:
    record = Record()
    processor = Processor(record.of_run("a").into(name_it))
    plumber, feed = Plumber(), Feed[int]()
    plumber.connect(feed).to(processor).collect()
    failures = plumber.failures(processor).collect()

    async with plumber.running():
        await feed.put(1)
        await stillness(plumber)
        processor.replace(record.of_run("b").into(name_it))
        await feed.put(2)
    first = [failure.error for failure in failures.items]
    feed.close()
    await feed_again(plumber, feed)

    assert [type(error) for error in first] == [RunStateError]
    assert "the resource 'b' is not open here" in str(first[0])
    assert record.events[2:] == ["open b 1", "close b 1"]


async def feed_again(plumber: Plumber, feed: Feed[int]) -> None:
    async with plumber.running():
        await feed.put(3)


async def test_a_worker_that_is_cancelled_by_others_closes_its_own() -> None:
    record = Record()

    async def cancel(number: int, name: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(record.of_worker("a").into(cancel)))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert [type(error) for error in failed.value.exceptions] == [ProcessorFailed]
    assert record.events == ["open a 1", "close a 1"]
