"""Records on their way: given before those ahead of them are known to be stored."""

from __future__ import annotations

import asyncio

import pytest
from typing_extensions import override

from tests.network.brokers import Connect
from tests.network.test_turns import opened
from tests.network.test_wires import streams
from tests.support.clock import Clock
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.patience import LOOK_AGAIN
from typedpipes.network.record import Made, Tally, decode
from typedpipes.network.turn import Turn
from typedpipes.network.wire import NotMyTurn


async def test_a_record_is_only_stored_behind_the_one_that_its_giver_names(
    connect: Connect,
) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")
        after = await other.give("a", b"of another", 1, name="other.0")

        with pytest.raises(NotMyTurn):
            await one.give("a", b"second", after, name="one.1", behind="one.0")

        after = await other.give("a", b"second of another", after, name="other.1", behind="other.0")
        await one.give("a", b"third", after, name="one.2")
        assert (await one.last("a")).data == b"third"


async def test_records_can_be_given_behind_those_on_their_way(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        first = wire.give("a", b"first", 1, name="0")
        second = wire.give("a", b"second", 2, name="1", behind="0")

        sequences = tuple(await asyncio.gather(first, second))

        assert sequences == (2, 3)


class Held(MemoryWire):
    """A wire on which nothing arrives before it is let.

    Attributes:
        on_the_way: how many records are.
        most: the most that ever were.
    """

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self.let = asyncio.Event()
        self.on_the_way = 0
        self.most = 0

    @override
    async def give(
        self, stream: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        self.on_the_way += 1
        self.most = max(self.most, self.on_the_way)
        try:
            await self.let.wait()
            return await super().give(stream, record, after, name=name, behind=behind)
        finally:
            self.on_the_way -= 1


@pytest.mark.parametrize(("in_order", "most"), [(True, 5), (False, 1)])
async def test_in_order_a_position_is_given_before_the_one_before_it_is_stored(
    clock: Clock, in_order: bool, most: int
) -> None:
    broker = MemoryBroker()
    await opened(broker)
    wire = Held(broker)
    turn = Turn(wire, "a", in_order=in_order)
    giving = [asyncio.create_task(turn.give(position, Made())) for position in range(5)]
    await asyncio.wait(giving, timeout=1)

    wire.let.set()
    given = await asyncio.gather(*giving)

    assert given == [True] * 5
    assert wire.most == most


async def test_no_more_is_on_the_way_than_the_wire_says(clock: Clock) -> None:
    broker = MemoryBroker()
    await opened(broker)
    wire = Held(broker)
    turn = Turn(wire, "a")
    giving = [asyncio.create_task(turn.give(position, Made())) for position in range(30)]
    await asyncio.wait(giving, timeout=1)

    wire.let.set()
    await asyncio.gather(*giving)

    assert wire.most == wire.most_on_the_way


async def test_what_follows_a_record_is_not_stored_behind_that_of_another_process(
    clock: Clock,
) -> None:
    broker = MemoryBroker()
    await opened(broker)
    wire = Held(broker)
    mine, theirs = Turn(wire, "a"), Turn(MemoryWire(broker), "a")
    giving = [
        asyncio.create_task(mine.give(position, Made(tally=Tally(1, completed=1))))
        for position in range(2)
    ]
    await asyncio.wait(giving, timeout=1)
    assert wire.on_the_way == 2
    await theirs.give(0, Made(tally=Tally(1, failed=1)))

    wire.let.set()
    given = await asyncio.gather(*giving)

    assert given == [False, True]
    last = decode((await wire.last("a")).data, "a")
    assert last.tally == Tally(2, completed=1, failed=1)


async def test_a_position_that_is_refused_is_given_again_and_all_behind_it(clock: Clock) -> None:
    broker = MemoryBroker()
    await opened(broker)
    refused: list[str] = []

    def fault(verb: str) -> Fault:
        if verb != "give" or len(refused) > 2:
            return "none"
        refused.append(verb)
        return "before"

    turn = Turn(MemoryWire(broker, fault), "a")

    given = await asyncio.gather(*(turn.give(position, Made()) for position in range(5)))

    assert given == [True] * 5
    assert broker.last("a").sequence == 6


async def test_a_giver_that_is_cancelled_holds_up_no_other(clock: Clock) -> None:
    broker = MemoryBroker()
    await opened(broker)
    wire = Held(broker)
    turn = Turn(wire, "a")
    giving = [asyncio.create_task(turn.give(position, Made())) for position in range(3)]
    await asyncio.wait(giving, timeout=1)
    giving[0].cancel()
    await asyncio.wait([giving[0]])

    wire.let.set()

    again = asyncio.create_task(turn.give(0, Made()))
    assert await asyncio.gather(again, *giving[1:]) == [True] * 3


async def test_what_is_refused_again_and_again_is_tried_now_and_then(clock: Clock) -> None:
    broker = MemoryBroker()
    await opened(broker)
    tries: list[float] = []

    def fault(verb: str) -> Fault:
        if verb != "give" or clock.now > begin + 10:
            return "none"
        tries.append(clock.now)
        return "before"

    begin = clock.now
    turn = Turn(MemoryWire(broker, fault), "a")

    given = await asyncio.gather(*(turn.give(position, Made()) for position in range(3)))

    assert given == [True] * 3
    assert len(tries) <= 3 * 10 / LOOK_AGAIN
