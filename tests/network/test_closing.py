"""Cleanup coroutines over a network: called by the caller, once at most, with what is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tests.network.brokers import Connect
from tests.network.drawings import run, submit, workers
from tests.support.clock import Clock
from typedpipes import (
    CleanupFailed,
    Counts,
    InputQueue,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    Resource,
    Sink,
    Source,
)
from typedpipes.network.closing import clean_up
from typedpipes.network.memory import MemoryBroker, MemoryWire

left: list[tuple[str, object]] = []


@pytest.fixture(autouse=True)
def nothing_is_left() -> None:
    left.clear()


async def fail_on_five(number: int) -> int:
    if number == 5:
        raise ValueError("five")
    return number


async def hang(_: int) -> None:
    await asyncio.Event().wait()


async def note_input(queue: InputQueue[int]) -> None:
    left.append(("input", [*queue.drain()]))


async def note_output(queue: OutputQueue[int]) -> None:
    left.append(("output", queue.drain()))


async def note_nothing(_: object) -> None:
    left.append(("anything", None))


def draw() -> Plumber:
    plumber = Plumber("closing")
    failing = Processor(fail_on_five).cleanup(input=note_input, output=note_output)
    end = Sink(hang).cleanup(input=note_input)
    plumber.connect(Source(range(10))).to(failing).to(end)
    return plumber


async def swallow(_: int) -> None:
    """Do nothing."""


async def test_cleanup_coroutines_have_what_is_left_from_upstream_to_downstream(
    connect: Connect,
) -> None:
    async with workers(connect, draw):
        with pytest.raises(PipelineFailed) as caught:
            await submit(connect, draw(), longest=1)

    counts = caught.value.report.counts
    assert left == [
        ("input", [*counts[1].unprocessed]),
        ("output", [0, 1, 2, 3, 4]),
        ("input", [0, 1, 2, 3, 4]),
    ]
    assert counts[1].unprocessed[0] == 5


async def test_after_a_run_that_ends_by_itself_they_have_nothing(connect: Connect) -> None:
    def harmless() -> Plumber:
        plumber = Plumber("closing")
        end = Sink(swallow).cleanup(input=note_input, doomsday=note_nothing)
        plumber.connect(Source(range(3))).to(end)
        return plumber

    await run(connect, harmless)

    assert left == [("input", []), ("anything", None)]


async def test_they_are_called_when_a_run_is_cancelled(connect: Connect) -> None:
    begun = asyncio.Event()

    async def begin(_: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    def hanging() -> Plumber:
        plumber = Plumber("closing")
        plumber.connect(Source([1])).to(Sink(begin).cleanup(input=note_input))
        return plumber

    async with workers(connect, hanging):
        submitted = asyncio.create_task(submit(connect, hanging()))
        await begun.wait()

        submitted.cancel()

        with pytest.raises(asyncio.CancelledError):
            await submitted
    assert left == [("input", [1])]


async def test_one_that_fails_stops_no_other_and_is_in_the_group(connect: Connect) -> None:
    async def fail(_: object) -> None:
        raise OSError("no space")

    def failing() -> Plumber:
        plumber = Plumber("closing")
        first = Processor(fail_on_five, name="first").cleanup(input=fail)
        plumber.connect(Source([1])).to(first).to(Sink(swallow).cleanup(input=note_input))
        return plumber

    with pytest.raises(PipelineFailed) as caught:
        await run(connect, failing)

    (error,) = caught.value.exceptions
    assert isinstance(error, CleanupFailed)
    assert isinstance(error.__cause__, OSError)
    assert left == [("input", [])]


async def test_they_are_passed_resources_that_the_caller_opens(connect: Connect) -> None:
    @asynccontextmanager
    async def table() -> AsyncGenerator[str]:
        yield "a table"

    async def note(_: InputQueue[int], table: str) -> None:
        left.append(("resource", table))

    def equipped() -> Plumber:
        plumber = Plumber("closing")
        plumber.connect(Source([1])).to(Sink(swallow).cleanup(input=Resource(table).into(note)))
        return plumber

    await run(connect, equipped)

    assert left == [("resource", "a table")]


async def two_callers() -> list[str]:
    """Have two callers of one run come to its end, as when the first one died there."""
    wire = MemoryWire(MemoryBroker())
    plumber = Plumber("closing")
    plumber.connect(Source([1])).to(Sink(swallow).cleanup(input=note_input))
    counts: list[Counts[object, object]] = [Counts("source"), Counts("swallow", unprocessed=(1,))]
    first, second = [await clean_up(wire, plumber.blueprint(), counts, (), 1.0) for _ in range(2)]
    assert not first
    return [str(each) for each in second]


def test_one_that_an_earlier_caller_had_begun_is_not_begun_again() -> None:
    failed = Clock().run(two_callers())

    assert left == [("input", [1])]
    assert failed == [
        "the input cleanup coroutine of 'swallow' failed: RunStateError('an earlier caller of this "
        "run had begun it, and nobody knows how far it came')"
    ]
