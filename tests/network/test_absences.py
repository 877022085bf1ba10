"""A broker that is away for long: what becomes of items, of workers and of those who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tests.network.drawings import RUN
from tests.network.test_callers import Caller, Store, submit
from tests.support.clock import Clock
from typedpipes import Failure, Plumber, Processor, Report, Sink, Source, drain
from typedpipes.network.errors import TakenOver
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.wire import Away
from typedpipes.network.worker import work_for
from typedpipes.observe.web.watched import Watched

T = TypeVar("T")

LONG = 100  # seconds; a caller has a minute of patience


def run(act: Callable[[], Awaitable[T]]) -> T:
    """Run a test by a clock of its own, for some minutes of that: what hangs fails."""

    async def in_time() -> T:
        async with asyncio.timeout(1000):
            return await act()

    return Clock().run(in_time())


class Cut:
    """Cuts the wire of a process while it is on, for some verbs or for all."""

    def __init__(self, *verbs: str) -> None:
        self.is_on = False
        self._verbs = verbs

    def __call__(self, verb: str) -> Fault:
        is_cut = self.is_on and (not self._verbs or verb in self._verbs)
        return "before" if is_cut else "none"


def test_an_item_does_not_fail_because_its_trial_cannot_be_noted() -> None:
    failures: list[str] = []
    called = asyncio.Event()

    async def hang_at_first(number: int) -> int:
        if not called.is_set():
            called.set()
            await asyncio.Event().wait()
        return number

    async def mourn(failure: Failure[int]) -> None:
        failures.append(str(failure.error))

    def draw() -> Plumber:
        plumber = Plumber("trying")
        processor = Processor(hang_at_first)
        plumber.connect(Source([1])).to(processor).collect(name="all")
        plumber.failures(processor).to(Sink(mourn))
        return plumber

    async def act() -> Report:
        broker = MemoryBroker()
        cut = Cut("note")
        submitted = asyncio.create_task(submit(draw(), MemoryWire(broker)))
        wire = MemoryWire(broker)
        dying = asyncio.create_task(work_for(wire, RUN, draw().blueprint()))
        await called.wait()
        wire.cut()
        dying.cancel()
        cut.is_on = True
        other = MemoryWire(broker, cut)
        working = asyncio.create_task(work_for(other, RUN, draw().blueprint()))
        await asyncio.sleep(LONG)
        cut.is_on = False
        await working
        return await submitted

    report = run(act)

    assert failures == []
    assert report.collected["all"] == [1]


def test_a_worker_outlasts_any_absence_that_it_has_something_to_say_in() -> None:
    called = asyncio.Event()

    async def end_at_three(number: int) -> None:
        if number == 3:
            called.set()
            await asyncio.sleep(1)
            drain("three")

    def draw() -> Plumber:
        plumber = Plumber("ending")
        plumber.connect(Source(range(5))).to(Sink(end_at_three, buffer=1))
        return plumber

    async def act() -> Report:
        broker = MemoryBroker()
        cut = Cut()
        submitted = asyncio.create_task(submit(draw(), MemoryWire(broker)))
        wire = MemoryWire(broker, cut)
        working = asyncio.create_task(work_for(wire, RUN, draw().blueprint()))
        await called.wait()
        cut.is_on = True
        await asyncio.sleep(LONG)
        cut.is_on = False
        await working
        return await submitted

    report = run(act)

    assert [doom.reason for doom in report.dooms] == ["three"]


def test_a_run_that_the_broker_was_away_from_for_too_long_has_failed() -> None:
    store = Store()
    plumber = store.draw()

    async def act() -> None:
        cut = Cut()
        submitted = asyncio.create_task(submit(plumber, MemoryWire(MemoryBroker(), cut)))
        await asyncio.sleep(1)
        cut.is_on = True
        with pytest.raises(Away):
            await submitted

    run(act)

    assert plumber.gauges().state == "failed"
    assert plumber.report().ending == "failed"


def test_a_page_says_that_the_broker_was_away() -> None:
    plumber = Store().draw()

    async def act() -> bytes:
        wire = MemoryWire(MemoryBroker())
        submitted = asyncio.create_task(submit(plumber, wire))
        await asyncio.sleep(1)
        wire.cut()
        with pytest.raises(Away):
            await submitted
        watched = Watched(plumber, items=False)
        await watched.look()
        return b"".join(watched.since(0))

    assert b"the broker has not done what it was asked for 6" in run(act)


def test_a_caller_that_is_cancelled_while_the_broker_is_away_ends_as_cancelled() -> None:
    store = Store()

    async def act() -> BaseException | None:
        broker = MemoryBroker()
        cut = Cut()
        submitted = asyncio.create_task(submit(store.draw(), MemoryWire(broker, cut)))
        await asyncio.sleep(1)
        cut.is_on = True
        submitted.cancel("enough")
        with pytest.raises(asyncio.CancelledError, match="enough") as caught:
            await submitted
        cut.is_on = False
        await asyncio.sleep(LONG)
        assert not broker.is_empty  # so that it can be resumed
        return caught.value.__cause__

    assert isinstance(run(act), Away)


def test_a_caller_that_is_cancelled_when_another_has_taken_over_leaves_the_run_to_that() -> None:
    store = Store()

    async def act() -> BaseException | None:
        broker = MemoryBroker()
        cut = Cut()
        first = asyncio.create_task(submit(store.draw(), MemoryWire(broker, cut)))
        await asyncio.sleep(1)
        cut.is_on = True
        second = Caller(store.draw(), broker, resume=True)
        await asyncio.sleep(12)
        first.cancel()
        cut.is_on = False
        with pytest.raises(asyncio.CancelledError) as caught:
            await first
        await work_for(MemoryWire(broker), RUN, store.draw().blueprint())
        await second.task
        return caught.value.__cause__

    assert isinstance(run(act), TakenOver)
    assert store.numbers == [*range(20)]
