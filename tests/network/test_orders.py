"""Draining, aborting, pausing: what is ordered here or elsewhere reaches all processes of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.network.brokers import Connect, to
from tests.network.drawings import submit_for, submitting, work, workers
from tests.support.clock import Clock
from typedpipes import (
    Doom,
    Feed,
    PipelineFailed,
    Plumber,
    Report,
    RunStateError,
    Sink,
    Source,
    abort,
    drain,
)
from typedpipes.network.doom import Doomsday
from typedpipes.network.facts import Fact
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.orders import ORDERS, Change, Orders, Word, change_orders, orders_on


async def endless() -> AsyncIterator[int]:
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(0.001)


class Seen:
    """What a sink was called with, in whatever process."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.news = asyncio.Event()

    async def note(self, number: int) -> None:
        self.numbers.append(number)
        self.news.set()

    async def more(self) -> None:
        """Wait for another item."""
        self.news.clear()
        await self.news.wait()


def draw(seen: Seen) -> Plumber:
    plumber = Plumber("endless")
    plumber.connect(Source(endless, name="numbers")).to(Sink(seen.note, name="store", buffer=4))
    return plumber


def ends_of(report: Report) -> tuple[int, int]:
    """Return how many items were made, and how many stored."""
    return report.counts[0].received, report.counts[1].completed


async def test_a_drain_at_the_caller_lets_what_is_inside_flow_out(connect: Connect) -> None:
    seen = Seen()
    plumber = draw(seen)

    async with workers(connect, lambda: draw(seen)), asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber))
        await seen.more()
        plumber.drain("it is enough")

    report = submitted.result()
    assert report.ending == "drained"
    assert report.dooms == (Doom("it is enough"),)
    made, stored = ends_of(report)
    assert made == stored == len(seen.numbers)


async def test_a_drain_from_elsewhere_is_one(connect: Connect) -> None:
    seen = Seen()

    async with workers(connect, lambda: draw(seen)), asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, draw(seen)))
        await seen.more()
        async with connect() as wire:
            word = Word("maintenance", "drain", "another process")
            await change_orders(wire, lambda orders: orders.told(word))

    report = submitted.result()
    assert (report.ending, report.dooms) == ("drained", (Doom("maintenance"),))
    made, stored = ends_of(report)
    assert made == stored


async def test_an_abort_cancels_what_is_in_hand_and_counts_what_is_left(connect: Connect) -> None:
    begun = asyncio.Event()
    cancelled: list[int] = []

    async def hang(number: int) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(number)

    def draw_hanging() -> Plumber:
        plumber = Plumber("hanging")
        plumber.connect(Source(range(5))).to(Sink(hang))
        return plumber

    plumber = draw_hanging()
    async with workers(connect, draw_hanging, 2), asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber))
        await begun.wait()
        plumber.abort("too slow")

    report = submitted.result()
    assert (report.ending, report.dooms) == ("aborted", (Doom("too slow", mode="abort"),))
    source, sink = report.counts
    # Some may not have been given yet, or not even made.
    assert source.undelivered == tuple(range(source.received))
    assert sink.unprocessed == source.undelivered[: len(sink.unprocessed)] != ()
    assert cancelled == [0]


async def test_an_abort_reaches_a_worker_that_comes_later(connect: Connect) -> None:
    seen = Seen()
    plumber = draw(seen)
    async with asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber))
        await _until_there_is_a_run(connect)
        plumber.abort()
        await submitted

    await work(connect, draw(seen))

    assert not seen.numbers


async def _until_there_is_a_run(connect: Connect) -> None:
    async with connect() as wire:
        await Fact(wire, "drawing").wait()


@pytest.mark.parametrize("end", [drain, abort])
async def test_a_coroutine_in_a_worker_ends_the_run(
    connect: Connect, end: Callable[[str], None]
) -> None:
    async def stop_at_three(number: int) -> None:
        if number == 3:
            end("three")

    def draw_stopping() -> Plumber:
        plumber = Plumber("stopping")
        plumber.connect(Source(endless)).to(Sink(stop_at_three))
        return plumber

    async with workers(connect, draw_stopping, 2):
        report = await submit_for(connect, draw_stopping())

    assert [doom.reason for doom in report.dooms] == ["three"]
    assert report.ending == ("drained" if end is drain else "aborted")


async def test_a_drain_that_takes_too_long_becomes_an_abort(connect: Connect) -> None:
    begun = asyncio.Event()

    async def hang(_: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    def draw_hanging() -> Plumber:
        plumber = Plumber("hanging")
        plumber.connect(Source([1])).to(Sink(hang))
        return plumber

    plumber = draw_hanging()
    async with workers(connect, draw_hanging, 1), asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber, grace=0.1))
        await begun.wait()
        plumber.drain()

    report = submitted.result()
    assert report.ending == "aborted"
    assert report.dooms[-1].reason == "not everything flowed out within 0.1 s"


async def test_what_is_paused_begins_no_call_until_it_is_resumed(connect: Connect) -> None:
    feed = Feed[int]()
    seen = Seen()
    store = Sink(seen.note, name="store")

    def draw_fed(source: Feed[int], sink: Sink[int]) -> Plumber:
        plumber = Plumber("fed")
        plumber.connect(source).to(sink)
        return plumber

    plumber = draw_fed(feed, store)
    plumber.pause(store)
    async with (
        workers(connect, lambda: draw_fed(Feed[int](), Sink(seen.note, name="store")), 2),
        submitting(connect, plumber),
    ):
        for number in range(4):
            await feed.put(number)
        await _until_it_is_on_the_way(plumber, 4)
        assert not seen.numbers

        plumber.resume(store)

        while len(seen.numbers) < 4:
            await seen.more()
        feed.close()

    assert seen.numbers == [0, 1, 2, 3]
    assert plumber.report().ending in ("finished", "drained")


async def _until_it_is_on_the_way(plumber: Plumber, count: int) -> None:
    """Wait until the sink has so many items before it."""
    async for gauges in plumber.watch(every=0.01):
        if gauges.edges[-1].items == count:
            return


async def test_a_source_that_is_paused_makes_nothing(connect: Connect) -> None:
    made: list[int] = []

    async def numbers() -> AsyncIterator[int]:
        for number in range(3):
            made.append(number)
            yield number

    source = Source(numbers)
    plumber = Plumber("paused")
    plumber.connect(source).collect(name="all")
    plumber.pause(source)

    async with submitting(connect, plumber):
        await asyncio.sleep(0)
        assert not made
        plumber.resume(source)
        await plumber.ended()

    assert plumber.report().collected["all"] == [0, 1, 2]


async def test_a_drain_lifts_a_pause(connect: Connect) -> None:
    seen = Seen()
    plumber = Plumber("paused")
    store = Sink(seen.note)
    plumber.connect(Source([1, 2, 3])).to(store)
    plumber.pause()

    def draw_other() -> Plumber:
        other = Plumber("paused")
        other.connect(Source([1, 2, 3])).to(Sink(seen.note))
        return other

    async with workers(connect, draw_other, 1), asyncio.TaskGroup() as group:
        submitted = group.create_task(submit_for(connect, plumber))
        await _until_there_is_a_run(connect)
        plumber.drain()

    assert submitted.result().ending == "drained"
    assert len(seen.numbers) == submitted.result().counts[0].received


async def test_a_block_that_raises_aborts_the_run(connect: Connect) -> None:
    seen = Seen()
    plumber = draw(seen)

    async def raise_in_the_block() -> None:
        async with workers(connect, lambda: draw(seen), 1), submitting(connect, plumber):
            await seen.more()
            raise ValueError("of the block")

    with pytest.raises(ValueError, match="of the block"):
        await raise_in_the_block()

    assert plumber.report().ending == "aborted"


async def test_a_block_is_cancelled_when_the_run_fails(connect: Connect) -> None:
    async def fail(_: int) -> None:
        raise ValueError("seven")

    def draw_failing() -> Plumber:
        plumber = Plumber("failing")
        plumber.connect(Source([7])).to(Sink(fail))
        return plumber

    with pytest.raises(PipelineFailed, match="failing"):
        async with workers(connect, draw_failing, 1), submitting(connect, draw_failing()):
            await asyncio.Event().wait()


async def test_a_plumber_runs_once_at_a_time_also_over_a_network(connect: Connect) -> None:
    seen = Seen()
    plumber = draw(seen)
    async with workers(connect, lambda: draw(seen), 1), asyncio.TaskGroup() as group:
        group.create_task(submit_for(connect, plumber))
        await seen.more()

        with pytest.raises(RunStateError, match="runs already"):
            await plumber.run()

        plumber.drain()


async def test_of_changes_at_the_same_time_none_is_lost(connect: Connect) -> None:
    plumber = Plumber("fed")
    plumber.connect(Feed[int]()).collect()
    async with submitting(connect, plumber), connect() as one, connect() as other:
        names = [f"node {number}" for number in range(10)]

        def pausing(name: str) -> Change:
            return lambda orders: orders.pausing(frozenset([name]))

        changes = [
            change_orders(wire, pausing(name))
            for wire, name in zip((one, other) * 5, names, strict=True)
        ]
        await asyncio.gather(*changes)

        assert (await orders_on(one)).paused == sorted(names)


def test_the_first_sentence_stands_and_a_doom_lifts_pauses() -> None:
    orders = Orders().pausing(frozenset(["a", "b"])).resuming(frozenset(["b"]))
    assert orders.paused == ["a"]

    aborted = orders.told(Word("first", "abort", "x")).told(Word("second", "abort", "x"))

    assert aborted.paused == []
    assert aborted.sentence is not None
    assert aborted.sentence.reason == "first"
    assert aborted.pausing(frozenset(["a"])) == aborted


@pytest.mark.parametrize("what", ["before", "after"])
def test_a_doom_is_told_once_whatever_is_lost(what: Fault) -> None:
    seen = Seen()

    async def act() -> Report:
        broker = MemoryBroker()
        faults: list[Fault] = [what]
        wire = MemoryWire(
            broker, lambda verb: faults.pop() if verb == "give" and faults else "none"
        )
        async with workers(to(broker), lambda: draw(seen)), asyncio.TaskGroup() as group:
            submitted = group.create_task(submit_for(to(broker), draw(seen)))
            await seen.more()
            await change_orders(wire, lambda orders: orders.told(Word("once", "drain", "another")))
        assert not faults
        return submitted.result()

    report = Clock().run(act())

    assert report.dooms == (Doom("once"),)


def test_dooms_of_one_process_are_told_as_often_as_they_are_put() -> None:
    async def act() -> list[str]:
        broker = MemoryBroker()
        broker.open([ORDERS], b"")
        dooms = Doomsday(MemoryWire(broker))
        for _ in range(2):
            dooms.put(Doom("again"))
        dooms.put(Doom("now", mode="abort"))
        await dooms.rule(asyncio.Event().wait())
        return [word.reason for word in dooms.orders.words]

    assert Clock().run(act()) == ["again", "again", "now"]
