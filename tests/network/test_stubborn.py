"""Coroutines that keep a cancellation to themselves, in processes that are to leave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tests.network.drawings import RUN, Draw
from tests.support.clock import Clock
from typedpipes import Plumber, Processor, Report, Source
from typedpipes.network.caller import run_route
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.route import route_of
from typedpipes.network.shift import Shift
from typedpipes.network.worker import work_for


async def leave_after_5_s(draw: Draw, *, longest: int) -> Report:
    """Have one process begin a run and leave, and then another one end the run."""
    broker = MemoryBroker()
    blueprint = draw().blueprint()
    route = route_of(blueprint, longest=longest)
    run = asyncio.create_task(run_route(MemoryWire(broker), route, blueprint))
    shift = Shift(grace=1.0)
    async with asyncio.timeout(20):
        async with asyncio.TaskGroup() as group:
            first = work_for(MemoryWire(broker), RUN, draw().blueprint(), shift=shift)
            group.create_task(first)
            await asyncio.sleep(5)
            shift.leave()
        async with asyncio.TaskGroup() as group:
            group.create_task(work_for(MemoryWire(broker), RUN, draw().blueprint()))
            return await run


def test_a_coroutine_that_returns_when_it_is_cancelled_is_the_last_in_its_process() -> None:
    called: list[int] = []

    async def stubborn(number: int) -> str:
        called.append(number)
        if called == [0]:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                return "half done"
        return "done"

    def draw() -> Plumber:
        plumber = Plumber("stubborn")
        plumber.connect(Source(range(5))).to(Processor(stubborn)).collect(name="all")
        return plumber

    report = Clock().run(leave_after_5_s(draw, longest=5))

    assert report.collected["all"] == ["done"] * 5
    assert called == [0, 0, 1, 2, 3, 4]


def test_a_coroutine_that_fails_because_it_is_cancelled_is_called_again_elsewhere() -> None:
    called: list[int] = []

    async def stubborn(number: int) -> int:
        called.append(number)
        if called == [0]:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                raise ConnectionError("closed") from None
        return number

    def draw() -> Plumber:
        plumber = Plumber("stubborn")
        plumber.connect(Source(range(3))).to(Processor(stubborn)).collect(name="all")
        return plumber

    report = Clock().run(leave_after_5_s(draw, longest=1))

    assert report.collected["all"] == [0, 1, 2]
    assert called == [0, 0, 1, 2]


def test_a_generator_that_yields_on_when_it_is_cancelled_keeps_no_process() -> None:
    slow = [True]  # the first process

    async def stubborn(number: int) -> AsyncIterator[int]:
        for part in range(6):
            try:
                yield 10 * number + part
            except asyncio.CancelledError:
                yield -1

    async def pass_on(number: int) -> int:
        if slow[0]:
            try:
                await asyncio.sleep(1000)
            finally:
                slow[0] = False
        return number

    def draw() -> Plumber:
        plumber = Plumber("stubborn")
        parts = plumber.connect(Source([0, 1])).to(Processor(stubborn))
        parts.to(Processor(pass_on, buffer=1)).collect(name="all")
        return plumber

    report = Clock().run(leave_after_5_s(draw, longest=1))

    assert report.collected["all"] == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]
