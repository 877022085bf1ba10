"""What every wire promises: the same tests for the one in memory and for NATS."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from tests.network.brokers import BROKERS, Connect
from typedpipes.network.errors import RunExists
from typedpipes.network.wire import Away, Full, Gone, NotMyTurn, Reach, Sealed, Stored, Stream, Wire

LEG = Reach("'a' -> 'b'", "a", in_hand=2)
OTHER = Reach("'a' -> 'c'", "a", in_hand=2)
HINTS = (b"of another", b"own")
NOW = 0.05  # seconds; what is there already comes at once, what is not does not come


def streams(*, cap: int = 10, legs: Sequence[Reach] = (LEG,)) -> Sequence[Stream]:
    return [Stream("a", cap, legs), Stream("b", None, ())]


async def fill(wire: Wire, count: int, after: int = 1) -> int:
    for number in range(count):
        after = await wire.give("a", f"record {number}".encode(), after)
    return after


async def take(wire: Wire, leg: Reach = LEG) -> bytes:
    taken = await wire.take(leg, 5.0)
    assert taken is not None
    return taken.stored.data


async def test_a_stream_begins_with_its_opening_record(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")

        last = await wire.last("a")

        assert (last.sequence, last.data) == (1, b"opening")


async def test_a_record_is_stored_behind_the_last_one(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")

        sequence = await wire.give("a", b"record", 1)

        last = await wire.last("a")
        assert (last.sequence, last.data) == (sequence, b"record")


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_a_record_is_not_stored_behind_any_other(connect: Connect, after: int) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        await wire.give("a", b"first", 1)

        with pytest.raises(NotMyTurn):
            await wire.give("a", b"second", after)

        assert (await wire.last("a")).data == b"first"


async def test_the_floor_is_what_all_legs_have_done(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(legs=(LEG, OTHER)), b"opening")
        await fill(wire, 2)
        taken = {leg: [await wire.take(leg, 5.0) for _ in range(2)] for leg in (LEG, OTHER)}
        floors = [await wire.floor("a")]

        for leg, count in ((LEG, 2), (OTHER, 1)):
            for each in taken[leg][:count]:
                assert each is not None
                await wire.done(leg, each)
        await wire.fact("none")  # the server has them by now

        floors.append(await _floor_above(wire, 1))
        assert floors == [1, 2]
        assert [each.data for each in await wire.rest("a")] == [b"record 0", b"record 1"]


async def _floor_above(wire: Wire, number: int) -> int:
    """Return the floor once it is above a number: a server may hear of it a moment later."""
    while True:
        floor = await wire.floor("a")
        if floor > number:
            return floor
        await asyncio.sleep(0.001)


async def test_of_many_that_give_at_once_one_succeeds(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")

        gifts = [wire.give("a", b"record", 1) for wire in (one, other) for _ in range(5)]
        results = await asyncio.gather(*gifts, return_exceptions=True)

        assert sum(isinstance(each, int) for each in results) == 1
        # A cluster says of those that come while it stores the first that it does not know yet.
        assert sum(isinstance(each, NotMyTurn | Away) for each in results) == 9
        assert one.health.trouble is None


@pytest.mark.parametrize("cap", [1, 3])
async def test_a_leg_never_has_more_before_it_than_its_cap(connect: Connect, cap: int) -> None:
    async with connect() as wire:
        await wire.open(streams(cap=cap), b"opening")
        after = await fill(wire, cap)
        with pytest.raises(Full):
            await wire.give("a", b"one too many", after)
        taken = await wire.take(LEG, 5.0)
        assert taken is not None
        with pytest.raises(Full):
            await wire.give("a", b"what is in hand still counts", after)

        await wire.done(LEG, taken)

        after = await _give_when_there_is_room(wire, after)
        with pytest.raises(Full):
            await wire.give("a", b"one too many again", after)


async def _give_when_there_is_room(wire: Wire, after: int) -> int:
    """Give a record; a server may hear only a moment later what is done."""
    while True:
        try:
            return await wire.give("a", b"record", after)
        except Full:
            await asyncio.sleep(0.001)


async def test_there_is_only_room_when_all_legs_have_done_a_record(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(cap=1, legs=(LEG, OTHER)), b"opening")
        after = await fill(wire, 1)
        taken = await wire.take(LEG, 5.0)
        assert taken is not None
        await wire.done(LEG, taken)

        with pytest.raises(Full):
            await wire.give("a", b"too early", after)

        taken = await wire.take(OTHER, 5.0)
        assert taken is not None
        await wire.done(OTHER, taken)
        await _give_when_there_is_room(wire, after)


async def test_who_is_late_hears_of_that_rather_than_of_the_room(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(cap=1), b"opening")
        await fill(wire, 1)

        with pytest.raises(NotMyTurn):
            await wire.give("a", b"late and full", 1)


async def test_records_are_taken_in_their_order_each_by_one(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")
        await fill(one, 2)

        taken = [await take(one), await take(other)]

        assert taken == [b"record 0", b"record 1"]


async def test_each_leg_takes_every_record(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(legs=(LEG, OTHER)), b"opening")
        await fill(wire, 1)

        taken = [await take(wire), await take(wire, OTHER)]

        assert taken == [b"record 0", b"record 0"]


async def test_no_more_is_in_hand_than_may_be(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")
        await fill(one, 3)
        first = await one.take(LEG, 5.0)
        await other.take(LEG, 5.0)
        assert first is not None

        beyond = [await one.take(LEG, NOW), await other.take(LEG, NOW)]

        assert beyond == [None, None]
        await one.done(LEG, first)
        assert await take(one) == b"record 2"


async def test_a_record_that_is_given_back_comes_before_later_ones(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        leg = Reach(LEG.name, "a", in_hand=1)
        await one.open(streams(legs=[leg]), b"opening")
        await fill(one, 3)
        first = await one.take(leg, 5.0)
        assert first is not None

        await one.back(leg, first)

        again = await other.take(leg, 5.0)
        assert again is not None
        assert (again.stored.data, again.again, first.again) == (b"record 0", True, False)


@pytest.mark.parametrize("kind", BROKERS)
async def test_what_is_not_kept_comes_again_to_others(kind: str) -> None:
    async with BROKERS[kind](keep_within=0.2) as connect, connect() as one, connect() as other:
        await one.open(streams(), b"opening")
        await fill(one, 3)
        await one.take(LEG, 5.0)
        await one.take(LEG, 5.0)

        again = [await other.take(LEG, 5.0), await other.take(LEG, 5.0)]

        assert [each.stored.data for each in again if each] == [b"record 0", b"record 1"]


async def test_a_take_waits_for_a_record(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")
        taking = asyncio.create_task(take(other))
        await asyncio.sleep(0)

        await fill(one, 1)

        assert await taking == b"record 0"


async def test_a_cancelled_take_loses_nothing(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        taking = asyncio.create_task(take(wire))
        await wire.fact("none")  # it has asked by now
        taking.cancel()
        await asyncio.wait([taking])

        await fill(wire, 1)

        assert await take(wire) == b"record 0"


async def test_where_no_leg_leads_on_only_the_last_record_is_kept(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        after = await wire.give("b", b"first", 1)
        await wire.give("b", b"second", after)

        rest = await wire.rest("b")

        assert [each.data for each in rest] == [b"second"]


async def test_what_is_not_done_is_still_there_in_the_end(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        await fill(wire, 3)

        rest = await wire.rest("a")

        assert [each.data for each in rest] == [b"opening", b"record 0", b"record 1", b"record 2"]


async def test_nothing_is_given_into_a_sealed_stream(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        after = await fill(wire, 1)

        await wire.seal("a")

        with pytest.raises(Sealed):
            await wire.give("a", b"late", after)
        assert (await wire.last("a")).data == b"record 0"


async def test_hints_reach_those_who_hear(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        async with other.hear("a", heard.put_nowait):
            await other.fact("none")  # the server has the subscription by now

            await one.tell("a", b"hint")

            assert await heard.get() == b"hint"


async def test_a_process_hears_its_own_hints_once(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")
        heard: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        async with (
            one.hear("a", lambda hint: heard.put_nowait(("first", hint))),
            one.hear("a", lambda hint: heard.put_nowait(("second", hint))),
        ):
            await one.fact("none")  # the server has the subscription by now

            await one.tell("a", b"own")
            await other.tell("a", b"of another")

            hints = [await heard.get() for _ in range(4)]
        assert sorted(hints) == [(who, hint) for who in ("first", "second") for hint in HINTS]
        assert heard.empty()


async def test_a_listener_that_has_left_hears_nothing(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        left: list[bytes] = []
        stays: list[bytes] = []
        async with wire.hear("a", stays.append):
            async with wire.hear("a", left.append):
                await wire.tell("a", b"before")

            await wire.tell("a", b"after")

        assert (left, stays) == ([b"before"], [b"before", b"after"])


async def test_the_first_fact_of_a_key_stands(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")

        stands = [await one.note("doom", b"first"), await other.note("doom", b"second")]

        assert stands == [b"first", b"first"]
        assert (await one.fact("doom"), await one.fact("none")) == (b"first", None)


async def test_there_is_one_run_of_a_name(connect: Connect) -> None:
    async with connect() as one, connect() as other:
        await one.open(streams(), b"opening")

        with pytest.raises(RunExists):
            await other.open(streams(), b"opening")

        assert (await one.last("a")).data == b"opening"


async def test_a_run_that_is_forgotten_is_gone(connect: Connect) -> None:
    async with connect() as wire:
        await wire.open(streams(), b"opening")
        await wire.note("doom", b"came")

        await wire.forget()

        with pytest.raises(Gone):
            await wire.last("a")
        assert await wire.fact("doom") is None
        await wire.open(streams(), b"anew")
        assert (await wire.last("a")).data == b"anew"


async def test_what_is_done_for_a_run_does_nothing_to_the_next_one(connect: Connect) -> None:
    async with connect() as one, connect() as late:
        await one.open(streams(), b"opening")
        await one.note("drawing", b"first")
        assert await late.fact("drawing") == b"first"
        await late.last("a")
        await one.forget()
        await one.open(streams(), b"anew")
        heard: list[bytes] = []

        async with one.hear("a", heard.append):
            with pytest.raises((Gone, Away)):
                await late.give("a", b"of the first", 1)
            with pytest.raises(Gone):
                await late.last("a")
            await late.tell("a", b"of the first")
            await late.forget(b"farewell")
            with suppress(Gone):
                await late.note("trial", b"of the first")
            assert await one.note("trial", b"anew") == b"anew"
            assert await late.fact("trial") != b"anew"
            await late.fact("none")  # what was told has come by now
            await one.fact("none")

        assert heard == []
        assert await one.last("a") == Stored(1, b"anew")
        assert await one.farewell() is None


async def test_who_reads_a_fact_works_for_the_run_that_it_is_about(connect: Connect) -> None:
    async with connect() as one, connect() as waiting:
        await one.open(streams(), b"opening")
        await one.note("drawing", b"first")
        await waiting.fact("drawing")
        await one.forget()
        await one.open(streams(), b"anew")
        await one.note("drawing", b"second")

        assert await waiting.fact("drawing") == b"second"
        await waiting.give("a", b"record", 1)

        assert await one.last("a") == Stored(2, b"record")


async def test_who_finds_a_run_while_opening_one_can_forget_that_one_alone(
    connect: Connect,
) -> None:
    async with connect() as one, connect() as late:
        await one.open(streams(), b"opening")
        with pytest.raises(RunExists):
            await late.open(streams(), b"opening")
        await one.forget()
        await one.open(streams(), b"anew")

        await late.forget()

        assert await one.last("a") == Stored(1, b"anew")
