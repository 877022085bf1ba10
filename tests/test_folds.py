"""Processors that fold: a state of the run that takes items, and gives results when it likes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Literal

import pytest

from tests.support.cleanups import ABORT, ended_by, ignore, saving
from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    NO_ITEM,
    Doom,
    Failure,
    Feed,
    Fold,
    Joint,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    SettingError,
    Sink,
    Source,
    WiringError,
    WiringErrors,
    abort,
)


class Pairs(Fold[int, list[int]]):
    """Gives two at a time, and what is left."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def take(self, item: int, /) -> Iterator[list[int]]:
        self.items.append(item)
        if len(self.items) == 2:
            yield self.rest()

    def tick(self) -> Iterable[list[int]]:
        return [self.rest()] if self.items else ()

    def end(self) -> Iterable[list[int]]:
        return self.tick()

    def rest(self) -> list[int]:
        rest, self.items = self.items, []
        return rest


class Countdown(Fold[int, int]):
    """Gives all numbers down from each, and -1 at the end."""

    def take(self, item: int, /) -> Iterator[int]:
        yield from range(item, 0, -1)

    def end(self) -> list[int]:
        return [-1]


class Total:
    """The sum, at the end: no subclass of anything."""

    def __init__(self, start: int = 0) -> None:
        self.total = start

    def take(self, item: int, /) -> Iterable[int]:
        if item < 0:
            raise ValueError(f"{item} is negative")
        self.total += item
        return ()

    def tick(self) -> Iterable[int]:
        return ()

    def end(self) -> Iterable[int]:
        return [self.total]


async def test_a_fold_gives_results_for_items_and_the_rest_at_its_end() -> None:
    plumber = Plumber()
    pairs = Processor.folding(Pairs)
    collector = plumber.connect(Source(range(5))).to(pairs).collect()

    report = await plumber.run()

    counts = report.of(pairs)
    assert collector.items == ([0, 1], [2, 3], [4])
    assert (counts.received, counts.completed, counts.emitted) == (5, 5, 3)
    assert counts.name == "Pairs"


async def test_a_fold_of_nothing_gives_what_it_has_at_its_end() -> None:
    plumber = Plumber()
    total = plumber.connect(Source[int]([])).to(Processor.folding(Total)).collect()

    await plumber.run()

    assert total.items == (0,)


async def test_the_state_of_a_fold_is_made_anew_for_each_run() -> None:
    plumber = Plumber()
    total = plumber.connect(Source([1, 2])).to(Processor.folding(partial(Total, 10))).collect()

    await plumber.run()
    await plumber.run()

    assert total.items == (13,)


async def test_a_fold_gives_its_rest_in_a_drain() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    pairs = plumber.connect(feed).to(Processor.folding(Pairs)).collect()

    async with plumber.running():
        await feed.put(1)
        await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("enough"))

    assert (pairs.items, plumber.report().ending) == (([1],), "drained")


async def test_a_fold_waits_for_room_for_each_of_its_results() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    fold = Processor.folding(Countdown)
    plumber.connect(Source([5, 3])).to(fold).to(Sink(gate.hold, buffer=1))

    async with plumber.running():
        held = await stillness(plumber)
        gate.open()

    counts = held.of(fold)
    assert (counts.received, counts.in_flight, counts.emitted) == (1, 1, 2)
    assert gate.arrived == [5, 4, 3, 2, 1, 3, 2, 1, -1]


async def test_what_a_fold_holds_at_an_abort_is_undelivered() -> None:
    left: list[int] = []
    gate = Gate[int]()
    plumber = Plumber()
    fold = Processor.folding(Countdown).cleanup(output=saving(left))
    sink = Sink(gate.hold, buffer=1)
    plumber.connect(Source([4, 9])).to(fold).to(sink)

    await ended_by(ABORT, plumber, gate)

    counts = plumber.report().of(fold)
    assert gate.arrived == [4]
    assert left == [3, 2, 1, -1]
    assert list(counts.undelivered) == left
    assert (counts.received, counts.completed, counts.interrupted) == (1, 1, 0)
    assert (counts.emitted, list(counts.unprocessed)) == (5, [9])


async def test_a_fold_whose_readers_have_left_tells_what_it_holds() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    pairs = Processor.folding(Pairs)
    queue = plumber.connect(feed).to(pairs).read()

    async with plumber.running():
        await feed.put(1)
        await stillness(plumber)
        queue.close()
        await plumber.ended()

    counts = plumber.report().of(pairs)
    assert (list(counts.undelivered), plumber.report().ending) == ([[1]], "finished")


async def test_a_fold_ticks_by_the_clock(clock: Clock) -> None:
    feed = Feed[int]()
    plumber = Plumber()
    queue = plumber.connect(feed).to(Processor.folding(Pairs, every=60)).read()

    async with plumber.running():
        began = clock.now
        await asyncio.sleep(90)
        await feed.put(1)
        first, when = await queue.get(), clock.now - began
        feed.close()

    assert (first, when) == ([1], 120)


async def test_ticks_that_the_event_loop_had_no_turn_for_are_left_out(clock: Clock) -> None:
    ticks: list[float] = []

    class Ticking(Countdown):
        def tick(self) -> list[int]:
            ticks.append(clock.now - began)
            return []

    feed = Feed[int]()
    plumber = Plumber()
    plumber.connect(feed).to(Processor.folding(Ticking, every=10)).collect()

    began = clock.now
    async with plumber.running():
        clock.now += 35
        await asyncio.sleep(30)

    assert ticks == [35, 40, 50, 60]


async def test_a_fold_that_is_paused_does_not_tick_and_does_not_end(clock: Clock) -> None:
    feed = Feed[int]()
    plumber = Plumber()
    pairs = Processor.folding(Pairs, every=10)
    collector = plumber.connect(feed).to(pairs).collect()

    async with plumber.running():
        await feed.put(1)
        await stillness(plumber)
        plumber.pause(pairs)
        await asyncio.sleep(100)
        feed.close()
        await asyncio.sleep(100)
        paused = collector.items
        plumber.resume(pairs)
        await plumber.ended()

    assert (paused, collector.items) == ((), ([1],))


async def test_a_fold_that_waits_for_room_does_not_tick_between_two_results(clock: Clock) -> None:
    class Marking(Countdown):
        def tick(self) -> list[int]:
            return [0]

    gate = Gate[int]()
    plumber = Plumber()
    fold = Processor.folding(Marking, every=10)
    plumber.connect(Source([4])).to(fold).to(Sink(gate.hold, buffer=1))

    async with plumber.running():
        await asyncio.sleep(15)
        gate.open()

    assert gate.arrived in ([4, 3, 2, 1, -1], [4, 3, 2, 1, 0, -1])


async def test_an_item_that_a_fold_cannot_take_fails_and_the_state_goes_on() -> None:
    plumber = Plumber()
    total = Processor.folding(Total)
    collector = plumber.connect(Source([1, -5, 2])).to(total).collect()
    failures = plumber.failures(total).collect()

    report = await plumber.run()

    assert collector.items == (3,)
    assert [(failure.item, str(failure.error)) for failure in failures.items] == [
        (-5, "-5 is negative")
    ]
    assert (report.of(total).completed, report.of(total).failed) == (2, 1)


async def test_a_fold_has_outcomes() -> None:
    class Roots(Fold[int, int]):
        def take(self, item: int, /) -> Iterator[int]:
            yield item
            if item < 0:
                raise ValueError("negative")

    plumber = Plumber()
    roots = Processor.folding(Roots)
    plumber.connect(Source([1, -5, 2])).to(roots)
    outcomes = plumber.outcomes(roots).collect()

    await plumber.run()

    shown = [each.item if isinstance(each, Failure) else each for each in outcomes.items]
    assert shown == [1, -5, -5, 2]


async def test_an_item_that_a_fold_cannot_take_ends_a_run_without_a_failures_edge() -> None:
    plumber = Plumber()
    total = Processor.folding(Total)
    plumber.connect(Source([1, -5, 2])).to(total).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert str(failed.value.exceptions[0]) == ("'Total' failed on -5: ValueError('-5 is negative')")
    assert list(failed.value.report.of(total).undelivered) == [1]


class BadEnd(Countdown):
    def end(self) -> list[int]:
        raise OSError("the end")


class BadTick(Countdown):
    def tick(self) -> list[int]:
        raise OSError("a tick")


def bad_make() -> Countdown:
    raise OSError("no state")


@pytest.mark.parametrize(
    ("fold", "why"),
    [
        (Processor.folding(BadEnd, name="fold"), "the end"),
        (Processor.folding(BadTick, name="fold", every=10), "a tick"),
        (Processor.folding(bad_make, name="fold"), "no state"),
    ],
)
@pytest.mark.parametrize("on_failure", ["abort", "drain"])
@pytest.mark.usefixtures("clock")
async def test_what_fails_without_an_item_ends_the_run(
    fold: Processor[int, int], why: str, on_failure: Literal["abort", "drain"]
) -> None:
    async def wait(number: int) -> int:
        await asyncio.sleep(number)
        return number

    plumber = Plumber()
    plumber.connect(Source([5, 100])).to(Processor(wait)).to(fold).to(Sink(ignore))
    plumber.failures(fold).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run(on_failure=on_failure)

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorFailed)
    assert (error.processor, error.item, str(error.__cause__)) == ("fold", NO_ITEM, why)


async def test_an_end_that_fails_in_an_abort_is_told() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    plumber.connect(Source([3])).to(Processor.folding(BadEnd)).to(Sink(gate.hold, buffer=1))

    with pytest.raises(PipelineFailed) as failed:
        await ended_by(ABORT, plumber, gate)

    assert str(failed.value.exceptions[0]) == "'BadEnd' failed: OSError('the end')"


async def test_a_state_may_end_its_run() -> None:
    taken: list[int] = []

    class Aborting(Countdown):
        def take(self, item: int, /) -> Iterator[int]:
            taken.append(item)
            if item == 2:
                abort("enough")
            yield item

    plumber = Plumber()
    fold = Processor.folding(Aborting)
    plumber.connect(Source(range(9))).to(fold).to(Sink(ignore))

    report = await plumber.run()

    counts = report.of(fold)
    assert (taken, report.ending, counts.completed) == ([0, 1, 2], "aborted", 3)
    assert [*counts.undelivered][-2:] == [2, -1]


async def test_a_state_that_returns_no_iterable_is_told_so() -> None:
    taken: list[int] = []

    class Forgetful(Fold[int, int]):
        def take(self, item: int, /) -> list[int]:
            taken.append(item)
            return None  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  # pyrefly: ignore[bad-return]  # ty: ignore[invalid-explicit-return]  # on purpose

    plumber = Plumber()
    fold = Processor.folding(Forgetful)
    plumber.connect(Source([1])).to(fold).collect()
    failures = plumber.failures(fold).collect()

    await plumber.run()

    assert str(failures.items[0].error) == (
        "'take' of 'Forgetful' has to return an iterable of results, not None. "
        "Return a list, or () if there are none; or make it a generator, with `yield`."
    )


def test_a_fold_between_a_fork_and_its_zip_is_refused_by_name() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(3)))
    plumber.zip(numbers, numbers.to(Processor.folding(Total))).collect()

    with pytest.raises(WiringErrors, match="'Total' gives any number of items for one"):
        plumber.blueprint()


def test_a_fold_in_an_exchange_is_refused_by_name() -> None:
    plumber = Plumber()

    def total(numbers: Joint[int]) -> Joint[int]:
        return numbers.to(Processor.folding(Total))

    plumber.exchange(total)

    with pytest.raises(WiringErrors, match="'Total' makes one item of several"):
        plumber.blueprint()


class Awaiting(Countdown):
    async def tick(self) -> list[int]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # pyrefly: ignore[bad-override]  # ty: ignore[incompatible-method-override]  # on purpose
        return []


def test_what_is_no_fold_is_refused_when_it_is_made() -> None:
    with pytest.raises(WiringError, match="'Awaiting' needs a plain function, but 'tick' is async"):
        Processor.folding(Awaiting)
    with pytest.raises(WiringError, match="'Countdown' has no method 'tick' to be called"):
        Processor.folding(Countdown, every=5)
    with pytest.raises(SettingError, match="every of the fold 'Pairs' must be a number of seconds"):
        Processor.folding(Pairs, every=0)
    with pytest.raises(WiringError, match="cannot replace what 'Pairs' folds"):
        Processor.folding(Pairs).replace(Processor.folding(Pairs).coro)


async def test_every_gives_what_arrived_in_each_interval(clock: Clock) -> None:
    feed = Feed[int]()
    plumber = Plumber()
    lists = plumber.connect(feed).every(60).collect()

    async with plumber.running():
        for number, pause in enumerate((10, 45, 10, 150, 5)):
            await feed.put(number)
            await asyncio.sleep(pause)

    assert lists.items == ([0, 1, 2], [3], [4])


async def test_an_interval_with_more_items_than_a_list_holds_gives_several(clock: Clock) -> None:
    feed = Feed[int]()
    plumber = Plumber()
    lists = plumber.connect(feed).every(60, most=2).collect()

    async with plumber.running():
        for number in range(5):
            await feed.put(number)
        await asyncio.sleep(61)
        await feed.put(5)

    assert lists.items == ([0, 1], [2, 3], [4], [5])


async def test_what_an_interval_has_at_an_abort_goes_back_to_what_gave_it() -> None:
    left: list[int] = []
    feed = Feed[int]().cleanup(output=saving(left))
    plumber = Plumber()
    plumber.connect(feed).every(60).collect()

    async with plumber.running():
        feed.put_nowait(1)
        await stillness(plumber)
        plumber.doomsday.put_nowait(ABORT)

    assert left == [1]


async def test_nothing_ticks_in_a_run_that_could_not_begin(clock: Clock) -> None:
    ticks: list[float] = []

    class Ticking(Countdown):
        def tick(self) -> list[int]:
            ticks.append(clock.now)
            return []

    plumber = Plumber()
    broken = plumber.connect(Source([1])).to(Processor.folding(bad_make))
    broken.to(Processor.folding(Ticking, every=1)).every(1).collect()

    with pytest.raises(PipelineFailed):
        await plumber.run()
    await asyncio.sleep(10)

    assert ticks == []
