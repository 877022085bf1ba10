"""Workers that come too late, that leave while others go on, and that die of an item."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from tests.network.brokers import Connect
from tests.network.drawings import RUN, draw, run, submit, submit_for, work
from tests.network.poison import Poisoned
from tests.support.clock import Clock
from typedpipes import Plumber, Processor, Report, Resource, Sink, Source
from typedpipes.network.caller import run_route
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.route import route_of
from typedpipes.network.shift import Shift
from typedpipes.network.wire import Stored, Taken
from typedpipes.network.worker import work_for


async def test_a_worker_that_comes_after_its_run_ends_at_once(connect: Connect) -> None:
    await run(connect, draw, count=1)

    await work(connect, draw())


async def test_a_worker_that_is_to_wait_works_for_one_run_after_the_other(
    connect: Connect,
) -> None:
    opened: list[str] = []

    @asynccontextmanager
    async def table() -> AsyncGenerator[str]:
        opened.append("opened")
        yield "doubles"

    async def double_by(number: int, _: str) -> int:
        return 2 * number

    def draw_equipped() -> Plumber:
        plumber = Plumber("doubling")
        doubling = Processor(Resource(table).into(double_by), name="double")
        plumber.connect(Source([1, 2, 3])).to(doubling).collect(name="doubles")
        return plumber

    await run(connect, draw_equipped, count=1)
    shift = Shift()
    waiting = asyncio.create_task(work(connect, draw_equipped(), shift=shift, wait=True))

    reports = [await submit(connect, draw_equipped()) for _ in range(3)]

    assert [report.collected["doubles"] for report in reports] == [[2, 4, 6]] * 3
    shift.leave()
    await waiting
    assert len(opened) == 1 + 3  # each run once


async def test_a_worker_that_comes_before_a_run_waits_for_it(connect: Connect) -> None:
    early = asyncio.create_task(work(connect, draw()))
    await asyncio.sleep(0)

    report = await submit(connect, draw())

    await early
    assert report.collected["doubles"] == [2, 4, 6]


class Crossing:
    """A coroutine that waits in the middle, and says which numbers it was called with."""

    def __init__(self) -> None:
        self.called: list[int] = []
        self.begun = asyncio.Event()
        self.may_go = asyncio.Event()

    async def cross(self, number: int) -> int:
        self.called.append(number)
        self.begun.set()
        await self.may_go.wait()
        return number

    def draw(self) -> Plumber:
        plumber = Plumber("crossing")
        plumber.connect(Source([1, 2, 3])).to(Processor(self.cross)).collect(name="all")
        return plumber


async def test_a_worker_that_leaves_finishes_what_is_in_hand(connect: Connect) -> None:
    crossing, shift = Crossing(), Shift()
    async with asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, crossing.draw()))
        leaving = group.create_task(work(connect, crossing.draw(), shift=shift))
        await crossing.begun.wait()

        assert shift.signalled(signal.SIGTERM)
        crossing.may_go.set()
        await leaving

        assert crossing.called == [1]
        group.create_task(work(connect, crossing.draw()))

    assert submitted.result().collected["all"] == [1, 2, 3]
    assert crossing.called == [1, 2, 3]


async def test_others_get_at_once_what_a_worker_cannot_finish(connect: Connect) -> None:
    crossing, shift = Crossing(), Shift(grace=0.05)
    async with asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, crossing.draw()))
        leaving = group.create_task(work(connect, crossing.draw(), shift=shift))
        await crossing.begun.wait()

        shift.leave()
        await leaving
        crossing.may_go.set()
        group.create_task(work(connect, crossing.draw()))

    assert submitted.result().collected["all"] == [1, 2, 3]
    assert crossing.called == [1, 1, 2, 3]


async def test_a_second_signal_is_not_patient(connect: Connect) -> None:
    crossing, shift = Crossing(), Shift(grace=1000)
    async with asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, crossing.draw()))
        leaving = group.create_task(work(connect, crossing.draw(), shift=shift))
        await crossing.begun.wait()

        taken = [shift.signalled(signal.SIGTERM) for _ in range(3)]
        await leaving

        assert taken == [True, True, False]
        crossing.may_go.set()
        group.create_task(work(connect, crossing.draw()))

    assert submitted.result().ending == "finished"


def test_the_first_signal_is_that_also_for_a_worker_that_leaves_already() -> None:
    """Its parent may have got the same signal, and told it so before."""

    async def play() -> None:
        shift = Shift(grace=1000)
        shift.took(Taken(Stored(2, b""), "in hand"))
        shift.leave()

        shift.signalled(signal.SIGTERM)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(500):
                await shift.left()
        shift.signalled(signal.SIGTERM)
        async with asyncio.timeout(1):
            await shift.left()

    Clock().run(play())


async def test_a_worker_that_waits_for_a_run_leaves_at_a_signal(connect: Connect) -> None:
    shift = Shift()
    waiting = asyncio.create_task(work(connect, draw(), shift=shift))
    await asyncio.sleep(0)

    shift.leave()

    await waiting


# Items that end their process


class Swallowing(Poisoned):
    """Passes numbers on, some of which end the process."""

    def __init__(self, poison: Sequence[int], *, workers: int, count: int = 30) -> None:
        super().__init__()
        self._poison = poison
        self._workers = workers
        self._count = count

    async def _swallow(self, number: int) -> int:
        if number in self._poison:
            await asyncio.sleep(0.01)
            await self.die()
        await asyncio.sleep(0.05)  # so that it is in progress when a poison beside it works
        return number

    @override
    def draw(self) -> Plumber:
        plumber = Plumber("poisoned")
        swallowing = Processor(self._swallow, workers=self._workers)
        plumber.connect(Source(range(self._count))).to(swallowing).collect(name="numbers")
        plumber.failures(swallowing).to(Sink(self.note, name="failures"))
        return plumber


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("longest", [1, 5])
def test_items_that_end_their_process_fail_and_no_others_do(workers: int, longest: int) -> None:
    poison = [3, 4, 17]

    async def play() -> tuple[Swallowing, Report]:
        poisoned = Swallowing(poison, workers=workers)
        return poisoned, await poisoned.run(longest)

    poisoned, report = Clock().run(play())

    assert report.collected["numbers"] == [each for each in range(30) if each not in poison]
    assert [each.item for each in poisoned.failed] == poison
    assert poisoned.kinds == {"typedpipes.nats.WorkerDied"}
    assert poisoned.deaths <= 3 * len(poison)


def test_an_item_that_was_only_cancelled_again_and_again_does_not_fail() -> None:
    called: list[int] = []

    async def slow(number: int) -> int:
        called.append(number)
        await asyncio.sleep(100)
        return number

    def draw_slow() -> Plumber:
        plumber = Plumber("slow")
        plumber.connect(Source([7])).to(Processor(slow)).collect(name="all")
        return plumber

    async def play() -> Report:
        broker = MemoryBroker()
        blueprint = draw_slow().blueprint()
        submitted = asyncio.create_task(
            run_route(MemoryWire(broker), route_of(blueprint), blueprint)
        )
        for _ in range(6):
            shift = Shift(grace=1.0)
            working = asyncio.create_task(
                work_for(MemoryWire(broker), RUN, draw_slow().blueprint(), shift=shift)
            )
            await asyncio.sleep(5)
            shift.leave()
            await working
        last = asyncio.create_task(work_for(MemoryWire(broker), RUN, draw_slow().blueprint()))
        report = await submitted
        await last
        return report

    report = Clock().run(play())

    assert report.collected["all"] == [7]
    assert called == [7] * 7
