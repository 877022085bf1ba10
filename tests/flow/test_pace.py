"""The pace: when work that never suspends steps aside, and who goes on after it."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.clock import Clock
from typedpipes.flow.fairness import LONGEST_TURN, Pace


async def test_work_goes_on_until_others_had_no_turn_for_too_long(clock: Clock) -> None:
    pace = Pace()

    assert not pace.tick(clock.now)
    clock.now += 0.9 * LONGEST_TURN
    assert not pace.tick(clock.now)
    clock.now += 0.2 * LONGEST_TURN
    assert pace.tick(clock.now)


async def test_a_suspension_anywhere_counts_as_a_turn_for_others(clock: Clock) -> None:
    pace = Pace()
    pace.tick(clock.now)

    clock.now += 2 * LONGEST_TURN
    await asyncio.sleep(0)

    assert not pace.tick(clock.now)


async def test_those_who_step_aside_together_go_on_in_their_order_as_there_is_time(
    clock: Clock,
) -> None:
    pace = Pace()
    went_on: list[int] = []
    turns: list[int] = []
    turn = 0

    async def work(number: int) -> None:
        await pace.step_aside()
        went_on.append(number)
        turns.append(turn)
        clock.now += 0.4 * LONGEST_TURN

    tasks = [asyncio.create_task(work(number)) for number in range(7)]
    while not all(task.done() for task in tasks):
        turn += 1
        await asyncio.sleep(0)

    assert went_on == list(range(7))
    # In each turn so many that the third begins before its end.
    assert [turns.count(each) for each in sorted(set(turns))] == [3, 3, 1]


async def test_one_that_takes_too_long_is_the_only_one_to_go_on_in_its_turn(clock: Clock) -> None:
    pace = Pace()
    went_on: list[int] = []

    async def work(number: int) -> None:
        await pace.step_aside()
        went_on.append(number)
        clock.now += 2 * LONGEST_TURN

    tasks = [asyncio.create_task(work(number)) for number in range(3)]
    seen: list[int] = []
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        seen.append(len(went_on))

    assert went_on == [0, 1, 2]
    assert all(later - before <= 1 for before, later in zip([0, *seen], seen, strict=False))


async def test_keeping_the_pace_steps_aside_only_if_it_is_time(clock: Clock) -> None:
    pace = Pace()
    others: list[float] = []
    asyncio.get_running_loop().call_soon(lambda: others.append(clock.now))

    await pace.keep()
    assert not others
    clock.now += 2 * LONGEST_TURN
    await pace.keep()
    assert others


async def test_one_that_is_cancelled_while_it_steps_aside_keeps_no_other_waiting() -> None:
    pace = Pace()
    cancelled, other = (asyncio.create_task(pace.step_aside()) for _ in range(2))
    await asyncio.sleep(0)

    cancelled.cancel()
    await other

    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert not pace._aside


def test_a_pace_goes_on_in_another_event_loop() -> None:
    pace = Pace()

    async def work() -> None:
        pace.tick(0.0)  # it asks the loop for a call, which does not come any more
        loop.stop()

    loop = asyncio.new_event_loop()
    task = loop.create_task(work())
    loop.run_forever()
    loop.close()
    assert task.done()

    asyncio.run(pace.step_aside())
