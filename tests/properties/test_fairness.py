"""Fairness, seen by who has a turn: coroutines that never suspend leave some to others.

Time passes only where a coroutine uses it up, so every call is as long as it says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar

import pytest

from tests.properties.loops import finish
from tests.support.clock import Clock
from typedpipes import (
    Feed,
    InputQueue,
    InputRig,
    Joint,
    OutputQueue,
    Plumber,
    Processor,
    Report,
    Source,
)
from typedpipes.flow.fairness import LONGEST_TURN
from typedpipes.queues.input import _LONGEST_BURST

mark: ContextVar[object] = ContextVar("mark")

SPELL = 0.0001
"""Seconds that one call keeps the event loop to itself."""

MOST = 30
"""Calls in a row. They take five times as long as one may keep the event loop to oneself."""

MANY = 100
"""Nodes or workers, each of which could think that a single call is not too much."""

LONG = 300
"""Items that give a run enough to do."""


class Greedy:
    """A coroutine that never suspends, and counts its calls between two turns of others."""

    def __init__(self, clock: Clock) -> None:
        self.calls = self.most = 0
        self._clock = clock

    async def __call__(self, item: int) -> int:
        self.spend()
        return item

    async def stream(self, item: int) -> AsyncIterator[int]:
        for _ in range(20):
            self.spend()
            yield item

    def spend(self) -> None:
        self.calls += 1
        self.most = max(self.most, self.calls)
        self._clock.now += SPELL

    async def count_turns(self) -> None:
        while True:
            self.calls = 0
            await asyncio.sleep(0)


def numbers(plumber: Plumber) -> Joint[int]:
    return plumber.connect(Source(range(LONG)))


def chain(plumber: Plumber, greedy: Greedy) -> None:
    numbers(plumber).to(Processor(greedy)).to(Processor(greedy)).collect()


def pool(plumber: Plumber, greedy: Greedy) -> None:
    in_order, in_no_order = (Processor(greedy, workers=3, ordered=order) for order in (True, False))
    numbers(plumber).to(in_order).to(in_no_order).collect()


def wide_pool(plumber: Plumber, greedy: Greedy) -> None:
    numbers(plumber).to(Processor(greedy, workers=MANY)).collect()


def streams(plumber: Plumber, greedy: Greedy) -> None:
    numbers(plumber).to(Processor(greedy.stream)).collect()


def sieve(plumber: Plumber, greedy: Greedy) -> None:
    def test(item: int) -> bool:
        greedy.spend()
        return item % 2 == 0

    numbers(plumber).keep(test).collect()


def tasks_of_their_own(plumber: Plumber, greedy: Greedy) -> None:
    async def mark_the_task(item: int) -> int:
        mark.set(object())
        return await greedy(item)

    joint = numbers(plumber)
    for _ in range(MANY):
        joint = joint.to(Processor(mark_the_task))
    joint.collect()


def sources(plumber: Plumber, greedy: Greedy) -> None:
    def make() -> Iterator[int]:
        for item in range(LONG // 10):
            greedy.spend()
            yield item

    plumber.merge(*(Source(make()) for _ in range(MANY))).collect()


def rigs(plumber: Plumber, greedy: Greedy) -> None:
    async def make(queue: OutputQueue[int]) -> None:
        for item in range(LONG // 10):
            greedy.spend()
            await queue.put(item)

    plumber.merge(*(InputRig(make) for _ in range(MANY))).collect()


@pytest.mark.parametrize(
    "shape", [chain, pool, wide_pool, streams, sieve, tasks_of_their_own, sources, rigs]
)
def test_coroutines_that_never_suspend_leave_turns_to_others(
    shape: Callable[[Plumber, Greedy], None],
) -> None:
    clock = Clock()
    greedy = Greedy(clock)

    async def main() -> None:
        plumber = Plumber()
        shape(plumber, greedy)
        others = asyncio.create_task(greedy.count_turns())
        await plumber.run()
        others.cancel()

    finish(main(), clock)

    assert greedy.most <= MOST


def test_a_reader_and_a_feeder_that_never_suspend_leave_turns_to_others() -> None:
    clock = Clock()
    reader, feeder = Greedy(clock), Greedy(clock)

    async def read(queue: InputQueue[int]) -> None:
        async for _ in queue:
            reader.spend()

    async def feed_all(feed: Feed[int]) -> None:
        for item in range(LONG):
            feeder.spend()
            await feed.put(item)
        feed.close()

    async def main() -> None:
        plumber, feed = Plumber(), Feed[int](maxsize=LONG)
        queue = plumber.connect(feed).read(maxsize=LONG)
        others = [asyncio.create_task(each.count_turns()) for each in (reader, feeder)]
        async with asyncio.TaskGroup() as group:
            group.create_task(plumber.run())
            group.create_task(feed_all(feed))
            group.create_task(read(queue))
        for task in others:
            task.cancel()

    finish(main(), clock)

    assert max(reader.most, feeder.most) <= MOST


def test_a_reader_that_never_has_to_wait_leaves_turns_to_others() -> None:
    clock = Clock()
    reader = Greedy(clock)

    async def main() -> None:
        plumber = Plumber()
        queue = numbers(plumber).read(maxsize=LONG)
        async with plumber.running():
            await asyncio.sleep(0)
            others = asyncio.create_task(reader.count_turns())
            async for _ in queue:
                reader.spend()
            others.cancel()

    finish(main(), clock)

    assert reader.most <= 2 * _LONGEST_BURST  # it looks at the clock between two bursts


@pytest.mark.parametrize("shape", [chain, pool])
def test_a_run_goes_on_though_others_use_up_every_turn(
    shape: Callable[[Plumber, Greedy], None],
) -> None:
    clock = Clock()
    greedy = Greedy(clock)

    async def use_up_turns() -> None:
        while True:
            clock.now += 2 * LONGEST_TURN
            await asyncio.sleep(0)

    async def main() -> Report:
        plumber = Plumber()
        shape(plumber, greedy)
        running = asyncio.create_task(plumber.run())
        others = [asyncio.create_task(use_up_turns()) for _ in range(2)]
        report = await running
        for other in others:
            other.cancel()
        return report

    assert finish(main(), clock).ending == "finished"
