"""Watching a run: its gauges every so often, and at its end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.support.clock import Clock
from typedpipes import (
    Feed,
    Gauges,
    PipelineFailed,
    Plumber,
    RunStateError,
    SettingError,
    Sink,
    Source,
)


async def end(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def fail(item: float) -> None:
    await asyncio.sleep(item)
    raise ValueError(item)


async def test_a_run_is_seen_every_so_often_and_at_its_end(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Source([1.0] * 3)).to(Sink(end))
    seen: list[Gauges] = []

    async with plumber.running():
        async for gauges in plumber.watch(every=2):
            seen.append(gauges)  # noqa: PERF401  # a loop is what is tested

    assert [(gauges.duration, gauges.state) for gauges in seen] == [
        (0, "running"),
        (2, "running"),
        (3, "finished"),
    ]
    assert seen[-1] == plumber.gauges()


async def test_the_end_comes_after_the_cleanup_coroutines(clock: Clock) -> None:
    plumber, cleaned = Plumber(), list[float]()

    async def clean(_: object) -> None:
        await asyncio.sleep(5)
        cleaned.append(clock.now)

    plumber.connect(Source([1.0])).to(Sink(end).cleanup(input=clean))

    async with plumber.running():
        async for gauges in plumber.watch(every=100):
            assert bool(cleaned) is gauges.is_over

    assert cleaned


async def test_a_loop_ends_with_a_run_that_fails_and_raises_nothing(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Source([1.0])).to(Sink(fail))
    running = asyncio.create_task(plumber.run())
    await asyncio.sleep(0)

    states = [gauges.state async for gauges in plumber.watch()]

    assert states[-1] == "failed"
    with pytest.raises(PipelineFailed):
        await running


async def test_of_a_run_that_is_over_only_the_end_is_seen() -> None:
    plumber = Plumber()
    plumber.connect(Source([0.0])).to(Sink(end))
    await plumber.run()

    assert [gauges.state async for gauges in plumber.watch()] == ["finished"]


async def test_who_leaves_the_loop_leaves_nothing_behind_and_the_run_goes_on(clock: Clock) -> None:
    plumber, feed = Plumber(), Feed[float]()
    plumber.connect(feed).to(Sink(end))

    async with plumber.running():
        await asyncio.sleep(10)
        before = asyncio.all_tasks()
        async for _ in plumber.watch(every=1):
            break
        tasks = asyncio.all_tasks()
        await feed.put(3)
        feed.close()
        await plumber.ended()

    assert tasks == before
    assert plumber.report().counts[-1].completed == 1


async def test_a_watcher_that_is_cancelled_does_not_end_the_run(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Source([10.0])).to(Sink(end))

    async def watch() -> None:
        async for _ in plumber.watch(every=60):
            pass

    async with plumber.running():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch(), 5)
        assert (await plumber.ended()).ending == "finished"


@pytest.mark.parametrize("every", [0, -1, float("nan"), "1"])
def test_a_time_that_is_none_is_refused(every: float) -> None:
    with pytest.raises(SettingError, match="every must be a number of seconds above 0"):
        Plumber().watch(every=every)


def test_a_run_that_has_not_begun_cannot_be_watched() -> None:
    with pytest.raises(RunStateError, match="'orders' has not run yet"):
        Plumber("orders").watch()


async def test_another_thread_is_told_to_ask_for_gauges() -> None:
    plumber, errors = Plumber("orders"), list[RunStateError]()
    plumber.connect(Feed[float]()).to(Sink(end))

    def watch() -> None:
        try:
            plumber.watch()
        except RunStateError as error:
            errors.append(error)

    async with plumber.running():
        thread = threading.Thread(target=watch)
        thread.start()
        thread.join()

    assert "'orders' runs in another thread. Call `gauges`" in str(errors[0])
