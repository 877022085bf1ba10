"""Fairness, seen by who has a turn: coroutines that never suspend leave some to others.

Time is used up, never measured: a slow machine makes the calls longer, and so fewer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic

import pytest

from tests.properties.loops import finish
from typedpipes import Feed, InputQueue, Joint, Plumber, Processor, Source

SPELL = 0.0001
"""Seconds that one call keeps the event loop to itself."""

MOST = 200
"""Calls in a row. They take ten times as long as one may keep the event loop to oneself."""


class Greedy:
    """A coroutine that never suspends, and counts its calls between two turns of others."""

    def __init__(self) -> None:
        self.calls = self.most = 0

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
        until = monotonic() + SPELL
        while monotonic() < until:
            pass

    async def count_turns(self) -> None:
        while True:
            self.calls = 0
            await asyncio.sleep(0)


def chain(joint: Joint[int], greedy: Greedy) -> None:
    joint.to(Processor(greedy)).to(Processor(greedy)).collect()


def pool(joint: Joint[int], greedy: Greedy) -> None:
    joint.to(Processor(greedy, workers=3)).to(Processor(greedy, workers=3, ordered=False)).collect()


def streams(joint: Joint[int], greedy: Greedy) -> None:
    joint.to(Processor(greedy.stream)).collect()


def sieve(joint: Joint[int], greedy: Greedy) -> None:
    def test(item: int) -> bool:
        greedy.spend()
        return item % 2 == 0

    joint.keep(test).collect()


@pytest.mark.parametrize("shape", [chain, pool, streams, sieve])
def test_coroutines_that_never_suspend_leave_turns_to_others(
    shape: Callable[[Joint[int], Greedy], None],
) -> None:
    greedy = Greedy()

    async def main() -> None:
        plumber = Plumber()
        shape(plumber.connect(Source(range(2 * MOST))), greedy)
        others = asyncio.create_task(greedy.count_turns())
        await plumber.run()
        others.cancel()

    finish(main())

    assert greedy.most <= MOST


def test_a_reader_and_a_feeder_that_never_suspend_leave_turns_to_others() -> None:
    reader, feeder = Greedy(), Greedy()

    async def read(queue: InputQueue[int]) -> None:
        async for _ in queue:
            reader.spend()

    async def feed_all(feed: Feed[int]) -> None:
        for item in range(2 * MOST):
            feeder.spend()
            await feed.put(item)
        feed.close()

    async def main() -> None:
        plumber, feed = Plumber(), Feed[int](maxsize=2 * MOST)
        queue = plumber.connect(feed).read(maxsize=2 * MOST)
        others = [asyncio.create_task(each.count_turns()) for each in (reader, feeder)]
        async with asyncio.TaskGroup() as group:
            group.create_task(plumber.run())
            group.create_task(feed_all(feed))
            group.create_task(read(queue))
        for task in others:
            task.cancel()

    finish(main())

    assert max(reader.most, feeder.most) <= MOST
