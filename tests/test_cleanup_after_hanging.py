"""What a coroutine that was left behind had in hand is handed over once."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from tests.support.cleanups import ABORT, ignore, saving
from tests.support.clock import Clock
from tests.support.stillness import stillness
from tests.support.strays import strays
from typedpipes import (
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorHangs,
    Sink,
    Source,
)

SOON = 0.001  # seconds of grace where its end is what is tested
LATER = 0.1  # seconds of grace that are enough for a cleanup, and have to pass


async def test_a_cleanup_gets_the_item_of_a_coroutine_that_never_returned(clock: Clock) -> None:
    left: list[int] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hang(number: int) -> None:
        begun.set()
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            await go_on.wait()

    plumber = Plumber()
    plumber.connect(Source([1, 2])).to(Sink(hang).cleanup(input=saving(left)))
    running = asyncio.create_task(plumber.run(grace=SOON))
    await begun.wait()

    plumber.doomsday.put_nowait(ABORT)

    with pytest.raises(PipelineFailed):
        await running
    assert left == [1, 2]
    left_behind = strays()
    go_on.set()
    await asyncio.wait(left_behind)


@pytest.mark.parametrize("kind", ["one worker", "a fork", "in order", "in no order", "generators"])
async def test_conservation_what_is_left_behind_and_returns_after_all_is_not_delivered_twice(
    kind: str,
    clock: Clock,
) -> None:
    left: dict[str, list[int]] = {"input": [], "output": []}
    begun, go_on, returned = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hang(number: int) -> int:
        begun.set()
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()
        asyncio.get_running_loop().call_soon(returned.set)
        return number

    async def hang_and_yield(number: int) -> AsyncIterator[int]:
        yield await hang(number)

    async def wait_for_it(queue: object) -> None:
        go_on.set()
        await returned.wait()
        await stillness(plumber)

    workers = 1 if kind in ("one worker", "a fork") else 3
    processor: Processor[int, int]
    if kind == "generators":
        processor = Processor(hang_and_yield, workers=workers)
    else:
        processor = Processor(hang, workers=workers, ordered=kind != "in no order")
    processor.cleanup(input=saving(left["input"]), output=saving(left["output"]))
    plumber = Plumber()
    joint = plumber.connect(Source([1]).cleanup(output=wait_for_it)).to(processor)
    joint.to(Sink(ignore))
    if kind == "a fork":
        joint.to(Sink(ignore))
    running = asyncio.create_task(plumber.run(grace=LATER))
    await begun.wait()

    plumber.doomsday.put_nowait(ABORT)

    with pytest.raises(PipelineFailed) as caught:
        await running
    assert left == {"input": [1], "output": []}
    assert [type(error) for error in caught.value.exceptions] == [ProcessorHangs]


async def test_conservation_what_a_fork_gives_when_all_were_left_behind_goes_nowhere(
    clock: Clock,
) -> None:
    left: dict[str, list[int]] = {"input": [], "output": []}
    begun, go_on, returned = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hang(number: int) -> None:
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()

    async def hang_on_two(number: int) -> int:
        if number == 2:
            begun.set()
            await hang(number)
            asyncio.get_running_loop().call_soon(returned.set)
        return number

    async def wait_for_it(queue: object) -> None:
        go_on.set()
        await returned.wait()
        await stillness(plumber)

    processor = Processor(hang_on_two)
    processor.cleanup(input=saving(left["input"]), output=saving(left["output"]))
    plumber = Plumber()
    joint = plumber.connect(Source([1, 2]).cleanup(output=wait_for_it)).to(processor)
    joint.fan_out(Sink(hang, name="one"), Sink(hang, name="other"))
    running = asyncio.create_task(plumber.run(grace=LATER))
    await begun.wait()
    await stillness(plumber)

    plumber.doomsday.put_nowait(ABORT)

    with pytest.raises(PipelineFailed) as caught:
        await running
    assert left == {"input": [2], "output": []}
    assert [type(error) for error in caught.value.exceptions] == [ProcessorHangs] * 3


async def test_an_error_of_a_coroutine_that_was_left_behind_is_logged_by_nobody(
    clock: Clock,
) -> None:
    begun, go_on, logged = asyncio.Event(), asyncio.Event(), list[object]()

    async def hang(number: int) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await go_on.wait()
            raise ValueError("too late") from None

    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(hang))
    running = asyncio.create_task(plumber.run(grace=SOON))
    await begun.wait()
    plumber.doomsday.put_nowait(ABORT)
    with pytest.raises(PipelineFailed):
        await running

    left_behind = strays()
    go_on.set()
    await asyncio.wait(left_behind)
    left_behind.clear()
    gc.collect()

    assert not logged
