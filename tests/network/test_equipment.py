"""Resources of calls that overlap: each has its own, opened in the process that calls."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.network.brokers import Connect, in_memory
from tests.network.drawings import run, submit, submit_for, work
from typedpipes import Plumber, Processor, Resource, ResourceFailed, Source
from typedpipes.network.shift import Shift
from typedpipes.network.wire import Gone


class Desk:
    """Knows whether it is open, and whether somebody is at it."""

    def __init__(self) -> None:
        self.is_open = True
        self.is_taken = False

    async def use(self, number: int) -> int:
        assert self.is_open
        assert not self.is_taken
        self.is_taken = True
        await asyncio.sleep(0.001)
        self.is_taken = False
        return number


async def test_each_of_the_calls_that_overlap_has_a_resource_to_itself(connect: Connect) -> None:
    desks: list[Desk] = []

    @asynccontextmanager
    async def desk() -> AsyncGenerator[Desk]:
        desks.append(Desk())
        task = asyncio.current_task()
        try:
            yield desks[-1]
        finally:
            assert asyncio.current_task() is task
            for each in desks:
                each.is_open = False

    async def use(number: int, desk: Desk) -> int:
        return await desk.use(number)

    async def use_twice(number: int, desk: Desk) -> AsyncIterator[int]:
        yield await desk.use(number)
        yield await desk.use(-number)

    def draw() -> Plumber:
        plumber = Plumber("desks")
        once = Processor(Resource(desk, per="worker").into(use), workers=3)
        twice = Processor(Resource(desk, per="worker").into(use_twice), workers=2)
        plumber.connect(Source(range(40))).to(once).to(twice).collect(name="numbers")
        return plumber

    report = await run(connect, draw, count=1)

    assert report.collected["numbers"] == [sign * each for each in range(40) for sign in (1, -1)]
    assert 2 < len(desks) <= 5
    assert not any(each.is_open for each in desks)


async def test_a_worker_that_cannot_open_a_resource_gives_up_and_others_go_on() -> None:
    class ShutError(Exception):
        pass

    def draw(*, shut: bool) -> Plumber:
        @asynccontextmanager
        async def desk() -> AsyncGenerator[Desk]:
            if shut:
                raise ShutError
            yield Desk()

        async def use(number: int, desk: Desk) -> int:
            return await desk.use(number)

        plumber = Plumber("desks")
        processor = Processor(Resource(desk, per="worker").into(use))
        plumber.connect(Source(range(10))).to(processor).collect(name="numbers")
        return plumber

    async with in_memory() as connect:
        submitted = asyncio.create_task(submit(connect, draw(shut=False)))
        with pytest.raises(ResourceFailed) as caught:
            await work(connect, draw(shut=True))

        await work(connect, draw(shut=False))

        assert (await submitted).collected["numbers"] == [*range(10)]
    assert (caught.value.resource, caught.value.users) == ("desk", ("use",))
    assert isinstance(caught.value.__cause__, ShutError)


@pytest.mark.usefixtures("clock")
async def test_a_resource_that_is_still_opening_at_an_abort_is_given_up() -> None:
    opening = asyncio.Event()
    given_up: list[BaseException] = []

    @asynccontextmanager
    async def desk() -> AsyncGenerator[Desk]:
        opening.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            given_up.append(error)
            raise
        yield Desk()

    async def use(number: int, desk: Desk) -> int:
        return await desk.use(number)

    def draw() -> Plumber:
        plumber = Plumber("desks")
        processor = Processor(Resource(desk, per="worker").into(use))
        plumber.connect(Source(range(10))).to(processor).collect(name="numbers")
        return plumber

    plumber = draw()
    async with in_memory() as connect, asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber))
        working = group.create_task(work(connect, draw()))
        await opening.wait()
        plumber.abort("it does not open")
        await asyncio.wait([submitted, working], timeout=10)
        assert working.done()

    assert len(given_up) == 1
    assert submitted.result().counts[1].received == 0


class Opening:
    """A resource whose opening does not come to an end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[int]:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        yield 1

    async def add(self, number: int, more: int) -> int:
        return number + more

    def draw(self) -> Plumber:
        plumber = Plumber("opening")
        adding = Processor(Resource(self.open).into(self.add), name="add")
        plumber.connect(Source([1])).to(adding).collect(name="all")
        return plumber


async def test_an_abort_at_the_caller_cancels_what_a_worker_opens(connect: Connect) -> None:
    opening = Opening()
    plumber = opening.draw()
    async with asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber))
        group.create_task(work(connect, opening.draw()))
        await opening.begun.wait()

        plumber.abort("enough")

    assert submitted.result().ending == "aborted"
    assert opening.cancelled.is_set()


async def test_a_worker_that_is_to_leave_opens_nothing_more(connect: Connect) -> None:
    opening, shift = Opening(), Shift()
    plumber = opening.draw()
    async with asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber))
        working = group.create_task(work(connect, opening.draw(), shift=shift))
        await opening.begun.wait()

        shift.signalled(signal.SIGTERM)
        await working

        assert opening.cancelled.is_set()
        assert not submitted.done()
        plumber.abort("enough")


async def test_what_opening_raises_comes_out_also_a_timeout(connect: Connect) -> None:
    @asynccontextmanager
    async def slow() -> AsyncGenerator[int]:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
        yield 1

    async def add(number: int, more: int) -> int:
        return number + more

    def draw() -> Plumber:
        plumber = Plumber("slow")
        adding = Processor(Resource(slow).into(add), name="add")
        plumber.connect(Source([1])).to(adding).collect(name="all")
        return plumber

    plumber = draw()
    async with asyncio.TaskGroup() as group:
        group.create_task(submit_for(connect, plumber))

        with pytest.raises(TimeoutError):
            await work(connect, draw())

        plumber.abort("enough")


async def test_what_was_opened_is_closed_as_usual_when_the_run_is_forgotten(
    connect: Connect,
) -> None:
    called = asyncio.Event()
    closed: list[str] = []

    @asynccontextmanager
    async def one() -> AsyncGenerator[int]:
        try:
            yield 1
        except BaseException as error:
            closed.append(type(error).__name__)
            raise
        closed.append("as usual")

    async def add(number: int, _: int) -> int:
        called.set()
        await asyncio.Event().wait()
        return number

    def draw() -> Plumber:
        plumber = Plumber("adding")
        adding = Processor(Resource(one).into(add), name="add")
        plumber.connect(Source([1])).to(adding).collect(name="all")
        return plumber

    working = asyncio.create_task(work(connect, draw()))
    submitted = asyncio.create_task(submit_for(connect, draw()))
    await called.wait()
    async with connect() as wire:
        await wire.forget()

    with pytest.raises(Gone):
        await submitted
    await working

    assert closed == ["as usual"]
