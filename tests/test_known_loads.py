"""Twenty random graphs of each load whose cause is known: the verdict names it, every time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from random import Random

import pytest
from attrs import frozen

from tests.support.clock import Clock
from typedpipes import Feed, Joint, Plumber, Processor, Rates, Sink, Source

SECONDS = 20
FOREVER = 10**9
TIMES = 20
POINTS = 0.03

Coro = Callable[[int], Awaitable[int]]


@frozen
class Load:
    """A graph with a load.

    Attributes:
        verdict: how the verdict on it begins.
        busy: the shares of the time in which nodes are busy, where they are known.
    """

    plumber: Plumber
    verdict: str
    busy: Mapping[str, float]


async def ignore(item: object) -> None: ...


async def pass_on(item: int) -> int:
    return item


def waits(seconds: float) -> Coro:
    async def wait(item: int) -> int:
        await asyncio.sleep(seconds)
        return item

    return wait


def computes(clock: Clock, seconds: float) -> Coro:
    async def compute(item: int) -> int:
        clock.now += seconds
        return item

    return compute


def numbers(plumber: Plumber) -> Joint[int]:
    return plumber.connect(Source(range(FOREVER), name="numbers"))


def quick_ones(random: Random, joint: Joint[int], name: str) -> Joint[int]:
    """Add some processors that take little time, each of some workers."""
    for place in range(random.randint(0, 3)):
        workers, buffer = random.choice([1, 1, 3]), random.choice([1, 10, 100])
        joint = joint.to(Processor(pass_on, name=f"{name} {place}", workers=workers, buffer=buffer))
    return joint


def slow_source(random: Random, _: Clock) -> Load:
    every = random.uniform(1, 5)

    async def items() -> AsyncIterator[int]:
        for number in range(FOREVER):
            await asyncio.sleep(every)
            yield number

    plumber = Plumber()
    joint = quick_ones(random, plumber.connect(Source(items, name="items")), "before")
    share = random.uniform(0.1, 0.7)
    joint = joint.to(Processor(waits(share * every), name="stage"))
    quick_ones(random, joint, "behind").to(Sink(ignore))
    return Load(plumber, "the source 'items' is slow", {"items": 1, "stage": share})


def computing_stage(random: Random, clock: Clock) -> Load:
    plumber = Plumber()
    joint = quick_ones(random, numbers(plumber), "before")
    workers = random.choice([1, 1, 2, 4, 16])
    parse = Processor(computes(clock, random.uniform(0.1, 0.9)), name="parse", workers=workers)
    quick_ones(random, joint.to(parse), "behind").to(Sink(ignore))
    # It works on one item at a time however many workers it has.
    return Load(plumber, "the event loop is full: 'parse' computes ", {"parse": 1 / workers})


def all_quick(random: Random, clock: Clock) -> Load:
    plumber, count = Plumber(), random.randint(3, 6)
    joint = numbers(plumber)
    for place in range(count):
        joint = joint.to(Processor(computes(clock, 0.01), name=f"quick {place}"))
    joint.to(Sink(ignore))
    busy = {f"quick {place}": 1 / count for place in range(count)}
    return Load(plumber, "the event loop is full, and no single processor fills it", busy)


def unread_queue(random: Random, _: Clock) -> Load:
    plumber = Plumber()
    quick_ones(random, numbers(plumber), "before").read(maxsize=random.randint(1, 50))
    plumber.connect(Feed[int]()).to(Sink(ignore))  # so that the run is not wedged
    return Load(plumber, "nobody reads 'read'", {"numbers": 0})


def pause(random: Random, _: Clock) -> Load:
    plumber = Plumber()
    held = Processor(waits(random.uniform(0.1, 2)), name="held", workers=random.choice([1, 3]))
    joint = quick_ones(random, numbers(plumber), "before").to(held)
    quick_ones(random, joint, "behind").to(Sink(ignore))
    plumber.pause(held)
    return Load(plumber, "'held' is paused", {"held": 0})


LOADS = [slow_source, computing_stage, all_quick, unread_queue, pause]


async def watch(plumber: Plumber) -> Rates:
    """Return what happens in a while, after a time to settle."""
    async with plumber.running():
        await asyncio.sleep(SECONDS)
        earlier = plumber.gauges()
        await asyncio.sleep(SECONDS)
        rates = plumber.gauges().since(earlier)
        plumber.abort()
    return rates


@pytest.mark.parametrize("load", LOADS)
async def test_the_verdict_is_right_and_so_are_the_shares_in_20_of_20_graphs(
    load: Callable[[Random, Clock], Load], clock: Clock
) -> None:
    random = Random(11)
    for _ in range(TIMES):
        known = load(random, clock)

        rates = await watch(known.plumber)

        assert rates.verdict is not None
        assert rates.verdict.startswith(known.verdict)
        for name, share in known.busy.items():
            assert rates.of(name).busy == pytest.approx(share, abs=POINTS), name
        for each in rates.processors:
            states = (each.busy, each.idle, each.backpressured, each.paused)
            assert sum(states) == pytest.approx(1, abs=POINTS)
