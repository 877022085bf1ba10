"""What an input rig is putting when its run ends: it was taken from somewhere, and is not lost."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Feed,
    InputRig,
    OutputQueue,
    Plumber,
    Processor,
    QueueClosed,
    Report,
    Sink,
    Source,
    drain,
)


class Broker:
    """Messages that are gone once they were taken."""

    def __init__(self, count: int) -> None:
        self.waiting = list(range(count))
        self.taken: list[int] = []

    def take(self) -> int:
        self.taken.append(self.waiting.pop(0))
        return self.taken[-1]

    async def receive(self, queue: OutputQueue[int]) -> None:
        while self.waiting:
            await queue.put(self.take())

    async def receive_together(self, queue: OutputQueue[int]) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(self.receive(queue))


class Graph:
    """A rig that waits for room, because the sink behind it does not go on."""

    def __init__(self, *, together: bool = False) -> None:
        self.broker = Broker(1000)
        self.gate = Gate[int]()
        self.left: list[int] = []
        coro = self.broker.receive_together if together else self.broker.receive
        self.rig = InputRig(coro, name="rig").cleanup(output=self.save)
        self.plumber = Plumber()
        self.plumber.connect(self.rig).to(Sink(self.gate.hold, name="sink", buffer=5))

    async def save(self, queue: OutputQueue[int]) -> None:
        self.left.extend(queue.drain())

    @property
    def told(self) -> Report:
        return self.plumber.report()


@pytest.mark.parametrize("together", [False, True])
async def test_in_a_drain_it_flows_out(together: bool) -> None:
    graph = Graph(together=together)

    async with graph.plumber.running():
        await stillness(graph.plumber)
        graph.plumber.drain("enough")
        await stillness(graph.plumber)
        graph.gate.open()

    assert graph.told.ending == "drained"
    assert sorted(graph.gate.arrived) == graph.broker.taken
    assert graph.told.of(graph.rig).emitted == len(graph.broker.taken)
    assert graph.told.of(graph.rig).undelivered == ()


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("drained", [False, True])
async def test_at_an_abort_it_goes_to_the_output_cleanup(drained: bool, together: bool) -> None:
    graph = Graph(together=together)
    running = asyncio.create_task(graph.plumber.run())
    await stillness(graph.plumber)
    if drained:
        graph.plumber.drain("enough")
        await stillness(graph.plumber)

    graph.plumber.abort("enough")
    await running

    told = graph.told.of(graph.rig)
    assert sorted([*graph.gate.arrived, *graph.left]) == graph.broker.taken
    assert sorted([*graph.gate.arrived, *told.undelivered]) == graph.broker.taken
    assert told.received == told.completed == told.emitted == len(graph.broker.taken)


async def test_it_is_kept_when_nobody_reads_any_more() -> None:
    graph = Graph()
    plumber = Plumber()
    few = plumber.connect(Source([1]))
    pairs = plumber.zip(plumber.connect(graph.rig).to(Processor(pass_on, buffer=5)), few)
    pairs.collect()

    report = await plumber.run()

    told = report.of(graph.rig)
    assert report.ending == "finished"
    assert told.emitted == len(graph.broker.taken)
    assert graph.left == list(told.undelivered)


async def pass_on(number: int) -> int:
    return number


async def test_a_put_that_the_rig_itself_gives_up_puts_nothing() -> None:
    given_up: list[int] = []

    async def hasty(queue: OutputQueue[int]) -> None:
        for number in range(10):
            putting = asyncio.create_task(queue.put(number))
            await stillness(plumber)
            if not putting.done():
                putting.cancel()
                await asyncio.wait([putting])
                given_up.append(number)
        enough.set()

    enough = asyncio.Event()
    gate = Gate[int]()
    plumber = Plumber()
    rig = InputRig(hasty)
    plumber.connect(rig).to(Sink(gate.hold, buffer=5))

    async with plumber.running():
        await enough.wait()
        gate.open()

    assert gate.arrived == [0, 1, 2, 3, 4, 5]
    assert given_up == [6, 7, 8, 9]
    assert plumber.report().of(rig).undelivered == ()


async def test_a_time_limit_of_the_rig_holds_in_a_drain_too(clock: Clock) -> None:
    attempts: list[str] = []

    async def receive(queue: OutputQueue[int]) -> None:
        await queue.put(0)
        await queue.put(1)
        drain("enough")
        for _ in range(2):
            try:
                async with asyncio.timeout(60):
                    await queue.put(2)
            except TimeoutError:
                attempts.append("too late")

    gate = Gate[int]()
    plumber = Plumber()
    rig = InputRig(receive)
    plumber.connect(rig).to(Sink(gate.hold, buffer=1))
    running = asyncio.create_task(plumber.run(grace=1000))
    for _ in range(2):
        await stillness(plumber)
        clock.now += 100
    await stillness(plumber)
    gate.open()
    report = await running

    assert attempts == ["too late", "too late"]
    assert gate.arrived == [0, 1]
    assert report.of(rig).undelivered == ()


async def test_an_item_whose_put_a_drain_and_a_time_limit_cancel_as_one_is_put_once() -> None:
    refused: list[int] = []

    async def receive(queue: OutputQueue[int]) -> None:
        await queue.put(0)
        await queue.put(1)
        drain("enough")
        for _ in range(2):
            try:
                async with asyncio.timeout(0):
                    await queue.put(2)
            except TimeoutError:
                continue
            except QueueClosed:
                refused.append(2)
                raise

    gate = Gate[int]()
    plumber = Plumber()
    plumber.connect(InputRig(receive)).to(Sink(gate.hold, buffer=1))
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)
    gate.open()
    await running

    assert gate.arrived == [0, 1, 2]
    assert refused == [2]


async def test_what_is_put_late_in_a_drain_is_kept_by_an_abort() -> None:
    async def insist(queue: OutputQueue[int]) -> None:
        for number in range(7):
            try:
                await queue.put(number)
            except (QueueClosed, asyncio.CancelledError):
                if number == 6:
                    raise

    gate = Gate[int]()
    plumber = Plumber()
    rig = InputRig(insist)
    plumber.connect(rig).to(Sink(gate.hold, buffer=3))
    running = asyncio.create_task(plumber.run())
    await stillness(plumber)
    plumber.drain("enough")
    await stillness(plumber)

    plumber.abort("enough")
    report = await running

    seen = {*gate.arrived, *report.of(rig).undelivered}
    assert seen == set(range(7))


async def test_after_the_end_of_a_drain_a_rig_that_goes_on_is_refused() -> None:
    refused: list[int] = []

    async def careless(queue: OutputQueue[int]) -> None:
        await queue.put(0)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            assert queue.closed
            for put in (queue.put_nowait, queue.put_nowait):
                try:
                    put(1)
                except QueueClosed:
                    refused.append(1)
            raise

    plumber = Plumber()
    collector = plumber.connect(InputRig(careless)).collect()

    async with plumber.running():
        await stillness(plumber)

    assert collector.items == (0,)
    assert refused == [1, 1]


async def test_one_who_waits_to_put_into_a_feed_knows_that_it_was_not_put() -> None:
    gate = Gate[int]()
    feed = Feed[int](maxsize=1)
    plumber = Plumber()
    plumber.connect(feed).to(Sink(gate.hold, buffer=1))
    put: list[int] = []

    async def produce() -> None:
        for number in range(10):
            await feed.put(number)
            put.append(number)

    producing = asyncio.create_task(produce())
    async with plumber.running():
        await stillness(plumber)
        plumber.drain("enough")
        gate.open()
        await plumber.ended()

    with pytest.raises(QueueClosed):
        await producing
    assert gate.arrived == put
