"""A cleanup coroutine that raises, hangs or is cancelled stops no other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.cleanups import ignore, noting
from tests.support.clock import Clock
from tests.support.stillness import stillness
from tests.support.strays import strays
from typedpipes import (
    CleanupFailed,
    PipelineFailed,
    Plumber,
    Sink,
    Source,
)

SOON = 0.001  # seconds of grace where its end is what is tested


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
