"""The two ends of a stream, and the collector behind it, at moments that no run hits for sure."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from msgspec import msgpack
from typing_extensions import override

from tests.network.brokers import to
from tests.network.drawings import run
from tests.support.clock import Clock
from typedpipes import Edge, Plumber, Sink, Source
from typedpipes.network.collecting import Collecting
from typedpipes.network.doom import Doomsday
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.record import OPENING, Made, Progress, Record, Tally, decode, encode
from typedpipes.network.route import Route, route_of
from typedpipes.network.sending import Sender
from typedpipes.network.take import Hand
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Full, Reach, Stream


def collecting() -> tuple[Plumber, Route]:
    plumber = Plumber("collecting")
    plumber.connect(Source([1])).collect(name="all")
    return plumber, route_of(plumber.blueprint())


async def opened(broker: MemoryBroker) -> MemoryWire:
    wire = MemoryWire(broker)
    await wire.open([Stream("a", None, ()), Stream("source", None, ())], encode(OPENING))
    return wire


async def test_nothing_is_given_into_a_sealed_stream(clock: Clock) -> None:
    wire = await opened(MemoryBroker())
    turn = Turn(wire, "a", in_order=True)
    await turn.is_done(0)
    await wire.seal("a")

    given = await turn.give(0, Made())

    assert not given
    await turn.over()  # it knows, and does not wait


async def test_positions_are_given_in_their_order(clock: Clock) -> None:
    wire = await opened(MemoryBroker())
    turn = Turn(wire, "a", in_order=True)
    given: list[int] = []

    async def give(position: int) -> None:
        await turn.give(position, Made())
        given.append(position)

    async with asyncio.TaskGroup() as group:
        for position in (2, 1, 0):
            group.create_task(give(position))

    assert given == [0, 1, 2]


async def test_in_any_order_a_position_does_not_wait_for_those_before(clock: Clock) -> None:
    wire = await opened(MemoryBroker())
    turn = Turn(wire, "a", in_order=False)

    given = [await turn.give(position, Made()) for position in (2, 1, 0)]

    assert given == [True, True, True]


async def test_the_end_waits_for_all_before_it_whatever_the_order(clock: Clock) -> None:
    wire = await opened(MemoryBroker())
    turn = Turn(wire, "a", in_order=False)
    await turn.give(1, Made())
    closing = asyncio.create_task(turn.close(2))
    await asyncio.wait([closing], timeout=10)
    assert not closing.done()

    await turn.give(0, Made())

    assert await closing
    last = decode((await wire.last("a")).data, "a")
    assert (last.closes, last.position, last.of(0).floor) == (True, 2, 2)


async def test_what_a_sender_gave_just_before_it_was_cancelled_is_not_ahead(clock: Clock) -> None:
    broker = MemoryBroker()
    await opened(broker)
    _, route = collecting()
    edge = Edge[object]()
    await edge.output.put(1)

    def fault(verb: str) -> Fault:
        if verb == "give":
            sending.cancel()
            return "after"  # it is stored, and the sender does not hear of it
        return "none"

    wire = MemoryWire(broker, fault)
    sender = Sender(wire, route.stops[0], 1, Doomsday(wire))
    sending = asyncio.create_task(sender.send(edge.input))
    await asyncio.wait([sending])

    last = decode((await MemoryWire(broker).last("source")).data, "source")
    assert sender.ahead(last.of(0)) == ()
    assert sender.ahead(Progress()) == (1,)


class Narrow(MemoryBroker):
    """A broker that counts for what it has no room."""

    refused = 0

    @override
    def give(
        self, stream_name: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        try:
            return super().give(stream_name, record, after, name=name, behind=behind)
        except Full:
            self.refused += 1
            raise


@pytest.mark.parametrize("buffer", [1, 3, 10])
async def test_nothing_is_given_that_there_is_no_room_for(clock: Clock, buffer: int) -> None:
    broker = Narrow()
    stored: list[int] = []

    async def store(number: int) -> None:
        await asyncio.sleep(0.01)
        stored.append(number)

    def draw() -> Plumber:
        plumber = Plumber("storing")
        plumber.connect(Source(range(50))).to(Sink(store, buffer=buffer))
        return plumber

    await run(to(broker), draw, count=2, longest=1)

    assert stored == [*range(50)]
    assert broker.refused == 0
    assert max(broker.most.values()) == buffer


async def test_a_sender_takes_no_more_than_a_slice_that_there_is_no_room_for(
    clock: Clock,
) -> None:
    broker = MemoryBroker()
    plumber = Plumber("full")
    plumber.connect(Source([1])).to(Sink(store_nothing, buffer=2))
    route = route_of(plumber.blueprint())
    wire = MemoryWire(broker)
    await wire.open(route.streams(), encode(OPENING))
    edge = Edge[object](maxsize=10)
    for number in range(10):
        edge.output.put_nowait(number)
    sender = Sender(wire, route.stops[0], 1, Doomsday(wire))
    sending = asyncio.create_task(sender.send(edge.input))

    await asyncio.wait([sending], timeout=10)

    sending.cancel()
    await asyncio.wait([sending])
    assert edge.input.qsize() == 10 - 2 - 1
    last = decode(broker.last(route.stops[0].name).data, "source")
    assert sender.ahead(last.of(0)) == (2,)


async def store_nothing(_: int) -> None:
    """Do nothing: no process works for this."""


async def test_there_is_a_hint_of_room_once_for_some_records(clock: Clock) -> None:
    broker = MemoryBroker()
    leg = Reach("leg", "a", in_hand=1, hint_every=3)
    wire = MemoryWire(broker)
    await wire.open([Stream("a", 10, [leg])], encode(OPENING))
    hints: list[bytes] = []
    hand = Hand(wire, leg)
    async with wire.hear("a", hints.append):
        for after in range(1, 7):
            await wire.give("a", b"record", after)
            await hand.done(await hand.take())

    assert hints == [b""] * 2


def test_a_collector_collects_a_slice_once() -> None:
    plumber, route = collecting()
    leg = route.stops[1].leg
    assert leg is not None
    collector = plumber.blueprint().collectors["all"]
    record = Record(1, 0, {0: Progress(0)}, Tally(1, 1, emitted=1), items={0: msgpack.encode(5)})
    collect = Collecting(collector, leg).collect

    collect(record)
    collect(record)

    assert collector.items == (5,)


@pytest.mark.parametrize(
    ("positions", "floor"), [([0, 1, 2], 2), ([2, 0, 1], 2), ([1, 2, 4], -1), ([0, 2, 3, 70], 0)]
)
def test_progress_is_a_floor_and_what_is_ahead_of_it(positions: Sequence[int], floor: int) -> None:
    progress = Progress()

    for position in positions:
        progress = progress.adding(position)

    assert progress.floor == floor
    assert [each for each in range(100) if progress.has(each)] == sorted(positions)
