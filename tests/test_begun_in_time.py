"""No coroutine is begun after an abort, or while its processor is paused, from wherever that came.

A source's iterable is asked for items by what has room for them, so what it does may come in
the middle of anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.support.clock import Clock
from tests.support.stillness import stillness
from typedpipes import Plumber, Processor, Source


class Watched:
    """A coroutine that notes whether it is begun when it must not be."""

    def __init__(self) -> None:
        self.forbidden = False
        self.begun: list[object] = []
        self.too_late: list[object] = []

    async def __call__(self, item: object) -> object:
        (self.too_late if self.forbidden else self.begun).append(item)
        return item


def numbers(count: int, then: Callable[[], None]) -> Iterator[int]:
    """Yield some numbers, do something, and yield one more."""
    yield from range(count)
    then()
    yield count


SHAPES = pytest.mark.parametrize("shape", ["straight", "gaps", "zip", "merge"])
COUNTS = pytest.mark.parametrize("count", [1, 2, 3, 7])
WORKERS = pytest.mark.parametrize("workers", [1, 2, 5])
BUFFERS = pytest.mark.parametrize("buffer", [1, 2, 100])


def even(number: int) -> bool:
    return number % 2 == 0


def draw(
    plumber: Plumber, source: Source[int], worker: Processor[object, object], shape: str
) -> None:
    """Connect a source and a worker in one of several ways."""
    items = plumber.connect(source)
    match shape:
        case "straight":
            items.to(worker).collect()
        case "gaps":
            plumber.zip(items, items.keep(even).to(worker)).collect()
        case "zip":
            plumber.zip(items, plumber.connect(Source(range(10)))).to(worker).collect()
        case _:
            plumber.merge(items, plumber.connect(Source(range(10)))).to(worker).collect()


@SHAPES
@COUNTS
@WORKERS
@BUFFERS
async def test_none_after_an_abort(shape: str, count: int, workers: int, buffer: int) -> None:
    work = Watched()
    plumber = Plumber()

    def end() -> None:
        work.forbidden = True
        plumber.abort("enough")

    worker = Processor(work, name="worker", workers=workers, buffer=buffer)
    draw(plumber, Source(numbers(count, end)), worker, shape)

    report = await plumber.run()

    assert report.ending == "aborted"
    assert work.too_late == []


@SHAPES
@COUNTS
@WORKERS
@BUFFERS
async def test_none_while_it_is_paused(shape: str, count: int, workers: int, buffer: int) -> None:
    work = Watched()
    plumber = Plumber()
    worker = Processor(work, name="worker", workers=workers, buffer=buffer)

    def pause() -> None:
        work.forbidden = True
        plumber.pause(worker)

    source = Source(numbers(count, pause))
    draw(plumber, source, worker, shape)

    async with plumber.running():
        await stillness(plumber)
        seen = list(work.too_late)
        work.forbidden = False
        plumber.resume(worker)
        await plumber.ended()

    assert seen == []
    assert plumber.report().of(source).emitted == count + 1


@pytest.mark.parametrize("workers", [1, 3])
def test_none_is_taken_and_begun_only_after_a_turn_of_the_loop(workers: int) -> None:
    too_late: list[int] = []
    begun: list[int] = []
    plumber = Plumber()
    paused = False

    def pause() -> None:
        nonlocal paused
        paused = True
        plumber.pause(splitter)

    def resume() -> None:
        nonlocal paused
        paused = False
        plumber.resume(splitter)

    async def pages(number: int) -> AsyncIterator[int]:
        (too_late if paused else begun).append(number)
        yield number

    def ids() -> Iterator[int]:
        loop = asyncio.get_running_loop()
        for number in range(6):
            loop.call_soon(pause)
            loop.call_later(60, resume)
            yield number

    splitter = Processor(pages, workers=workers, buffer=1)
    plumber.connect(Source(ids())).to(splitter).collect()

    Clock(look=0.0002).run(plumber.run())  # four looks are a turn that was too long

    assert (begun, too_late) == ([0, 1, 2, 3, 4, 5], [])
