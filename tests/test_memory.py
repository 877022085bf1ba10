"""What a run keeps alive, without the help of the cyclic garbage collector."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from tests.support.gate import Gate
from tests.support.opening import Record
from tests.support.stillness import stillness
from typedpipes import (
    Feed,
    InputRig,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    Sink,
    Source,
)


class Frame:
    """An item that may be referred to weakly."""


class Frames:
    """Makes items, and knows which of them are alive."""

    def __init__(self) -> None:
        self._made: list[weakref.ref[Frame]] = []

    def make(self) -> Frame:
        frame = Frame()
        self._made.append(weakref.ref(frame))
        return frame

    def iterate(self) -> Iterator[Frame]:
        while True:
            yield self.make()

    async def generate(self) -> AsyncIterator[Frame]:
        while True:
            yield self.make()

    async def put(self, queue: OutputQueue[Frame]) -> None:
        while True:
            await queue.put(self.make())

    @property
    def made(self) -> int:
        return len(self._made)

    @property
    def alive(self) -> int:
        return sum(frame() is not None for frame in self._made)


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def pass_on(frame: Frame) -> Frame:
    return frame


async def twice(frame: Frame) -> AsyncIterator[Frame]:
    yield frame
    yield frame


async def ignore(item: object) -> None: ...


def truth(item: object) -> bool:
    return True


COROS = pytest.mark.parametrize("coro", [pass_on, twice], ids=["coroutine", "generator"])
WORKERS = pytest.mark.parametrize("workers", [1, 2, 5])
ORDERS = pytest.mark.parametrize("ordered", [True, False])


@COROS
@WORKERS
@ORDERS
async def test_one_who_has_nothing_to_do_holds_no_item(
    coro: Callable[[Frame], Awaitable[Frame]], workers: int, ordered: bool
) -> None:
    frames, feed = Frames(), Feed[Frame]()
    plumber = Plumber()
    processor = Processor(coro, workers=workers, ordered=ordered)
    plumber.connect(feed).keep(truth).to(processor).to(Sink(ignore, workers=workers))

    async with plumber.running():
        for _ in range(20):
            await feed.put(frames.make())
        await stillness(plumber)
        alive = frames.alive

    assert alive == 0


@pytest.mark.parametrize("kind", ["iterate", "generate", "put"])
async def test_a_source_that_waits_holds_no_item_that_was_taken(kind: str) -> None:
    frames = Frames()
    gate = Gate[Frame]()
    plumber = Plumber()
    source = InputRig(frames.put) if kind == "put" else Source(frames.generate)
    if kind == "iterate":
        source = Source(frames.iterate())

    async def hold(frame: Frame) -> None:
        number = frames.made
        del frame
        await asyncio.Event().wait()
        assert number

    sink = Sink(hold, buffer=3)
    plumber.connect(source).to(sink)
    async with plumber.running():
        await stillness(plumber)
        waiting = len(plumber.report().of(sink).unprocessed)
        alive = frames.alive
        plumber.abort("seen")
        await plumber.ended()

    assert waiting >= 1
    assert alive <= waiting + 2  # the one in hand, and the one that a rig is putting
    assert gate.arrived == []


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("items", [1, 5])
async def test_a_queue_holds_no_item_that_was_read(zipped: bool, items: int) -> None:
    frames, left, right = Frames(), Feed[Frame](), Feed[Frame]()
    plumber = Plumber()
    queue = plumber.zip(left, right).read() if zipped else plumber.connect(left).read()

    async with plumber.running():
        for _ in range(items):
            await left.put(frames.make())
            if zipped:
                await right.put(frames.make())
        for _ in range(items):
            await queue.get()
        alive = frames.alive

    assert frames.made >= items
    assert alive == 0


ENDS = pytest.mark.parametrize("end", ["abort", "cancel", "fail", "drain"])


@ENDS
@COROS
@WORKERS
@pytest.mark.usefixtures("without_collector")
async def test_the_items_of_a_run_that_was_ended_are_freed_with_its_plumber(
    coro: Callable[[Frame], Awaitable[Frame]], workers: int, end: str
) -> None:
    frames = Frames()
    failing = asyncio.Event()

    async def hold(frame: Frame) -> None:
        await failing.wait()
        if end == "fail":
            raise ValueError("enough")

    async def play() -> None:
        plumber = Plumber()
        worker = Processor(coro, workers=workers, buffer=5)
        both = plumber.connect(Source(frames.iterate())).keep(truth).to(worker)
        both.to(Sink(hold, buffer=5))
        both.batch(1000).collect()
        plumber.connect(InputRig(frames.put)).to(Sink(hold, workers=3, buffer=5))
        plumber.connect(Source(frames.generate)).to(Sink(hold, buffer=5))
        running = asyncio.create_task(plumber.run())
        await stillness(plumber)
        match end:
            case "abort":
                plumber.abort("enough")
            case "cancel":
                running.cancel()
            case "drain":
                plumber.drain("enough")
                failing.set()
            case _:
                failing.set()
        await asyncio.wait([running])
        if not running.cancelled() and end == "fail":
            assert isinstance(running.exception(), PipelineFailed)

    await play()
    await asyncio.sleep(0)

    assert frames.made > 10
    assert frames.alive == 0


@COROS
@pytest.mark.usefixtures("without_collector")
async def test_the_items_of_a_run_that_was_aborted_are_freed_though_its_calls_have_a_limit(
    coro: Callable[[Frame], Awaitable[Frame]],
) -> None:
    frames = Frames()

    async def hold(frame: Frame) -> None:
        await asyncio.Event().wait()

    async def play() -> None:
        plumber = Plumber()
        limited = Processor(coro, timeout=1000, buffer=2)
        plumber.connect(Source(frames.iterate())).to(limited).to(Sink(hold, buffer=2, timeout=1000))
        running = asyncio.create_task(plumber.run())
        await stillness(plumber)
        plumber.abort()
        await running

    await play()
    await asyncio.sleep(0)

    assert frames.made > 2
    assert frames.alive == 0


@ENDS
@pytest.mark.usefixtures("without_collector")
async def test_the_items_of_a_run_that_was_ended_are_freed_though_it_had_resources(
    end: str,
) -> None:
    frames, record = Frames(), Record()
    failing = asyncio.Event()

    async def hold(frame: Frame, name: str) -> None:
        await failing.wait()
        if end == "fail":
            raise ValueError("enough")

    async def play() -> None:
        plumber = Plumber()
        made = plumber.connect(Source(frames.generate))
        made.to(Sink(record.of_run("a").into(hold), buffer=5))
        made.to(Sink(record.of_worker("b").into(hold), workers=2, buffer=5))
        running = asyncio.create_task(plumber.run())
        await stillness(plumber)
        match end:
            case "abort":
                plumber.abort("enough")
            case "cancel":
                running.cancel()
            case "drain":
                plumber.drain("enough")
                failing.set()
            case _:
                failing.set()
        await asyncio.wait([running])
        if not running.cancelled() and end == "fail":
            assert isinstance(running.exception(), PipelineFailed)

    await play()
    record.raised.clear()
    record.tasks.clear()
    await asyncio.sleep(0)

    assert frames.made > 2
    assert frames.alive == 0
