"""What a report counts is what coroutines did, whatever kind of node they are in.

`completed` is what the other numbers leave of `received`, so these always add up. Here each
coroutine counts for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import pytest

from tests.support.stillness import stillness
from typedpipes import (
    Counts,
    Feed,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    Report,
    Sink,
    Source,
)

R = TypeVar("R")

LAST = 20
"""The item from which on everybody waits until the gate is open."""

MANY = 60
"""Items of a source: more than fit into all edges."""


class Counting:
    """A coroutine that fails on every third item, and counts what became of its calls."""

    def __init__(self) -> None:
        self.completed = self.failed = self.interrupted = self.in_flight = 0
        self.gate = asyncio.Event()

    async def __call__(self, number: int) -> int:
        self.in_flight += 1
        try:
            await asyncio.sleep(0)
            if number >= LAST:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.interrupted += 1
            raise
        finally:
            self.in_flight -= 1
        if number % 3 == 0:
            self.failed += 1
            raise ValueError(number)
        self.completed += 1
        return number

    async def stream(self, number: int) -> AsyncIterator[int]:
        yield await self(number)

    async def swallow(self, number: int) -> None:
        await self(number)


def of(report: Report, name: str) -> Counts[object, object]:
    """Return the counts of a node by its name."""
    return next(counts for counts in report.counts if counts.name == name)


def agree(counts: Counts[object, object], coro: Counting) -> bool:
    """Whether a report counts what a coroutine counted."""
    return (counts.completed, counts.failed, counts.interrupted, counts.in_flight) == (
        coro.completed,
        coro.failed,
        coro.interrupted,
        coro.in_flight,
    )


PROCESSORS: dict[str, Callable[[Counting], Processor[int, int]]] = {
    "one worker": lambda coro: Processor(coro, buffer=5),
    "in order": lambda coro: Processor(coro, buffer=5, workers=3),
    "in no order": lambda coro: Processor(coro, buffer=5, workers=3, ordered=False),
    "generators": lambda coro: Processor(coro.stream, buffer=5),
    "generators in order": lambda coro: Processor(coro.stream, buffer=5, workers=3),
}

ends = pytest.mark.parametrize("end", ["by itself", "drained", "aborted"])


async def end_by(end: str, plumber: Plumber, coro: Counting) -> None:
    """End a run whose coroutines wait at the gate."""
    if end == "drained":
        plumber.drain("enough")
    elif end == "aborted":
        plumber.abort("enough")
    coro.gate.set()
    if end == "by itself":
        await plumber.ended()


async def compare(processor: Processor[int, R], coro: Counting, end: str, forks: int) -> None:
    """See that a report counts what the coroutine counts, halfway and in the end."""
    plumber = Plumber()
    joint = plumber.connect(Source(range(MANY))).to(processor)
    plumber.failures(processor).collect()
    for _ in range(forks):
        joint.collect()

    async with plumber.running():
        halfway = await stillness(plumber)
        assert agree(of(halfway, processor.name), coro)
        await end_by(end, plumber, coro)

    counts = of(plumber.report(), processor.name)
    assert agree(counts, coro)
    assert counts.received == coro.completed + coro.failed + coro.interrupted
    assert coro.completed > 0
    assert (coro.interrupted > 0) == (end == "aborted")


@ends
@pytest.mark.parametrize("forks", [1, 2])
@pytest.mark.parametrize("kind", PROCESSORS)
async def test_conservation_a_processor_is_counted_as_its_coroutine_counts(
    kind: str, forks: int, end: str
) -> None:
    coro = Counting()
    await compare(PROCESSORS[kind](coro), coro, end, forks)


@ends
@pytest.mark.parametrize("workers", [1, 3])
async def test_conservation_a_sink_is_counted_as_its_coroutine_counts(
    workers: int, end: str
) -> None:
    coro = Counting()
    await compare(Sink(coro.swallow, buffer=5, workers=workers), coro, end, forks=0)


class Making:
    """Makes numbers in all the ways of a source, and counts them."""

    def __init__(self) -> None:
        self.made = 0

    def __iter__(self) -> Iterator[int]:
        for number in range(MANY):
            self.made += 1
            yield number

    async def stream(self) -> AsyncIterator[int]:
        for number in self:
            yield number

    async def put(self, queue: OutputQueue[int]) -> None:
        for number in self:
            await queue.put(number)


SOURCES: dict[str, Callable[[Making], Source[int]]] = {
    "iterable": Source,
    "async generator": lambda making: Source(making.stream),
    "rig": lambda making: InputRig(making.put),
}


@ends
@pytest.mark.parametrize("kind", SOURCES)
async def test_conservation_a_source_is_counted_as_it_counts(kind: str, end: str) -> None:
    making, coro = Making(), Counting()
    plumber, source = Plumber(), SOURCES[kind](making)
    processor = Processor(coro, buffer=5)
    plumber.connect(source).to(processor).collect()
    plumber.failures(processor).collect()

    async with plumber.running():
        halfway = await stillness(plumber)
        waiting = 1 if kind == "rig" else 0  # it was made, and waits to be put
        assert halfway.of(source).completed == making.made - waiting > 0
        await end_by(end, plumber, coro)

    counts = plumber.report().of(source)
    assert counts.received == counts.completed == counts.emitted == making.made


@pytest.mark.usefixtures("clock")  # slices that seem long leave an edge half full
async def test_conservation_a_feed_is_counted_by_what_went_on_and_in_the_end_by_all() -> None:
    coro = Counting()
    plumber, feed, sink = Plumber(), Feed[int](), Sink(coro.swallow, buffer=5)
    plumber.connect(feed).to(sink)
    plumber.failures(sink).collect()

    async with plumber.running():
        for number in range(MANY):
            await feed.put(number)
        halfway = (await stillness(plumber)).of(feed)
        plumber.abort("enough")

    counts, taken = plumber.report().of(feed), coro.completed + coro.failed + coro.interrupted
    assert halfway.completed == taken + 5
    assert counts.completed == MANY
    assert counts.undelivered == tuple(range(taken, MANY))


@ends
async def test_conservation_fittings_are_counted_by_what_comes_out_of_them(end: str) -> None:
    coro, passed = Counting(), list[int]()
    batches, pairs = list[list[int]](), list[object]()

    def is_odd(number: int) -> bool:
        passed.extend([number] * (number % 2))
        return number % 2 == 1

    async def hold(numbers: list[int]) -> None:
        batches.append(numbers)
        await coro.swallow(numbers[0] + 1)  # never a third

    async def note(pair: tuple[int, list[int]]) -> None:
        pairs.append(pair)

    plumber = Plumber()
    kept = plumber.connect(Source(range(MANY))).keep(is_odd)
    sink = Sink(hold, buffer=2)
    lists = kept.batch(3)
    lists.to(sink)
    relay = plumber.zip(plumber.connect(Source(range(MANY))), lists)
    relay.to(Sink(note))
    collected = relay.collect(name="pairs")

    async with plumber.running():
        await stillness(plumber)
        await end_by(end, plumber, coro)

    report = plumber.report()
    given = len(batches) + len(of(report, "batch 3").undelivered)
    assert of(report, "keep is_odd").completed == len(passed)
    assert of(report, "batch 3").completed == 3 * given
    assert of(report, "zip").completed == len(pairs) == len(collected.items)
    assert of(report, "pairs").completed == len(collected.items) > 0


async def test_conservation_an_unfinished_batch_is_in_flight() -> None:
    plumber, feed = Plumber(), Feed[int]()
    lists = plumber.connect(feed).batch(3).collect()

    async with plumber.running():
        for number in range(4):
            await feed.put(number)
        counts = of(await stillness(plumber), "batch 3")

        assert lists.items == ([0, 1, 2],)
        assert (counts.completed, counts.in_flight) == (3, 1)


async def test_conservation_a_queue_is_counted_by_what_was_read() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(MANY))).read(maxsize=5)

    async with plumber.running():
        for number in range(7):
            assert await queue.get() == number
            assert of(plumber.report(), "read").completed == number + 1
        plumber.abort("enough")

    counts = of(plumber.report(), "read")
    assert counts.received == counts.completed == 7
