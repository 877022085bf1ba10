"""What a process wants to give, judged by the last record: given now, not yet, or too late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.clock import Clock
from typedpipes import Plumber, Processor, Source
from typedpipes.network.doom import Doomsday
from typedpipes.network.equipment import equipped
from typedpipes.network.generating import Generating
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.moves import NOT_YET, TOO_LATE, Verdict, advancing, closing, giving
from typedpipes.network.record import OPENING, Made, Part, Progress, Record, decode, encode
from typedpipes.network.route import Route, route_of
from typedpipes.network.trials import Company, Trials
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Stream


def after(position: int) -> Record:
    """Return the last record of a node that has done all positions up to this one."""
    return OPENING.followed_by(Made(), {0: Progress(position)})


@pytest.mark.parametrize(
    ("floor", "verdict"), [(3, NOT_YET), (4, None), (5, TOO_LATE), (6, TOO_LATE)]
)
def test_a_position_is_given_behind_the_one_before_it(floor: int, verdict: Verdict | None) -> None:
    record = giving(5, Made())(after(floor))

    assert record is verdict or (isinstance(record, Record) and record.of(0).floor == 5)


def test_without_an_order_it_is_given_at_any_time() -> None:
    record = giving(5, Made(), in_order=False)(after(3))

    assert isinstance(record, Record)
    assert (record.of(0).floor, record.of(0).has(5)) == (3, True)


def test_a_node_is_closed_once_enough_of_its_inputs_are() -> None:
    first = closing(0, number=0, enough=2)(OPENING)
    assert isinstance(first, Record)
    second = closing(0, number=1, enough=2)(first)

    assert not first.closes
    assert isinstance(second, Record)
    assert second.closes


def test_several_inputs_are_advanced_from_where_they_were_and_from_nowhere_else() -> None:
    before = {0: Progress(2), 1: Progress(4, parts={5: Part(1)})}
    move = advancing(before, {0: Progress(3), 1: Progress(5)}, Made())
    head = OPENING.followed_by(Made(), before)

    record = move(head)

    assert isinstance(record, Record)
    assert move(record) is TOO_LATE
    assert move(OPENING.followed_by(Made(), {**before, 1: Progress(4)})) is TOO_LATE


async def count_to_six(number: int) -> AsyncIterator[int]:
    for each in range(6):
        await asyncio.sleep(0.1 + number / 100)
        yield each


def counting() -> tuple[Plumber, Route]:
    plumber = Plumber("counting")
    plumber.connect(Source([1])).to(Processor(count_to_six)).collect(name="all")
    return plumber, route_of(plumber.blueprint(), longest=2)


def _telling_nothing(verb: str) -> Fault:
    return "before" if verb == "tell" else "none"


async def two_that_generate() -> list[int]:
    """Have two processes make the same slice side by side, neither of which hears of the other."""
    broker = MemoryBroker()
    await MemoryWire(broker).open([Stream("count_to_six", 100, ())], encode(OPENING))
    _, route = counting()
    stop = next(each for each in route.stops if each.name == "count_to_six")
    (leg,) = stop.legs
    (form,) = route.stops[0].forms[0]

    async def generate(number: int) -> None:
        items = {0: form.encode(1, "source")}
        record = Record(1, 0, length=1, items=items)
        wire = MemoryWire(broker, _telling_nothing)
        async with equipped([stop]) as equipment:
            trials = Trials(wire, Company())
            generating = Generating("a-run", stop, 2, equipment, Doomsday(wire), trials)
            await asyncio.sleep(number * 0.15)
            await generating.act(record, leg, Turn(wire, stop.name))

    async with asyncio.TaskGroup() as group:
        for number in range(2):
            group.create_task(generate(number))
    given = [decode(each.data, "a") for each in await MemoryWire(broker).rest("count_to_six")]
    results = [form.decode(raw) for record in given for raw in record.items.values()]
    return [each for each in results if isinstance(each, int)]


def test_two_processes_that_generate_the_same_give_each_result_once() -> None:
    assert Clock().run(two_that_generate()) == [*range(6)]
