"""Who computes, and how much: for stages of one and of many workers, whatever else they do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from itertools import pairwise
from random import Random

import pytest

from tests.support.clock import Clock
from typedpipes import Gauges, Joint, Plumber, Processor, Rates, Sink, Source

FOREVER = 10**9
POINTS = 0.03

last: ContextVar[int] = ContextVar("last")
WORKERS = [1, 2, 4, 16]

Coro = Callable[[int], Awaitable[int]]


class Work:
    """What a coroutine does for an item: it computes, it waits, and it computes a little more.

    Args:
        clock: moves on while it computes.
        computes: seconds.
        waits: seconds.

    Attributes:
        computed: how many seconds it has computed so far.
    """

    def __init__(self, clock: Clock, computes: float, waits: float = 0.0) -> None:
        self._clock = clock
        self._computes = computes
        self._waits = waits
        self.computed = 0.0

    async def coro(self, item: int) -> int:
        if not self._waits:
            self._compute(self._computes)
            return item
        self._compute(self._computes * 0.75)
        await asyncio.sleep(self._waits)
        self._compute(self._computes * 0.25)
        return item

    async def twice(self, item: int) -> AsyncIterator[int]:
        for _ in range(2):
            yield await self.coro(item)

    def _compute(self, seconds: float) -> None:
        self._clock.now += seconds
        self.computed += seconds


class Seen:
    """What is seen of a run in a while, after a time to settle, and what was so.

    Attributes:
        rates: what the gauges say.
        truth: the share of the time that each work has computed.
    """

    def __init__(self, rates: Rates, truth: list[float]) -> None:
        self.rates = rates
        self.truth = truth

    @property
    def verdict(self) -> str:
        assert self.rates.verdict is not None
        return self.rates.verdict


async def watch(plumber: Plumber, *works: Work, seconds: float = 20) -> Seen:
    async with plumber.running():
        await asyncio.sleep(seconds)
        earlier, before = plumber.gauges(), [work.computed for work in works]
        await asyncio.sleep(seconds)
        later, after = plumber.gauges(), [work.computed for work in works]
        plumber.abort()
    lasted = later.duration - earlier.duration
    truth = [(end - begin) / lasted for begin, end in zip(before, after, strict=True)]
    return Seen(later.since(earlier), truth)


async def pass_on(item: int) -> int:
    return item


async def ignore(item: object) -> None: ...


def numbers(plumber: Plumber) -> Joint[int]:
    return plumber.connect(Source(range(FOREVER), name="numbers"))


def quick_ones(random: Random, joint: Joint[int], name: str) -> Joint[int]:
    """Add some processors that take little time, each of some workers."""
    for place in range(random.randint(0, 2)):
        workers, buffer = random.choice([1, 3]), random.choice([1, 10, 100])
        joint = joint.to(Processor(pass_on, name=f"{name} {place}", workers=workers, buffer=buffer))
    return joint


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("computes", [0.5, 0.002, 0.0002])
async def test_a_stage_that_only_computes_is_named_however_many_workers_it_has(
    workers: int, computes: float, clock: Clock
) -> None:
    random = Random(workers)
    for ordered in (True, False):
        plumber, work = Plumber(), Work(clock, computes)
        joint = quick_ones(random, numbers(plumber), "before")
        joint = joint.to(Processor(work.coro, name="parse", workers=workers, ordered=ordered))
        quick_ones(random, joint, "behind").to(Sink(ignore))

        seen = await watch(plumber, work, seconds=max(40 * computes, 0.2))

        assert seen.verdict.startswith("the event loop is full: 'parse' computes ")
        assert seen.rates.of("parse").computing == pytest.approx(seen.truth[0], abs=POINTS)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("computes", [0.5, 0.002])
async def test_of_a_stage_that_computes_and_waits_it_is_known_how_much_of_each(
    workers: int, computes: float, clock: Clock
) -> None:
    random = Random(workers)
    for ordered in (True, False):
        plumber, work = Plumber(), Work(clock, computes, computes)
        joint = quick_ones(random, numbers(plumber), "before")
        joint = joint.to(Processor(work.coro, name="parse", workers=workers, ordered=ordered))
        quick_ones(random, joint, "behind").to(Sink(ignore))

        seen = await watch(plumber, work, seconds=60 * computes)

        assert seen.rates.of("parse").computing == pytest.approx(seen.truth[0], abs=POINTS)
        if workers == 1:
            assert seen.truth[0] == pytest.approx(0.5, abs=POINTS)
            assert seen.verdict.startswith("'parse' is the bottleneck: ")
        elif workers > 2:
            assert seen.truth[0] == pytest.approx(1, abs=POINTS)
            assert seen.verdict.startswith("the event loop is full: 'parse' computes ")


@pytest.mark.parametrize("workers", WORKERS)
async def test_of_two_stages_that_compute_the_heavier_one_is_named(
    workers: int, clock: Clock
) -> None:
    random = Random(workers)
    for _ in range(4):
        plumber, light, heavy = Plumber(), Work(clock, 0.1), Work(clock, 0.4)
        stages = [
            Processor(light.coro, name="light", workers=random.choice(WORKERS), buffer=1),
            Processor(heavy.coro, name="heavy", workers=workers, buffer=1),
        ]
        random.shuffle(stages)
        numbers(plumber).to(stages[0]).to(stages[1]).to(Sink(ignore, buffer=1))

        seen = await watch(plumber, light, heavy)

        assert seen.truth[1] > 0.7
        assert seen.rates.of("light").computing == pytest.approx(seen.truth[0], abs=POINTS)
        assert seen.rates.of("heavy").computing == pytest.approx(seen.truth[1], abs=POINTS)
        assert seen.verdict.startswith("the event loop is full: 'heavy' computes ")


@pytest.mark.parametrize("workers", WORKERS)
async def test_a_cheap_stage_beside_an_expensive_one_is_not_blamed(
    workers: int, clock: Clock
) -> None:
    for waits in (0.0, 0.3):
        plumber, cheap, dear = Plumber(), Work(clock, 0.001, 0.5), Work(clock, 0.3, waits)
        fork = numbers(plumber)
        fork.to(Processor(cheap.coro, name="cheap", workers=16)).to(Sink(ignore, name="one end"))
        fork.to(Processor(dear.coro, name="dear", workers=workers)).to(
            Sink(ignore, name="other end")
        )

        seen = await watch(plumber, cheap, dear)

        assert seen.rates.of("cheap").computing == pytest.approx(seen.truth[0], abs=POINTS)
        assert seen.rates.of("dear").computing == pytest.approx(seen.truth[1], abs=POINTS)
        if workers > 2 or not waits:
            assert seen.verdict.startswith("the event loop is full: 'dear' computes ")


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("waits", [0.0, 0.2])
async def test_of_a_generator_it_is_known_as_well(workers: int, waits: float, clock: Clock) -> None:
    plumber, work = Plumber(), Work(clock, 0.2, waits)
    numbers(plumber).to(Processor(work.twice, name="split", workers=workers)).to(Sink(ignore))

    seen = await watch(plumber, work)

    assert seen.rates.of("split").computing == pytest.approx(seen.truth[0], abs=POINTS)


@pytest.mark.parametrize("waits", [0.0, 0.2])
async def test_of_a_source_that_is_an_async_generator_it_is_known_as_well(
    waits: float, clock: Clock
) -> None:
    plumber, work = Plumber(), Work(clock, 0.2, waits)

    async def items() -> AsyncIterator[int]:
        for number in range(FOREVER):
            yield await work.coro(number)

    plumber.connect(Source(items, name="items")).to(Processor(pass_on)).to(Sink(ignore))

    seen = await watch(plumber, work)

    assert seen.rates.of("items").computing == pytest.approx(seen.truth[0], abs=POINTS)
    if not waits:
        assert seen.verdict.startswith("the event loop is full: 'items' computes ")


async def test_of_sources_that_take_turns_each_has_what_it_computes_itself(clock: Clock) -> None:
    plumber, works = Plumber(), [Work(clock, 0.1), Work(clock, 0.3)]

    def items(work: Work) -> Callable[[], AsyncIterator[int]]:
        async def iterate() -> AsyncIterator[int]:
            for number in range(FOREVER):
                yield await work.coro(number)

        return iterate

    for name, work in zip(["light", "heavy"], works, strict=True):
        source = plumber.connect(Source(items(work), name=name))
        source.to(Sink(ignore, name=f"behind {name}"))

    seen = await watch(plumber, *works)

    assert seen.rates.of("light").computing == pytest.approx(seen.truth[0], abs=POINTS)
    assert seen.rates.of("heavy").computing == pytest.approx(seen.truth[1], abs=POINTS)


@pytest.mark.parametrize("workers", WORKERS)
async def test_of_a_stage_with_keys_it_is_known_as_well(workers: int, clock: Clock) -> None:
    def key(item: int) -> int:
        return item % 5

    plumber, work = Plumber(), Work(clock, 0.2, 0.2)
    numbers(plumber).to(Processor(work.coro, name="add", workers=workers).keyed(key)).to(
        Sink(ignore)
    )

    seen = await watch(plumber, work)

    assert seen.rates.of("add").computing == pytest.approx(seen.truth[0], abs=POINTS)


@pytest.mark.parametrize("workers", WORKERS)
async def test_calls_that_only_compute_and_calls_that_only_wait_are_told_apart(
    workers: int, clock: Clock
) -> None:
    plumber, computes, waits = Plumber(), Work(clock, 0.06), Work(clock, 0.0, 0.04)

    async def work(item: int) -> int:
        return await (computes if item % 2 else waits).coro(item)

    numbers(plumber).to(Processor(work, name="parse", workers=workers)).to(Sink(ignore))

    seen = await watch(plumber, computes)

    assert seen.rates.of("parse").computing == pytest.approx(seen.truth[0], abs=POINTS)


@pytest.mark.parametrize("waits", [0.0, 0.2])
async def test_of_a_stage_with_a_task_of_its_own_it_is_known_as_well(
    waits: float, clock: Clock
) -> None:
    plumber, work = Plumber(), Work(clock, 0.2, waits)

    async def parse(item: int) -> int:
        last.set(item)  # so nothing else may go on in its task
        return await work.coro(item)

    numbers(plumber).to(Processor(parse)).to(Sink(ignore))

    seen = await watch(plumber, work)

    assert seen.rates.of("parse").computing == pytest.approx(seen.truth[0], abs=POINTS)


async def test_a_call_that_waited_until_it_was_cancelled_did_not_compute(clock: Clock) -> None:
    plumber, work = Plumber(), Work(clock, 0.2, FOREVER)
    numbers(plumber).to(Processor(work.coro, name="fetch")).to(Sink(ignore))
    async with plumber.running():
        await asyncio.sleep(100)
        plumber.abort()

    gauges = plumber.gauges()

    (fetch,) = (each for each in gauges.processors if each.name == "fetch")
    assert fetch.busy == pytest.approx(100, abs=1)
    assert fetch.computing < 1


async def test_a_pool_that_waits_for_a_turn_is_not_told_to_widen_its_window(
    clock: Clock,
) -> None:
    plumber, waits, other = Plumber(), Work(clock, 0.0, 50), Work(clock, 0.85, 0.15)

    async def fetch(item: int) -> int:
        return await waits.coro(item) if item % 10 == 0 else item

    async def items() -> AsyncIterator[int]:
        for number in range(FOREVER):
            yield await other.coro(number)

    numbers(plumber).to(Processor(fetch, workers=5, window=5)).to(Sink(ignore))
    plumber.connect(Source(items, name="items")).to(Sink(ignore, name="other end"))

    seen = await watch(plumber, seconds=100)

    assert seen.rates.of("fetch").backpressured > 0.5
    assert seen.rates.loop_busy == pytest.approx(0.85, abs=POINTS)
    assert seen.rates.verdict is None


async def test_calls_that_seldom_wait_are_measured_nevertheless(clock: Clock) -> None:
    plumber, computes, waits = Plumber(), Work(clock, 0.01), Work(clock, 0.2, 0.2)

    async def work(item: int) -> int:
        return await (computes if item % 10 else waits).coro(item)

    numbers(plumber).to(Processor(work, name="parse")).to(Sink(ignore))

    seen = await watch(plumber, computes, waits)

    assert seen.rates.of("parse").computing == pytest.approx(sum(seen.truth), abs=POINTS)


async def test_a_call_that_began_before_a_look_fills_no_more_than_the_time_since(
    clock: Clock,
) -> None:
    async def call(item: int) -> int:
        clock.now += 10
        looks.append(plumber.gauges())
        await asyncio.sleep(0)
        clock.now += 1
        return item

    plumber, looks = Plumber(), list[Gauges]()
    plumber.connect(Source(range(9))).to(Processor(call, name="call")).to(Sink(ignore))

    await plumber.run()

    shares = [later.since(earlier).of("call").computing for earlier, later in pairwise(looks)]
    assert max(shares) == 1


async def test_a_blocked_event_loop_is_a_full_one(clock: Clock) -> None:
    """What blocks takes no processor time, so only the calls themselves can tell."""
    plumber, work = Plumber(), Work(clock, 0.9, 0.1)
    numbers(plumber).to(Processor(work.coro, name="parse", workers=4)).to(Sink(ignore))

    seen = await watch(plumber, work)

    assert seen.rates.loop_busy == pytest.approx(1, abs=POINTS)
