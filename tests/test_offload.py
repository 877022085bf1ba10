"""Plain functions in threads and in real child processes."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.clock import Clock
from tests.support.functions import (
    die_at_3,
    double,
    exit_at_3,
    fail,
    fail_costly,
    give_a_lambda,
    give_broken,
    interrupt_at_3,
    process_id,
    take_from_nothing,
    wait_for_ever,
)
from tests.support.stillness import stillness
from tests.support.strays import strays
from typedpipes import (
    ChildDied,
    Doom,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorHangs,
    Sink,
    Source,
    in_process,
    in_thread,
)

Wrapper = Callable[[Callable[[int], int]], Callable[[int], Awaitable[int]]]


async def ignore(item: object) -> None: ...


def thread_name(item: object) -> str:
    return threading.current_thread().name


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("wrapper", [in_thread, in_process])
@pytest.mark.parametrize("workers", [1, 3])
async def test_a_plain_function_works_as_a_coroutine(wrapper: Wrapper, workers: int) -> None:
    plumber = Plumber()
    processor = Processor(wrapper(double), workers=workers)
    collector = plumber.connect(Source(range(10))).to(processor).collect()

    await plumber.run()

    assert collector.items == tuple(range(0, 20, 2))
    assert processor.name == "double"


async def test_outside_a_run_it_works_too() -> None:
    assert await in_thread(double)(2) == 4
    assert await in_process(double)(2) == 4
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("wrapper", [in_thread, in_process])
async def test_in_a_task_that_outlives_its_run_it_works_as_outside_of_one(wrapper: Wrapper) -> None:
    offloaded = wrapper(double)
    over = asyncio.Event()
    outliving: list[asyncio.Task[int]] = []

    async def later(number: int) -> int:
        await over.wait()
        return await offloaded(number)

    async def work(number: int) -> None:
        await offloaded(number)
        outliving.append(asyncio.create_task(later(number)))

    plumber = Plumber()
    plumber.connect(Source([3])).to(Sink(work))
    await plumber.run()
    over.set()

    assert await outliving[0] == 6
    assert multiprocessing.active_children() == []


async def test_a_function_runs_in_a_thread_of_the_run() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(Processor(in_thread(thread_name))).collect()

    await plumber.run()

    (name,) = collector.items
    assert name.startswith("typedpipes")
    assert name not in [thread.name for thread in threading.enumerate()]


async def test_functions_run_at_the_same_time_in_as_many_threads_as_there_are_workers() -> None:
    together = threading.Barrier(3)  # none gets past before the third is there

    def meet(number: int) -> int:
        together.wait(timeout=30)
        return number

    plumber = Plumber()
    collector = (
        plumber.connect(Source(range(6))).to(Processor(in_thread(meet), workers=3)).collect()
    )

    await plumber.run()

    assert collector.items == tuple(range(6))


async def test_a_function_runs_in_another_process() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(Processor(in_process(process_id))).collect()

    await plumber.run()

    first, second = collector.items
    assert first == second != os.getpid()
    assert not is_alive(first)


@pytest.mark.parametrize("wrapper", [in_thread, in_process])
async def test_what_a_function_raises_is_a_failure(wrapper: Wrapper) -> None:
    offloaded = Processor(wrapper(fail))
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(offloaded).to(Sink(ignore))
    failures = plumber.failures(offloaded).collect()

    await plumber.run()

    assert [str(failure.error) for failure in failures.items] == ["1 is unlucky", "2 is unlucky"]


async def test_a_result_that_cannot_be_pickled_is_a_failure() -> None:
    offloaded = Processor(in_process(give_a_lambda))
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(offloaded).to(Sink(ignore))
    failures = plumber.failures(offloaded).collect()

    await plumber.run()

    assert [failure.item for failure in failures.items] == [1, 2]
    assert not any(isinstance(failure.error, ChildDied) for failure in failures.items)


@pytest.mark.parametrize("wrapper", [in_thread, in_process])
async def test_stop_iteration_fails_its_item_as_in_a_coroutine(wrapper: Wrapper) -> None:
    offloaded = Processor(wrapper(take_from_nothing))
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(offloaded).to(Sink(ignore))
    failures = plumber.failures(offloaded).collect()

    await plumber.run()

    assert [failure.item for failure in failures.items] == [1, 2]
    assert all(isinstance(failure.error, RuntimeError) for failure in failures.items)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await wrapper(take_from_nothing)(1)


async def test_an_error_that_cannot_be_unpickled_is_told_in_words() -> None:
    offloaded = Processor(in_process(fail_costly))
    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(offloaded).to(Sink(ignore))
    failures = plumber.failures(offloaded).collect()

    await plumber.run()

    assert [failure.item for failure in failures.items] == [1, 2]
    assert "it costs 2" in str(failures.items[1].error)
    assert not any(isinstance(failure.error, ChildDied) for failure in failures.items)


async def test_a_result_that_cannot_be_unpickled_is_named() -> None:
    with pytest.raises(ChildDied, match="'give_broken' gave what cannot be unpickled") as caught:
        await in_process(give_broken)(1)

    assert "13 is unlucky" in "".join(traceback.format_exception(caught.value))


async def test_an_item_that_cannot_be_pickled_is_a_failure() -> None:
    def unpicklable() -> None: ...

    offloaded = Processor(in_process(process_id))
    plumber = Plumber()
    items: list[object] = [unpicklable, 1]
    collector = plumber.connect(Source(items)).to(offloaded).collect()
    failures = plumber.failures(offloaded).collect()

    await plumber.run()

    assert [failure.item for failure in failures.items] == [unpicklable]
    assert len(collector.items) == 1


@pytest.mark.parametrize("function", [exit_at_3, interrupt_at_3])
async def test_a_function_that_asks_its_child_to_exit_fails_its_item_only(
    function: Callable[[int], int],
) -> None:
    offloaded = Processor(in_process(function))
    plumber = Plumber()
    collector = plumber.connect(Source(range(6))).to(offloaded).collect()
    failures = plumber.failures(offloaded).collect()

    await plumber.run()

    (failure,) = failures.items
    assert failure.item == 3
    assert isinstance(failure.error, ChildDied)
    assert "asked its child process to exit" in str(failure.error)
    assert collector.items == (0, 1, 2, 4, 5)


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_child_that_is_killed_is_a_failure_of_its_item_only(workers: int) -> None:
    offloaded = Processor(in_process(die_at_3), workers=workers)
    plumber = Plumber()
    collector = plumber.connect(Source(range(6))).to(offloaded).collect()
    failures = plumber.failures(offloaded).collect()

    await plumber.run()

    (failure,) = failures.items
    assert failure.item == 3
    assert isinstance(failure.error, ChildDied)
    assert str(failure.error) == (
        "the child process that called 'die_at_3' died twice: it was killed by SIGKILL"
    )
    assert collector.items == (0, 1, 2, 4, 5)
    assert multiprocessing.active_children() == []


async def test_a_child_that_is_killed_fails_the_run_where_no_failures_edge_takes_it() -> None:
    plumber = Plumber()
    plumber.connect(Source([3])).to(Processor(in_process(die_at_3))).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert isinstance(error.__cause__, ChildDied)
    assert multiprocessing.active_children() == []


async def test_an_abort_kills_the_child_that_is_at_work(tmp_path: Path) -> None:
    pipe = tmp_path / "process id"
    os.mkfifo(pipe)
    waiting = Sink(in_process(wait_for_ever))
    plumber = Plumber()
    plumber.connect(Source([pipe])).to(waiting)

    async with plumber.running():
        child = int(await asyncio.to_thread(pipe.read_text))
        assert is_alive(child)
        plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    assert not is_alive(child)
    assert plumber.report().of(waiting).interrupted == 1


async def test_a_timeout_kills_the_child_that_is_at_work_and_another_takes_its_place(
    tmp_path: Path,
) -> None:
    pipe = tmp_path / "process id"
    os.mkfifo(pipe)
    waiting = Processor(in_process(wait_for_ever), timeout=0.001)
    plumber = Plumber()
    plumber.connect(Source([pipe])).to(waiting).to(Sink(ignore))
    failures = plumber.failures(waiting).collect()

    await plumber.run()

    assert [type(failure.error) for failure in failures.items] == [TimeoutError]
    assert multiprocessing.active_children() == []


async def test_an_abort_waits_for_a_thread_which_cannot_be_stopped() -> None:
    begun, go_on = threading.Event(), threading.Event()
    finished: list[int] = []

    def work(number: int) -> None:
        begun.set()
        go_on.wait(timeout=30)
        finished.append(number)

    busy = Sink(in_thread(work))
    plumber = Plumber()
    plumber.connect(Source([1])).to(busy)
    running = asyncio.create_task(plumber.run())
    await asyncio.to_thread(begun.wait)

    plumber.doomsday.put_nowait(Doom("fire", mode="abort"))
    await stillness(plumber)
    ended_early = running.done()
    go_on.set()

    await running
    assert not ended_early
    assert finished == [1]
    assert plumber.report().of(busy).completed == 1


async def test_a_thread_that_never_returns_is_named_and_run_returns_all_the_same(
    clock: Clock,
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hang(number: int) -> None:
        begun.set()
        go_on.wait(timeout=30)

    plumber = Plumber()
    plumber.connect(Source([7])).to(Sink(in_thread(hang)))
    running = asyncio.create_task(plumber.run(grace=0.001))
    await asyncio.to_thread(begun.wait)

    plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    with pytest.raises(PipelineFailed) as failed:
        await running
    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorHangs)
    assert (error.processor, error.item) == ("hang", 7)
    left_behind = strays()
    go_on.set()
    await asyncio.wait(left_behind)
