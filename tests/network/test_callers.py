"""Callers that die and are followed by others, that wait for a broker, and what they see."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from msgspec import msgpack

from tests.network.drawings import RUN
from tests.support.clock import Clock
from typedpipes import Feed, Plumber, Processor, Report, Sink, Source
from typedpipes.gauges import Gauges
from typedpipes.grace import Grace
from typedpipes.network.errors import NotResumed, OtherDrawing, RunExists, TakenOver
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.orders import ORDERS, Orders, Word
from typedpipes.network.record import Made, Tally, decode, encode
from typedpipes.network.submission import begun
from typedpipes.network.wire import Away, NotMyTurn, Stored, Wire
from typedpipes.network.worker import work_for


class Store:
    """What a sink was called with."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._watched: dict[int, asyncio.Event] = {}

    async def store(self, number: int) -> None:
        await asyncio.sleep(0.1)
        self.numbers.append(number)
        if number in self._watched:
            self._watched[number].set()

    async def has(self, number: int) -> None:
        await self._watched.setdefault(number, asyncio.Event()).wait()

    def draw(self, count: int = 20, name: str = "numbers") -> Plumber:
        plumber = Plumber("storing")
        source = Source(range(count), name=name)
        plumber.connect(source).to(Sink(self.store, name="store", buffer=4))
        return plumber


@asynccontextmanager
async def connected(wire: MemoryWire) -> AsyncGenerator[Wire]:
    yield wire


async def submit(plumber: Plumber, wire: MemoryWire, *, resume: bool = False) -> Report:
    async with begun(
        plumber, connected(wire), RUN, resume=resume, longest=1, grace=Grace()
    ) as caller:
        return (await caller.outcome()).result()


class Caller:
    """A process that has submitted a run, and can die."""

    def __init__(self, plumber: Plumber, broker: MemoryBroker, *, resume: bool = False) -> None:
        self._wire = MemoryWire(broker)
        self.task = asyncio.create_task(submit(plumber, self._wire, resume=resume))

    async def die(self) -> None:
        self._wire.cut()
        self.task.cancel()
        with suppress(asyncio.CancelledError, Away):
            await self.task


def test_a_run_whose_caller_died_is_resumed_by_its_name() -> None:
    store = Store()

    async def act() -> Report:
        broker = MemoryBroker()
        first = Caller(store.draw(), broker)
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        await store.has(7)
        await first.die()
        report = await submit(store.draw(), MemoryWire(broker), resume=True)
        await working
        return report

    report = Clock().run(act())

    assert store.numbers == [*range(20)]
    assert [each.received for each in report.counts] == [20, 20]
    assert report.ending == "finished"


def test_a_run_whose_caller_died_twice_is_resumed_twice() -> None:
    store = Store()

    async def act() -> Report:
        broker = MemoryBroker()
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        for number in (3, 9):
            caller = Caller(store.draw(), broker)
            if number == 9:
                await caller.die()
                caller.task = asyncio.create_task(
                    submit(store.draw(), wire := MemoryWire(broker), resume=True)
                )
                await store.has(number)
                wire.cut()
                caller.task.cancel()
                with suppress(asyncio.CancelledError, Away):
                    await caller.task
            else:
                await store.has(number)
                await caller.die()
        report = await submit(store.draw(), MemoryWire(broker), resume=True)
        await working
        return report

    report = Clock().run(act())

    assert store.numbers == [*range(20)]
    assert report.counts[0].received == 20


def test_to_resume_what_there_is_not_is_to_begin() -> None:
    store = Store()

    async def act() -> Report:
        broker = MemoryBroker()
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        report = await submit(store.draw(), MemoryWire(broker), resume=True)
        await working
        return report

    report = Clock().run(act())

    assert report.counts[0].received == 20


def test_a_run_whose_caller_is_alive_is_not_resumed() -> None:
    store = Store()

    async def act() -> None:
        broker = MemoryBroker()
        first = Caller(store.draw(), broker)
        await asyncio.sleep(1)
        with pytest.raises(RunExists, match="has a caller, which is alive"):
            await submit(store.draw(), MemoryWire(broker), resume=True)
        assert not first.task.done()
        await work_for(MemoryWire(broker), RUN, store.draw().blueprint())
        await first.task

    Clock().run(act())

    assert store.numbers == [*range(20)]


class StaleWire(MemoryWire):
    """The wire of a process whose server leads a cluster no more, and has not noticed.

    It says what the orders were, until it is to change them.
    """

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self._known: Stored | None = None
        self._has_noticed = False

    async def last(self, stream: str) -> Stored:
        stored = await super().last(stream)
        if stream != ORDERS.name or self._has_noticed:
            return stored
        self._known = self._known or stored
        return self._known

    async def give(
        self, stream: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        try:
            return await super().give(stream, record, after, name=name, behind=behind)
        except NotMyTurn:
            self._has_noticed = True
            raise


def test_a_run_whose_caller_only_seems_silent_is_not_resumed() -> None:
    store = Store()

    async def act() -> None:
        broker = MemoryBroker()
        first = Caller(store.draw(), broker)
        await asyncio.sleep(1)
        with pytest.raises(RunExists, match="has a caller, which is alive"):
            async with asyncio.timeout(60):
                await submit(store.draw(), StaleWire(broker), resume=True)
        await work_for(MemoryWire(broker), RUN, store.draw().blueprint())
        await first.task

    Clock().run(act())

    assert store.numbers == [*range(20)]


def test_a_run_of_another_drawing_is_not_resumed() -> None:
    store = Store()

    async def act() -> None:
        broker = MemoryBroker()
        first = Caller(store.draw(), broker)
        await asyncio.sleep(1)
        await first.die()
        with pytest.raises(OtherDrawing, match="there it has Source 'numbers'"):
            await submit(store.draw(name="others"), MemoryWire(broker), resume=True)

    Clock().run(act())


async def double(number: int) -> int:
    await asyncio.sleep(0.1)
    return 2 * number


def test_what_a_dead_caller_had_collected_is_not_passed_over() -> None:
    collected: list[Sequence[int]] = []

    def draw() -> Plumber:
        plumber = Plumber("collecting")
        results = plumber.connect(Source(range(10))).to(Processor(double))
        collected.append(results.collect(name="doubles").items)
        return plumber

    async def act() -> None:
        broker = MemoryBroker()
        first = Caller(draw(), broker)
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, draw().blueprint()))
        await asyncio.sleep(0.55)
        await first.die()
        with pytest.raises(NotResumed, match=r"had collected or read [45] items in 'doubles'"):
            await submit(draw(), MemoryWire(broker), resume=True)
        working.cancel()
        await asyncio.wait([working])

    Clock().run(act())


def test_a_caller_that_was_frozen_finds_that_another_has_taken_over() -> None:
    store = Store()

    async def act() -> None:
        broker = MemoryBroker()
        frozen = False

        def fault(_: str) -> Fault:
            return "before" if frozen else "none"

        first = asyncio.create_task(submit(store.draw(), MemoryWire(broker, fault)))
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        await store.has(3)
        frozen = True
        second = asyncio.create_task(submit(store.draw(), MemoryWire(broker), resume=True))
        await asyncio.sleep(11)
        frozen = False
        with pytest.raises(TakenOver):
            await first
        await second
        await working

    Clock().run(act())

    assert store.numbers == [*range(20)]


def test_what_a_frozen_caller_gives_until_it_is_succeeded_is_left_out() -> None:
    store = Store()

    async def act() -> Report:
        broker = MemoryBroker()
        first = Caller(store.draw(), broker)
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        await store.has(7)
        await first.die()
        given: list[int] = []

        def give_as_the_first(verb: str) -> Fault:
            if verb == "give" and not given:  # the second one is just taking over
                last = broker.last("numbers")
                head = decode(last.data, "numbers")
                given.extend(range(head.tally.received, head.tally.received + 2))
                items = {place: msgpack.encode(number) for place, number in enumerate(given)}
                made = Made(items, tally=Tally(2, 2, emitted=2), length=2)
                record = head.followed_by(made, {0: head.of(0).adding(head.of(0).floor + 1)})
                broker.give("numbers", encode(record), last.sequence)
            return "none"

        wire = MemoryWire(broker, give_as_the_first)
        report = await submit(store.draw(), wire, resume=True)
        await working
        assert given
        return report

    report = Clock().run(act())

    assert store.numbers == [*range(20)]
    assert report.counts[0].received == 20


def test_a_drain_that_comes_before_the_run_has_begun_counts() -> None:
    store = Store()

    async def act() -> Report:
        broker = MemoryBroker()
        asked: list[str] = []

        def drain_first(verb: str) -> Fault:
            if verb == "last" and not asked:
                asked.append(verb)
                orders = Orders().told(Word("too early", "drain", "another process"))
                broker.give(ORDERS.name, msgpack.encode(orders), 1)
            return "none"

        submitted = asyncio.create_task(submit(store.draw(), MemoryWire(broker, drain_first)))
        await work_for(MemoryWire(broker), RUN, store.draw().blueprint())
        return await submitted

    report = Clock().run(act())

    assert report.ending == "drained"
    assert [doom.reason for doom in report.dooms] == ["too early"]


def test_a_feed_goes_on_with_what_is_put_into_it_now() -> None:
    store = Store()

    def draw(feed: Feed[int]) -> Plumber:
        plumber = Plumber("fed")
        plumber.connect(feed).to(Sink(store.store, name="store"))
        return plumber

    async def act() -> Report:
        broker = MemoryBroker()
        feed = Feed[int]()
        first = Caller(draw(feed), broker)
        working = asyncio.create_task(
            work_for(MemoryWire(broker), RUN, draw(Feed[int]()).blueprint())
        )
        await feed.put(1)
        await store.has(1)
        await first.die()
        other = Feed[int]()
        other.put_nowait(2)
        other.close()
        report = await submit(draw(other), MemoryWire(broker), resume=True)
        await working
        return report

    report = Clock().run(act())

    assert store.numbers == [1, 2]
    assert report.counts[0].received == 2


# A broker that is away


def test_a_caller_waits_for_a_broker_and_says_since_when(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Store()
    seen: list[Gauges] = []
    caplog.set_level(logging.WARNING)

    async def act() -> None:
        broker = MemoryBroker()
        away = False

        def fault(_: str) -> Fault:
            return "before" if away else "none"

        plumber = store.draw()
        submitted = asyncio.create_task(submit(plumber, MemoryWire(broker, fault)))
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        await store.has(3)
        away = True
        await asyncio.sleep(30)
        seen.append(plumber.gauges())
        away = False
        await submitted
        seen.append(plumber.gauges())
        await working

    Clock().run(act())

    assert store.numbers == [*range(20)]
    assert seen[0].wedge is not None
    assert seen[0].wedge.startswith("the broker has not done what it was asked for 30 s: ")
    assert seen[1].wedge is None
    said = [record.message for record in caplog.records]
    assert said[0].startswith("the broker has not done what it was asked for")
    assert said[1] in {"the broker is back after 30 s", "the broker is back after 31 s"}


def test_a_caller_does_not_wait_for_ever_and_its_run_stays() -> None:
    store = Store()

    async def act() -> None:
        broker = MemoryBroker()
        first = Caller(store.draw(), broker)
        await asyncio.sleep(1)
        first._wire.cut()
        with pytest.raises(Away, match=r"has not done what it was asked for 6[01] s"):
            await first.task
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        await submit(store.draw(), MemoryWire(broker), resume=True)
        await working

    Clock().run(act())

    assert store.numbers == [*range(20)]


# What is seen of a run


async def slowly(number: int) -> int:
    await asyncio.sleep(1)
    return number


def test_gauges_at_the_caller_are_those_of_the_whole_run() -> None:
    seen: list[Gauges] = []

    def draw() -> Plumber:
        plumber = Plumber("slow")
        steps = plumber.connect(Source(range(40))).to(
            Processor(slowly, name="step", workers=2, buffer=4)
        )
        steps.collect(name="all")
        return plumber

    async def watch(plumber: Plumber) -> None:
        seen.extend([gauges async for gauges in plumber.watch(every=1.0)])

    async def act() -> Report:
        broker = MemoryBroker()
        plumber = draw()
        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(work_for(MemoryWire(broker), RUN, draw().blueprint()))
            async with begun(
                plumber, connected(MemoryWire(broker)), RUN, longest=1, grace=Grace()
            ) as caller:
                group.create_task(watch(plumber))
                return (await caller.outcome()).result()
        raise AssertionError

    report = Clock().run(act())

    middle = seen[len(seen) // 2]
    step = middle.processors[1]
    assert middle.state == "running"
    assert 0 < step.completed < 40
    assert (step.state, step.workers) == ("busy", 2)
    assert 0 < middle.edges[0].items <= 4
    assert step.busy > 0.5 * middle.duration
    verdict = middle.since(seen[len(seen) // 4]).verdict
    assert verdict is not None
    assert "'step' is the bottleneck: its 2 workers are busy" in verdict
    last = seen[-1]
    assert last.state == report.ending == "finished"
    assert [each.completed for each in last.processors] == [40, 40, 40]


def test_a_report_in_the_middle_counts_what_the_records_have_told() -> None:
    store = Store()

    async def act() -> Report:
        broker = MemoryBroker()
        plumber = store.draw()
        submitted = asyncio.create_task(submit(plumber, MemoryWire(broker)))
        working = asyncio.create_task(work_for(MemoryWire(broker), RUN, store.draw().blueprint()))
        await store.has(5)
        await asyncio.sleep(0.01)
        report = plumber.report()
        await submitted
        await working
        return report

    report = Clock().run(act())

    assert report.ending == "running"
    assert report.counts[1].completed == 6
