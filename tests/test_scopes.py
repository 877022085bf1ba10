"""Time-outs and task groups that a generator holds open over its `yield` (PEP 789)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    Sink,
    Source,
)


async def pages(url: str) -> AsyncIterator[str]:
    async with asyncio.timeout(60):
        await asyncio.sleep(1)
        for number in range(100):
            yield f"{url}{number}"


async def fail_soon(begun: asyncio.Event) -> None:
    await begun.wait()
    raise OSError("no connection")


async def ignore(item: object) -> None: ...


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("ordered", [True, False])
async def test_a_timeout_that_runs_out_while_it_waits_for_room_is_a_failure_of_its_item(
    clock: Clock, workers: int, ordered: bool
) -> None:
    gate = Gate[str]()
    plumber = Plumber()
    urls = ["a", "b", "c"][:workers]
    lister = Processor(pages, workers=workers, ordered=ordered, window=workers)
    plumber.connect(Source(urls)).to(lister).to(Sink(gate.hold, buffer=1))
    failures = plumber.failures(lister).collect()

    async with plumber.running():
        for seconds in (1, 100):
            await stillness(plumber)
            clock.now += seconds
        await stillness(plumber)
        gate.open()
        report = await plumber.ended()

    assert report.ending == "finished"
    assert sorted(failure.item for failure in failures.items) == urls
    assert {type(failure.error) for failure in failures.items} == {TimeoutError}
    assert report.of(lister).failed == workers


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_task_group_that_fails_while_it_waits_for_room_is_a_failure_of_its_item(
    workers: int,
) -> None:
    broken = asyncio.Event()

    async def watched(url: str) -> AsyncIterator[str]:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail_soon(broken))
            for number in range(100):
                yield f"{url}{number}"

    gate = Gate[str]()
    plumber = Plumber()
    lister = Processor(watched, workers=workers)
    plumber.connect(Source(["a"])).to(lister).to(Sink(gate.hold, buffer=1))
    failures = plumber.failures(lister).collect()

    async with plumber.running():
        await stillness(plumber)
        broken.set()
        await stillness(plumber)
        gate.open()
        await plumber.ended()

    (failure,) = failures.items
    assert "OSError('no connection')" in repr(failure.error)
    assert repr(failure.error).startswith("ExceptionGroup(")


async def test_a_timeout_of_a_source_that_runs_out_while_it_waits_for_room_fails_the_run(
    clock: Clock,
) -> None:
    async def endless() -> AsyncIterator[int]:
        async with asyncio.timeout(60):
            number = 0
            while True:
                yield number
                number += 1

    gate = Gate[int]()
    plumber = Plumber()
    source = Source(endless)
    plumber.connect(source).to(Sink(gate.hold, buffer=1))
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    clock.now += 100
    await stillness(plumber)
    gate.open()

    with pytest.raises(PipelineFailed) as failed:
        await running
    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert isinstance(error.__cause__, TimeoutError)
    assert gate.arrived == list(range(failed.value.report.of(source).emitted))


@pytest.mark.parametrize("workers", [1, 3])
async def test_an_abort_is_seen_by_a_generator_that_waits_for_room(workers: int) -> None:
    seen: list[str] = []

    async def noted(url: str) -> AsyncIterator[str]:
        try:
            while True:
                yield url
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    plumber = Plumber()
    lister = Processor(noted, workers=workers)
    plumber.connect(Source(["a"])).to(lister).to(Sink(Gate[str]().hold, buffer=1))
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.doomsday.put_nowait(Doom("enough", mode="abort"))
    report = await running

    assert seen == ["cancelled"]
    assert report.of(lister).unprocessed == ("a",)


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_generator_that_swallows_an_abort_is_closed(workers: int) -> None:
    seen: list[str] = []

    async def careless(url: str) -> AsyncIterator[str]:
        try:
            while True:
                try:
                    yield url
                except asyncio.CancelledError:
                    seen.append("cancelled")
        finally:
            seen.append("closed")

    plumber = Plumber()
    lister = Processor(careless, workers=workers)
    plumber.connect(Source(["a"])).to(lister).to(Sink(Gate[str]().hold, buffer=1))
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.doomsday.put_nowait(Doom("enough", mode="abort"))
    report = await running

    assert seen == ["cancelled", "closed"]
    assert report.of(lister).unprocessed == ("a",)
    assert report.of(lister).interrupted == 1
