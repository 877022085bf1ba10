"""Feeds that end when idle: loops whose sinks put back what is to go round again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.support.cleanups import ABORT, ended_by, saving
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    Failure,
    Feed,
    First,
    Joint,
    On,
    Plumber,
    Processor,
    QueueClosed,
    Second,
    SettingError,
    Sink,
    Source,
    in_thread,
    switch,
)


async def same(number: int) -> int:
    return number


async def slowly(number: int) -> int:
    await asyncio.sleep(0.1)
    return number


async def once(number: int) -> AsyncIterator[int]:
    yield number


async def each(numbers: list[int]) -> AsyncIterator[int]:
    for number in numbers:
        yield number


async def first_of(pair: tuple[int, int]) -> int:
    return pair[0]


async def unlucky(number: int) -> int:
    raise ValueError(number)


async def mend(outcome: int | Failure[int]) -> int:
    return outcome.item if isinstance(outcome, Failure) else outcome


def parity(number: int) -> First[int] | Second[int]:
    return First(number) if number % 2 else Second(number)


def is_small(number: int) -> bool:
    return number < 100


def rejoined(numbers: Joint[int]) -> Joint[int]:
    odd, even = numbers.split(parity)
    return odd.to(Processor(same, name="odd", workers=2)).rejoin(even)


def with_failures(numbers: Joint[int]) -> Joint[int]:
    failing = Processor(unlucky)
    numbers.to(failing).collect()
    failures = numbers.plumber.failures(failing)
    return failures.to(Processor(mend))


def with_outcomes(numbers: Joint[int]) -> Joint[int]:
    failing = Processor(unlucky, workers=3)
    numbers.to(failing)
    return numbers.plumber.outcomes(failing).to(Processor(mend))


def zipped(numbers: Joint[int]) -> Joint[int]:
    other = numbers.to(Processor(slowly, workers=3)).keep(is_small)
    return numbers.zip(other).to(Processor(first_of))


SEGMENTS: dict[str, Callable[[Joint[int]], Joint[int]]] = {
    "nothing": lambda numbers: numbers,
    "coroutine": lambda numbers: numbers.to(Processor(slowly)),
    "coroutine that never waits": lambda numbers: numbers.to(Processor(same)),
    "many workers": lambda numbers: numbers.to(Processor(slowly, workers=4)),
    "no order": lambda numbers: numbers.to(Processor(slowly, workers=4, ordered=False)),
    "keys": lambda numbers: numbers.to(Processor(slowly, workers=4).keyed(is_small)),
    "threads": lambda numbers: numbers.to(Processor(in_thread(abs), workers=2)),
    "generator": lambda numbers: numbers.to(Processor(once)),
    "generators": lambda numbers: numbers.to(Processor(once, workers=3)),
    "keep": lambda numbers: numbers.keep(is_small),
    "zip": zipped,
    "batch": lambda numbers: numbers.batch(3).to(Processor(each)),
    "batch within": lambda numbers: numbers.batch(3, within=1e6).to(Processor(each)),
    "merge": lambda numbers: numbers.merge(Source([7]), buffer=1),
    "split": rejoined,
    "switch": lambda numbers: numbers.to(
        switch(On(bool, Processor(same, name="bools")), On(int, Processor(slowly)))
    ),
    "failures": with_failures,
    "outcomes": with_outcomes,
}


@pytest.mark.parametrize("segment", SEGMENTS.values(), ids=SEGMENTS)
@pytest.mark.usefixtures("clock")
async def test_a_loop_ends_by_itself_when_nothing_goes_round_any_more(
    segment: Callable[[Joint[int]], Joint[int]],
) -> None:
    seen: list[int] = []
    feed = Feed[int](ends_when_idle=True, maxsize=None)

    async def again(number: int) -> None:
        seen.append(number)
        if number:
            await feed.put(number - 1)

    plumber = Plumber()
    plumber.connect(feed).via(segment).to(Sink(again))
    feed.put_nowait(5)

    report = await plumber.run()

    assert {*range(6)} <= {*seen}
    assert report.ending == "finished"
    assert not [counts for counts in report.counts if counts.unprocessed or counts.undelivered]


async def test_a_loop_may_grow_without_a_bound() -> None:
    seen: list[int] = []
    feed = Feed[int](ends_when_idle=True, maxsize=None)

    async def double(number: int) -> None:
        seen.append(number)
        for child in (2 * number, 2 * number + 1):
            if child < 2000:
                await feed.put(child)

    plumber = Plumber()
    plumber.connect(feed).to(Sink(double, buffer=1))
    feed.put_nowait(1)

    await plumber.run()

    assert sorted(seen) == list(range(1, 2000))


async def test_a_feed_that_ends_when_idle_and_has_nothing_ends_at_once() -> None:
    plumber = Plumber()
    nothing = plumber.connect(Feed[int](ends_when_idle=True)).collect()

    report = await plumber.run()

    assert (nothing.items, report.ending) == ((), "finished")


async def test_a_loop_runs_again() -> None:
    feed = Feed[int](ends_when_idle=True)

    async def again(number: int) -> None:
        if number:
            await feed.put(number - 1)

    plumber = Plumber()
    sink = Sink(again)
    plumber.connect(feed).to(sink)
    feed.put_nowait(3)
    await plumber.run()

    async with plumber.running():
        feed.put_nowait(5)
        report = await plumber.ended()

    assert report.of(sink).completed == 6


@pytest.mark.usefixtures("clock")
async def test_a_loop_stays_open_as_long_as_a_source_may_lead_to_new_items() -> None:
    feed = Feed[str](ends_when_idle=True)

    async def starts() -> AsyncIterator[str]:
        for letter in "abc":
            await asyncio.sleep(10)
            yield letter

    async def add(start: str) -> None:
        await feed.put(start)

    plumber = Plumber()
    plumber.connect(Source(starts)).to(Sink(add))
    seen = plumber.connect(feed).collect()

    await plumber.run()

    assert seen.items == ("a", "b", "c")


@pytest.mark.usefixtures("clock")
async def test_feeds_that_fill_each_other_end_together() -> None:
    seen: list[int] = []
    even, odd = (Feed[int](ends_when_idle=True, name=name) for name in ("even", "odd"))

    async def next_odd(number: int) -> None:
        await asyncio.sleep(number)
        seen.append(number)
        await odd.put(number + 1)

    async def next_even(number: int) -> None:
        await asyncio.sleep(number)
        seen.append(number)
        if number < 9:
            await even.put(number + 1)

    plumber = Plumber()
    plumber.connect(even).to(Sink(next_odd))
    plumber.connect(odd).to(Sink(next_even))
    even.put_nowait(0)

    await plumber.run()

    assert seen == list(range(10))


@pytest.mark.usefixtures("clock")
async def test_a_reader_has_what_it_took_in_hand_until_it_asks_for_more() -> None:
    seen: list[int] = []
    feed = Feed[int](ends_when_idle=True)
    plumber = Plumber()
    numbers = plumber.connect(feed).to(Processor(slowly)).read()
    feed.put_nowait(3)

    async with plumber.running():
        async for number in numbers:
            seen.append(number)
            await asyncio.sleep(10)
            if number:
                await feed.put(number - 1)

    assert seen == [3, 2, 1, 0]


async def test_what_waits_to_be_read_keeps_a_loop_open() -> None:
    feed = Feed[int](ends_when_idle=True)
    plumber = Plumber()
    numbers = plumber.connect(feed).read()
    feed.put_nowait(1)

    async with plumber.running():
        await stillness(plumber)
        await feed.put(2)
        both = [await numbers.get(), await numbers.get()]

    assert both == [1, 2]


async def test_a_queue_that_is_never_used_keeps_no_loop_open() -> None:
    feed = Feed[int](ends_when_idle=True)

    def none(_: int) -> bool:
        return False

    plumber = Plumber()
    plumber.connect(feed).keep(none).read()
    feed.put_nowait(1)

    report = await plumber.run()

    assert report.ending == "finished"


@pytest.mark.usefixtures("clock")
async def test_what_waits_for_a_partner_of_an_idle_feed_gives_up_with_it() -> None:
    def endless() -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    feed = Feed[str](ends_when_idle=True)
    plumber = Plumber()
    pairs = plumber.zip(Source(endless()), feed, buffer=2).collect()
    for letter in "abc":
        feed.put_nowait(letter)

    await plumber.run()

    assert pairs.items == ((0, "a"), (1, "b"), (2, "c"))


@pytest.mark.usefixtures("clock")
async def test_a_full_batch_of_a_loop_does_not_wait_for_the_others_to_rest() -> None:
    lists: list[list[int]] = []
    feed = Feed[int](ends_when_idle=True)

    async def again(numbers: list[int]) -> None:
        lists.append(numbers)
        for number in numbers:
            if number < 10:
                await feed.put(number + 10)

    plumber = Plumber()
    plumber.connect(feed).batch(2).to(Sink(again))
    for number in (1, 2, 3):
        feed.put_nowait(number)

    await plumber.run()

    assert sorted(number for numbers in lists for number in numbers) == [1, 2, 3, 11, 12, 13]


async def test_a_loop_that_is_paused_is_not_idle() -> None:
    feed = Feed[int](ends_when_idle=True)
    plumber = Plumber()
    doubled = Processor(same)
    seen = plumber.connect(feed).to(doubled).collect()
    plumber.pause(doubled)

    async with plumber.running():
        await stillness(plumber)
        await feed.put(1)
        plumber.resume()
        report = await plumber.ended()

    assert (seen.items, report.ending) == ((1,), "finished")


async def test_a_loop_that_drains_keeps_what_was_to_go_round() -> None:
    gate = Gate[int]()
    left: list[int] = []
    feed = Feed[int](ends_when_idle=True, maxsize=None).cleanup(output=saving(left))

    async def again(number: int) -> None:
        await gate(number)
        await feed.put(number + 10)
        await feed.put(number + 20)

    plumber = Plumber()
    sink = Sink(again, buffer=1)
    plumber.connect(feed).to(sink)
    for number in range(4):
        feed.put_nowait(number)

    await ended_by(Doom("enough"), plumber, gate)

    report = plumber.report()
    assert (report.ending, report.of(sink).completed) == ("drained", 2)
    assert left == [2, 3, 10, 20, 11, 21]
    assert list(report.of(feed).undelivered) == left


async def test_a_loop_that_is_aborted_tells_what_was_in_its_feed() -> None:
    gate = Gate[int]()
    left: list[int] = []
    feed = Feed[int](ends_when_idle=True).cleanup(output=saving(left))
    plumber = Plumber()
    plumber.connect(feed).to(Sink(gate.hold, buffer=1))
    for number in range(4):
        feed.put_nowait(number)

    await ended_by(ABORT, plumber, gate)

    assert left == [1, 2, 3]


async def test_a_drain_of_a_loop_may_still_be_aborted() -> None:
    gate = Gate[int]()
    feed = Feed[int](ends_when_idle=True)
    plumber = Plumber()
    sink = Sink(gate.hold)
    plumber.connect(feed).to(sink)
    feed.put_nowait(1)

    async with plumber.running():
        await gate.next_arrival()
        plumber.drain()
        await stillness(plumber)
        feed.put_nowait(2)
        plumber.abort()

    report = plumber.report()
    assert (report.of(sink).interrupted, list(report.of(feed).undelivered)) == (1, [2])


async def test_nothing_more_can_be_put_once_a_loop_has_ended() -> None:
    feed = Feed[int](ends_when_idle=True)
    plumber = Plumber()
    plumber.connect(feed).collect()
    await plumber.run()

    with pytest.raises(QueueClosed):
        await feed.put(1)


def test_only_a_feed_that_ends_when_idle_may_be_without_a_bound() -> None:
    with pytest.raises(SettingError) as refused:
        Feed[int](maxsize=None)

    assert str(refused.value) == (
        "maxsize of 'feed' is None, so it would grow without an end. Set a bound, or "
        "ends_when_idle=True if its own run fills it."
    )
    with pytest.raises(SettingError):
        Feed[int](maxsize=0, ends_when_idle=True)
