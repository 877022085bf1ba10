"""Promise 7: doomsday is a queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from attrs import frozen

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    DoomsdayQueue,
    Feed,
    Plumber,
    Processor,
    RunStateError,
    Sink,
    Source,
    abort,
    doomsday,
    drain,
)


@frozen
class PowerCut(Doom):
    """A doom with more to say."""

    minutes: int = 0


async def ignore(item: object) -> None: ...


async def test_doomsday_may_be_put_by_anyone_who_has_the_plumber() -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())

    await plumber.doomsday.put(Doom("enough"))

    report = await running
    assert report.ending == "drained"
    assert report.dooms == (Doom("enough"),)


async def test_doomsday_is_reached_by_a_coroutine_through_a_context_variable() -> None:
    async def stop(number: int) -> None:
        if number == 3:
            await doomsday.get().put(Doom(f"found {number}", mode="abort"))

    plumber = Plumber()
    plumber.connect(Source(range(1000))).to(Sink(stop))

    report = await plumber.run()

    assert report.ending == "aborted"
    assert report.dooms == (Doom("found 3", mode="abort"),)


async def test_a_coroutine_may_drain_its_run() -> None:
    async def stop(number: int) -> int:
        if number == 3:
            drain("found")
        return number

    plumber = Plumber()
    collector = plumber.connect(Source(range(1000))).to(Processor(stop)).collect()

    report = await plumber.run()

    assert report.ending == "drained"
    assert report.dooms == (Doom("found"),)
    assert collector.items == tuple(range(report.counts[0].emitted))


async def test_a_coroutine_may_abort_its_run() -> None:
    async def stop(number: int) -> None:
        if number == 3:
            abort()
            await asyncio.Event().wait()

    plumber = Plumber()
    sink = Sink(stop)
    plumber.connect(Source(range(1000))).to(sink)

    report = await plumber.run()

    assert report.ending == "aborted"
    assert report.dooms == (Doom("no reason was given", mode="abort"),)
    assert report.of(sink).unprocessed[0] == 3


@pytest.mark.parametrize("end", [drain, abort])
async def test_there_is_nothing_to_end_outside_of_a_run(end: Callable[[], None]) -> None:
    with pytest.raises(RunStateError, match="there is no run to end here"):
        end()


async def test_a_plumber_that_is_drained_before_its_run_ends_it_at_once() -> None:
    plumber = Plumber()
    collector = plumber.connect(Feed[int]()).collect()
    plumber.drain("never mind")

    report = await plumber.run()

    assert report.ending == "drained"
    assert report.dooms == (Doom("never mind"),)
    assert collector.items == ()


async def test_each_coroutine_reaches_the_doomsday_queue_of_its_own_run() -> None:
    seen: dict[str, DoomsdayQueue] = {}

    async def see(name: str) -> None:
        seen[name] = doomsday.get()

    shared = Sink(see)
    plumbers = {name: Plumber(name) for name in ("first", "second")}
    for name, plumber in plumbers.items():
        plumber.connect(Source([name])).to(shared)

    await asyncio.gather(*(plumber.run() for plumber in plumbers.values()))

    assert {name: plumber.doomsday for name, plumber in plumbers.items()} == seen


async def test_a_doom_may_carry_more() -> None:
    got: list[int] = []

    async def read(dooms: DoomsdayQueue) -> None:
        got.extend([doom.minutes async for doom in dooms if isinstance(doom, PowerCut)])

    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore).cleanup(doomsday=read))

    async with plumber.running():
        plumber.doomsday.put_nowait(PowerCut("power cut", minutes=5))

    assert got == [5]
    assert plumber.report().dooms == (PowerCut("power cut", minutes=5),)


async def test_of_several_dooms_the_strictest_wins_and_all_are_in_the_report() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    slow = Processor(gate)
    plumber.connect(Source([1])).to(slow).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()
    dooms = (Doom("tired"), Doom("fire", mode="abort"), Doom("tired again"))

    for doom in dooms:
        plumber.doomsday.put_nowait(doom)

    report = await running
    assert report.ending == "aborted"
    assert report.of(slow).interrupted == 1
    assert report.dooms == dooms


async def test_a_doom_put_before_the_run_ends_it_as_it_starts() -> None:
    plumber = Plumber()
    sink = Sink(ignore)
    plumber.connect(Source([1])).to(sink)
    plumber.doomsday.put_nowait(Doom("never mind", mode="abort"))

    report = await plumber.run()

    assert report.ending == "aborted"
    assert report.of(sink).received == 0


async def test_a_doom_ends_one_run_and_not_the_next() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1])).collect()
    plumber.doomsday.put_nowait(Doom("never mind", mode="abort"))
    await plumber.run()

    report = await plumber.run()

    assert report.ending == "finished"
    assert report.dooms == ()
    assert collector.items == (1,)


async def test_a_doom_may_be_awaited_while_the_run_goes_on() -> None:
    plumber = Plumber()
    plumber.connect(Feed[int]()).to(Sink(ignore))

    async with plumber.running():
        waiting = asyncio.create_task(plumber.doomsday.get())
        await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("enough"))

    assert await waiting == Doom("enough")
    assert plumber.report().dooms == (Doom("enough"),)
