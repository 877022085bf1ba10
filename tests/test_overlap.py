"""Stages that wait overlap, wherever they stand between those that do not wait."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.clock import Clock
from typedpipes import Plumber, Processor, Sink, Source

ARRANGEMENTS = [
    "".join(kinds) for length in range(1, 6) for kinds in itertools.product("qw", repeat=length)
]
"""Which stages of a chain are quick, and which wait: all, up to five stages."""

ITEMS = 10


async def quick(item: int) -> int:
    return item


async def wait(item: int) -> int:
    await asyncio.sleep(1)
    return item


STAGES: dict[str, Callable[[int], Awaitable[int]]] = {"q": quick, "w": wait}


async def seconds_of(clock: Clock, plumber: Plumber) -> float:
    before = clock.now
    await plumber.run()
    return clock.now - before


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
async def test_a_chain_takes_as_long_as_one_of_its_stages_that_wait(
    clock: Clock, arrangement: str
) -> None:
    plumber = Plumber()
    joint = plumber.connect(Source(range(ITEMS)))
    for kind in arrangement:
        joint = joint.to(Processor(STAGES[kind], buffer=2))
    collector = joint.collect()

    seconds = await seconds_of(clock, plumber)

    # While one stage has the last item, the one before has none any more: so each stage that
    # waits adds one second to the ten of the first.
    waiting = arrangement.count("w")
    assert seconds == pytest.approx(ITEMS + waiting - 1 if waiting else 0)
    assert collector.items == tuple(range(ITEMS))


@pytest.mark.parametrize("arrangement", ARRANGEMENTS[:14])  # of up to three stages
async def test_branches_of_a_fork_wait_at_the_same_time(clock: Clock, arrangement: str) -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(ITEMS)))
    for kind in arrangement:
        numbers.to(Processor(STAGES[kind])).to(Sink(wait_and_forget))

    seconds = await seconds_of(clock, plumber)

    assert seconds == pytest.approx(ITEMS + ("w" in arrangement))


async def wait_and_forget(item: int) -> None:
    await wait(item)


@pytest.mark.parametrize("arrangement", ["w", "qw", "wq", "www"])
async def test_stages_overlap_with_a_pool_and_with_a_source_that_waits(
    clock: Clock, arrangement: str
) -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in range(ITEMS):
            await asyncio.sleep(1)
            yield number

    plumber = Plumber()
    joint = plumber.connect(Source(numbers)).to(Processor(wait, workers=4))
    for kind in arrangement:
        joint = joint.to(Processor(STAGES[kind]))
    joint.collect()

    seconds = await seconds_of(clock, plumber)

    assert seconds == pytest.approx(ITEMS + 1 + arrangement.count("w"))
