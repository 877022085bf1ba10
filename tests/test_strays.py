"""What is left between and inside fittings reaches a cleanup coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from typedpipes import Doom, OutputQueue, Plumber, Sink, Source


def natural(number: int) -> bool:
    return number >= 0


async def test_conservation_items_between_two_keeps_go_to_who_gave_them() -> None:
    begun = asyncio.Event()
    left: list[int] = []

    async def hold(number: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def take_back(queue: OutputQueue[int]) -> None:
        left.extend(queue.drain())

    plumber = Plumber()
    source = Source(range(300)).cleanup(output=take_back)
    sink = Sink(hold, buffer=1)
    plumber.connect(source).keep(natural).keep(natural).to(sink)
    running = asyncio.create_task(plumber.run())
    await begun.wait()
    plumber.doomsday.put_nowait(Doom("enough", mode="abort"))
    report = await running

    seen = [*report.of(sink).unprocessed, *left]
    assert sorted(seen) == list(range(report.of(source).emitted))


async def test_conservation_an_unfinished_batch_goes_back_to_who_gave_it() -> None:
    left: list[str] = []

    async def take_back(queue: OutputQueue[str]) -> None:
        left.extend(queue.drain())

    async def three() -> AsyncIterator[str]:
        for letter in "abc":
            yield letter
        plumber.doomsday.put_nowait(Doom("enough", mode="abort"))
        await asyncio.Event().wait()

    plumber = Plumber()
    lists = plumber.connect(Source(three).cleanup(output=take_back)).batch(10).collect()
    await plumber.run()

    assert (lists.items, sorted(left)) == ((), ["a", "b", "c"])


async def test_conservation_an_item_left_in_several_branches_goes_back_once() -> None:
    left: list[int] = []

    async def take_back(queue: OutputQueue[int]) -> None:
        left.extend(queue.drain())

    def above_one(number: int) -> bool:
        if number == 6:
            plumber.doomsday.put_nowait(Doom("enough", mode="abort"))
        return number > 1

    async def seven() -> AsyncIterator[int]:
        for number in range(7):
            yield number
        await asyncio.Event().wait()

    plumber = Plumber()
    source = Source(seven).cleanup(output=take_back)
    kept = plumber.connect(source).keep(natural)
    kept.batch(4).collect()
    kept.batch(5).collect()
    plumber.connect(source).keep(natural).keep(above_one).batch(10).collect()
    await plumber.run()

    assert len(left) == len(set(left))
    assert {2, 3, 4, 5, 6} <= set(left)
