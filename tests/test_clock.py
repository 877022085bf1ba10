"""The clock of tests: it moves only when a test, or a timer, moves it."""

from __future__ import annotations

import asyncio
import sys
import time

from tests.support.clock import Clock
from typedpipes import Plumber, Sink, Source


async def test_a_sleep_takes_no_time_and_moves_the_clock(clock: Clock) -> None:
    began, before = time.monotonic(), clock.now

    await asyncio.sleep(1e6)

    assert clock.now - before == 1e6
    assert time.monotonic() - began < 1e6


async def test_timers_come_in_their_order(clock: Clock) -> None:
    calls: list[int] = []
    loop = asyncio.get_running_loop()
    for seconds in (30, 10, 20):
        loop.call_later(seconds, calls.append, seconds)

    await asyncio.sleep(25)

    assert calls == [10, 20]


async def test_a_clock_that_a_coroutine_moves_makes_timers_late(clock: Clock) -> None:
    before, woken = clock.now, asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)

    clock.now += 100
    await woken

    assert clock.now - before == 100


async def test_threads_are_waited_for_where_nothing_else_is(clock: Clock) -> None:
    before = clock.now

    assert await asyncio.to_thread(sum, [1, 2]) == 3

    assert clock.now == before


def test_each_look_takes_as_long_as_it_is_said_to() -> None:
    clock = Clock(look=0.5)

    assert clock() - clock() == -0.5


async def test_the_whole_library_goes_by_the_clock(clock: Clock) -> None:
    wall = (time, time.time, time.monotonic, time.perf_counter)
    library = {name: sys.modules[name] for name in sys.modules if name.startswith("typedpipes.")}

    others = [
        f"{name} has {told}"
        for name, module in library.items()
        for told, value in vars(module).items()
        if any(value is each for each in wall)
    ]

    assert not others


async def test_a_run_lasts_as_long_as_the_clock_says(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Source([10, 20])).to(Sink(asyncio.sleep))

    assert (await plumber.run()).duration == 30
