"""Promise 9: structured. Nothing of a run outlives it; each call is whole in one task."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from operator import neg

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    Feed,
    InputQueue,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    Sink,
    Source,
    in_process,
    in_thread,
)

user: ContextVar[str] = ContextVar("user", default="nobody")


async def pass_on(number: int) -> int:
    return number


async def ignore(item: object) -> None: ...


async def see_user(number: int) -> str:
    return user.get()


async def yield_user(number: int) -> AsyncIterator[str]:
    yield user.get()


def find_user(number: int) -> str:
    return user.get()


async def forever(queue: OutputQueue[int]) -> None:
    await queue.put(1)
    await asyncio.Event().wait()


def alive() -> list[object]:
    """What is there besides the test itself."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    threads = [each for each in threading.enumerate() if each is not threading.main_thread()]
    return [*tasks, *threads, *multiprocessing.active_children()]


@pytest.mark.parametrize("ending", ["finished", "drained", "aborted", "failed", "cancelled"])
async def test_structured_no_task_thread_or_process_of_a_run_outlives_it(ending: str) -> None:
    gate = Gate[int]()
    calls = 0

    async def stay(number: int) -> int:
        nonlocal calls
        calls += 1
        if calls == 3 and ending == "failed":
            raise ValueError("unlucky")
        return number if ending == "finished" else await gate(number)

    plumber = Plumber()
    numbers = Source(range(10)) if ending in {"finished", "failed"} else InputRig(forever)
    offloaded = (
        plumber.connect(numbers).to(Processor(in_process(neg))).to(Processor(in_thread(neg)))
    )
    plumber.zip(offloaded.to(Processor(stay, workers=4)), offloaded).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())

    if ending not in {"finished", "failed"}:
        await gate.next_arrival()
    if ending == "cancelled":
        running.cancel()
    elif ending in {"drained", "aborted"}:
        plumber.doomsday.put_nowait(Doom("end", mode="drain" if ending == "drained" else "abort"))
        gate.open()
    await asyncio.wait((running,))

    assert plumber.report().ending == ("aborted" if ending == "cancelled" else ending)
    assert alive() == []
    assert running.cancelled() or running.exception() is None or ending == "failed"


async def test_structured_nothing_is_left_of_a_reader_that_stops_early() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(1000))).to(Processor(pass_on)).read(maxsize=2)

    async with plumber.running():
        async for _ in queue:
            break

    assert alive() == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: Processor(see_user),
        lambda: Processor(see_user, workers=3),
        lambda: Processor(see_user, timeout=60),
        lambda: Processor(yield_user),
        lambda: Processor(in_thread(find_user)),
    ],
    ids=["one worker", "many workers", "timeout", "generator", "thread"],
)
async def test_structured_context_variables_set_before_run_are_visible(
    make: Callable[[], Processor[int, str]],
) -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(make()).collect()
    user.set("somebody")

    await plumber.run()

    assert collector.items == ("somebody", "somebody")


async def test_structured_context_variables_are_visible_in_sources_and_cleanups() -> None:
    seen: list[str] = []

    async def put_user(queue: OutputQueue[str]) -> None:
        await queue.put(user.get())

    async def note_user(queue: InputQueue[object]) -> None:
        seen.append(user.get())

    plumber = Plumber()
    source = InputRig(put_user)
    collector = plumber.connect(source).collect()
    plumber.connect(source).to(Sink(ignore).cleanup(input=note_user))
    user.set("somebody")

    await plumber.run()

    assert collector.items == ("somebody",)
    assert seen == ["somebody"]


async def test_structured_what_a_coroutine_sets_stays_in_the_run() -> None:
    async def set_user(number: int) -> None:
        user.set("intruder")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(set_user))
    user.set("somebody")

    await plumber.run()

    assert user.get() == "somebody"


@pytest.mark.parametrize("workers", [1, 3])
async def test_structured_each_call_runs_whole_in_one_task(workers: int) -> None:
    tasks: list[tuple[object, object]] = []

    async def look_around(number: int) -> None:
        before = asyncio.current_task()
        await asyncio.sleep(0)
        tasks.append((before, asyncio.current_task()))

    plumber = Plumber()
    plumber.connect(Source(range(10))).to(Sink(look_around, workers=workers))

    await plumber.run()

    assert len(tasks) == 10
    assert all(before is after is not None for before, after in tasks)


@pytest.mark.parametrize("workers", [1, 3])
async def test_structured_a_timeout_in_a_coroutine_is_its_own(workers: int) -> None:
    async def be_patient(number: int) -> str:
        try:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
        except TimeoutError:
            return "too late"
        return "never"

    plumber = Plumber()
    patient = Processor(be_patient, workers=workers)
    collector = plumber.connect(Source([1, 2])).to(patient).collect()

    report = await plumber.run()

    assert collector.items == ("too late", "too late")
    assert report.of(patient).failed == 0


async def test_structured_a_generators_timeout_may_span_its_results() -> None:
    async def be_patient(number: int) -> AsyncIterator[int]:
        async with asyncio.timeout(60):
            yield number
            await asyncio.sleep(0)
            yield number

    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(Processor(be_patient)).collect()

    await plumber.run()

    assert collector.items == (1, 1)


async def test_structured_a_task_group_in_a_coroutine_is_cancelled_with_it() -> None:
    inner: list[asyncio.Task[bool]] = []
    begun = asyncio.Event()

    async def work_in_parts(number: int) -> None:
        async with asyncio.TaskGroup() as group:
            inner.extend(group.create_task(asyncio.Event().wait()) for _ in range(2))
            begun.set()

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(work_in_parts))

    async with plumber.running():
        await begun.wait()
        plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    assert [task.cancelled() for task in inner] == [True, True]
    assert alive() == []


async def test_structured_a_generator_is_closed_when_its_item_is_interrupted() -> None:
    closed: list[int] = []
    gate = Gate[int]()
    both = asyncio.Barrier(2)

    async def endless(number: int) -> AsyncIterator[int]:
        await both.wait()
        try:
            while True:
                yield number
        finally:
            closed.append(number)

    plumber = Plumber()
    generators = Processor(endless, workers=2)
    plumber.connect(Source([1, 2])).to(generators).to(Sink(gate.hold, buffer=1))

    async with plumber.running():
        await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    assert sorted(closed) == [1, 2]


async def test_structured_a_run_that_is_refused_leaves_nothing_behind() -> None:
    feed = Feed[int]()
    first, second = Plumber("first"), Plumber("second")
    first.connect(feed).to(Sink(ignore))
    second.connect(feed).to(Sink(ignore))

    async with first.running():
        before = alive()
        with pytest.raises(RuntimeError):
            await second.run()
        assert set(alive()) == set(before)


async def test_structured_a_failure_in_a_cleanup_leaves_nothing_behind() -> None:
    async def fail(item: object) -> None:
        raise ValueError("dirty")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(fail).cleanup(input=fail, doomsday=fail))

    with pytest.raises(PipelineFailed):
        await plumber.run()

    assert alive() == []
