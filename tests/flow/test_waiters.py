"""Tasks that wait at an end of an edge."""

from __future__ import annotations

import asyncio

import pytest

from typedpipes.flow.waiting import Waiters


async def begin(waiters: Waiters, count: int) -> list[asyncio.Task[None]]:
    """Begin that many tasks, which wait."""
    tasks = [asyncio.create_task(waiters.wait()) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_a_wake_up_reaches_all_that_wait() -> None:
    waiters = Waiters()
    tasks = await begin(waiters, 3)

    waiters.wake()
    waiters.wake()
    await asyncio.gather(*tasks)

    assert not waiters._waiting


async def test_a_reader_that_leaves_wakes_all_that_wait_for_room() -> None:
    waiters = Waiters()
    tasks = await begin(waiters, 2)

    waiters.reader_left()
    await asyncio.sleep(0)

    assert all(task.done() for task in tasks)


async def test_a_wake_up_is_not_kept_for_those_who_wait_later() -> None:
    waiters = Waiters()
    waiters.wake()

    (task,) = await begin(waiters, 1)

    assert not task.done()
    waiters.wake()
    await task


async def test_one_that_is_cancelled_leaves_no_trace_and_the_others_waiting() -> None:
    waiters = Waiters()
    cancelled, other = await begin(waiters, 2)

    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled

    assert len(waiters._waiting) == 1
    assert not other.done()
    waiters.wake()
    await other


async def test_one_that_is_cancelled_after_the_wake_up_leaves_no_trace() -> None:
    waiters = Waiters()
    (task,) = await begin(waiters, 1)

    waiters.wake()
    task.cancel()
    waiters.wake()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert not waiters._waiting


async def test_what_is_cancelled_and_woken_in_the_same_turn_does_not_stop_the_wake_up() -> None:
    waiters = Waiters()
    cancelled, other = await begin(waiters, 2)

    cancelled.cancel()
    waiters.wake()

    await other
    with pytest.raises(asyncio.CancelledError):
        await cancelled
