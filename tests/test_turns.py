"""Processors with one worker share tasks: their users should not notice."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    Feed,
    Joint,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    Sink,
    Source,
)
from typedpipes.engine.turns import LONG_ENOUGH

mark: ContextVar[object] = ContextVar("mark")


class Incomparable:
    """A value that cannot say whether it is the same as another."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("which one of my parts do you mean?")

    def __hash__(self) -> int:
        return 0


async def pass_on(item: int) -> int:
    return item


async def ignore(item: int) -> None: ...


def chain(plumber: Plumber, items: int, *steps: Callable[[int], Awaitable[int]]) -> Joint[int]:
    joint: Joint[int] = plumber.connect(Source(range(items)))
    for step in steps:
        joint = joint.to(Processor(step))
    return joint


async def test_processors_that_never_wait_share_one_task() -> None:
    tasks: set[object] = set()

    async def look_around(item: int) -> int:
        tasks.add(asyncio.current_task())
        return item

    plumber = Plumber()
    chain(plumber, 500, *[look_around] * 5).to(Sink(ignore))

    await plumber.run()

    assert len(tasks) == 1


async def test_there_is_one_task_more_than_coroutines_that_wait() -> None:
    gates = [Gate[int]() for _ in range(3)]
    plumber = Plumber()
    words = chain(plumber, 50, *[pass_on] * 3)
    for gate in gates:
        words.to(Processor(pass_on)).to(Processor(gate)).to(Processor(pass_on)).to(Sink(ignore))

    running = asyncio.create_task(plumber.run())
    for gate in gates:
        await gate.next_arrival()
    await stillness(plumber)
    tasks = asyncio.all_tasks() - {running}
    for gate in gates:
        gate.open()
    report = await running

    assert len(tasks) <= 1 + 3 + 1  # that of this test, those that wait, and one more
    assert len(report.counts) == 16
    assert all(counts.completed == 50 for counts in report.counts)


async def test_a_coroutine_may_wait_for_what_another_one_does() -> None:
    arrived = [asyncio.Event() for _ in range(10)]

    async def wait_for_the_one_before(item: int) -> int:
        if item:
            await arrived[item - 1].wait()
        return item

    async def arrive(item: int) -> None:
        arrived[item].set()

    plumber = Plumber()
    chain(plumber, 10, wait_for_the_one_before, pass_on, pass_on).to(Sink(arrive))

    report = await plumber.run()

    assert report.counts[-1].completed == 10


@pytest.mark.parametrize(("first", "value"), [("none", "mine"), (Incomparable(), Incomparable())])
@pytest.mark.parametrize("waits", [False, True])
async def test_a_context_variable_that_a_coroutine_sets_is_seen_by_no_other(
    first: object, value: object, waits: bool
) -> None:
    seen: dict[str, list[object]] = {"before": [], "after": [], "own": []}

    def see(name: str) -> Callable[[int], Awaitable[int]]:
        async def look(item: int) -> int:
            seen[name].append(mark.get())
            return item

        return look

    async def set_mark(item: int) -> int:
        seen["own"].append(mark.get())
        mark.set(value)
        if waits:
            await asyncio.sleep(0)
        return item

    mark.set(first)
    plumber = Plumber()
    chain(plumber, 300, see("before"), set_mark, see("after")).to(Sink(ignore))

    await plumber.run()

    assert all(each is first for each in [*seen["before"], *seen["after"]])
    assert len(seen["before"]) == len(seen["after"]) == 300
    assert seen["own"][0] is first
    assert all(each is value for each in seen["own"][1:])
    assert mark.get() is first


async def test_a_processor_that_sets_context_variables_pauses_and_goes_on_as_others_do() -> None:
    async def set_mark(item: int) -> int:
        mark.set(item)
        return item

    gate = Gate[int]()
    plumber = Plumber()
    marking = Processor(set_mark)
    plumber.connect(Source(range(1000))).to(marking).to(Sink(gate.hold))

    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()
    plumber.pause(marking)
    gate.open()
    paused = await stillness(plumber)
    plumber.resume(marking)
    report = await running

    assert 0 < paused.of(marking).completed < 1000
    assert report.of(marking).completed == 1000


async def test_a_coroutine_that_cancels_its_own_task_fails_by_itself() -> None:
    async def give_up(item: int) -> int:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return item

    plumber = Plumber()
    chain(plumber, 10, pass_on, give_up, pass_on).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as caught:
        await plumber.run()

    (error,) = caught.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert error.processor == "give_up"


@pytest.mark.parametrize("items", [9, 10, 50, 500])
@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("workers", [1, 3])
async def test_every_item_is_accounted_for_when_a_coroutine_cancels_its_own_task(
    items: int, waits: bool, workers: int
) -> None:
    gave: list[int] = []

    async def give_up(item: int) -> int:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        if waits:
            await asyncio.sleep(0)
        gave.append(item)
        return item

    plumber = Plumber()
    giving_up = Processor(give_up, workers=workers)
    before, last = Processor(pass_on), Processor(pass_on, name="last")
    source = Source(range(items))
    collector = plumber.connect(source).to(before).to(giving_up).to(last).collect()

    with pytest.raises(PipelineFailed) as caught:
        await plumber.run()

    report = caught.value.report
    assert {getattr(error, "processor", None) for error in caught.value.exceptions} == {"give_up"}
    counts = report.of(giving_up)
    assert counts.completed == len(gave)
    assert counts.received == counts.completed + counts.interrupted
    assert counts.interrupted <= (workers if waits else 0)
    assert collector.items == tuple(gave[: len(collector.items)])
    left = [*counts.undelivered, *report.of(last).undelivered]
    assert sorted([*collector.items, *left]) == gave
    left = [*counts.unprocessed, *report.of(before).unprocessed]
    assert sorted([*gave, *left]) == list(range(report.of(source).emitted))


async def test_a_coroutine_that_outlives_the_cancellation_of_its_task_goes_on() -> None:
    cancelled: list[int] = []

    async def persist(item: int) -> int:
        task = asyncio.current_task()
        assert task is not None
        if item % 5 == 2:
            asyncio.get_running_loop().call_soon(task.cancel)
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            cancelled.append(item)
        return item

    plumber = Plumber()
    collector = chain(plumber, 20, pass_on, persist, pass_on).collect()

    await plumber.run()

    assert cancelled == [2, 7, 12, 17]
    assert collector.items == tuple(range(20))


async def test_a_task_that_has_nothing_to_do_may_be_cancelled_by_others() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    collector = plumber.connect(feed).to(Processor(pass_on)).collect()

    running = asyncio.create_task(plumber.run())
    await feed.put(1)
    await stillness(plumber)
    resting = asyncio.all_tasks() - {running, asyncio.current_task()}
    for task in resting:
        task.cancel()
    await stillness(plumber)
    await feed.put(2)
    feed.close()
    await running

    assert len(resting) == 1
    assert collector.items == (1, 2)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has the first eager tasks")
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("ordered", [False, True])
async def test_a_loop_whose_tasks_begin_at_once_runs_pipelines_too(
    workers: int, ordered: bool
) -> None:
    factory = getattr(asyncio, "eager_task_factory")  # noqa: B009  # unknown to 3.11
    asyncio.get_running_loop().set_task_factory(factory)
    plumber = Plumber()
    numbers = plumber.connect(Source(range(20)))
    passed = numbers.to(Processor(pass_on, workers=workers, ordered=ordered)).collect()

    await plumber.run()

    assert sorted(passed.items) == list(range(20))


Behind = Callable[[Plumber, Joint[int], Callable[[object], Awaitable[int]]], None]


def alone(plumber: Plumber, numbers: Joint[int], see: Callable[[object], Awaitable[int]]) -> None:
    numbers.to(Processor(see)).collect()


def forked(plumber: Plumber, numbers: Joint[int], see: Callable[[object], Awaitable[int]]) -> None:
    seen = numbers.to(Processor(see))
    seen.collect()
    seen.to(Sink(ignore))


def with_failures(
    plumber: Plumber, numbers: Joint[int], see: Callable[[object], Awaitable[int]]
) -> None:
    processor = Processor(see)
    numbers.to(processor).collect()
    plumber.failures(processor).collect()


def zipped(plumber: Plumber, numbers: Joint[int], see: Callable[[object], Awaitable[int]]) -> None:
    plumber.zip(numbers, numbers).to(Processor(see)).collect()


def merged(plumber: Plumber, numbers: Joint[int], see: Callable[[object], Awaitable[int]]) -> None:
    plumber.merge(numbers, Source([0])).to(Processor(see)).collect()


@pytest.mark.parametrize("behind", [alone, forked, with_failures, zipped, merged])
async def test_no_item_is_begun_after_a_slow_source_that_was_asked_for_more_has_aborted(
    behind: Behind,
) -> None:
    aborted = begun = False

    def numbers() -> Iterator[int]:
        nonlocal aborted
        for number in range(3):
            time.sleep(LONG_ENOUGH)  # so that it is asked for one at a time
            yield number
        aborted = True
        plumber.doomsday.put_nowait(Doom("enough", mode="abort"))

    async def see(item: object) -> int:
        nonlocal begun
        begun = begun or aborted
        return 0

    plumber = Plumber()
    behind(plumber, plumber.connect(Source(numbers())), see)
    report = await plumber.run()

    assert report.ending == "aborted"
    assert not begun
