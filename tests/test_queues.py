"""The queue kinds, used by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import pytest

from tests.support.clock import Clock, ClockLoop, govern
from typedpipes import (
    Doom,
    DoomsdayQueue,
    Edge,
    InputQueue,
    OutputQueue,
    QueueClosed,
    QueueEmpty,
    QueueFull,
)
from typedpipes.flow.edge import Edge as FlowEdge
from typedpipes.flow.fairness import LONGEST_TURN, Pace
from typedpipes.flow.merge import Merge
from typedpipes.testing import zip_inputs


def edge_with(*items: str, maxsize: int = 100) -> Edge[str]:
    edge = Edge[str](maxsize)
    for item in items:
        edge.output.put_nowait(item)
    return edge


async def test_an_edge_is_first_in_first_out() -> None:
    edge = edge_with("one", "two", "three")

    taken = [edge.input.get_nowait(), await edge.input.get(), edge.input.get_nowait()]

    assert taken == ["one", "two", "three"]


async def test_an_empty_queue_is_the_empty_queue_of_asyncio_too() -> None:
    edge = edge_with()

    with pytest.raises(asyncio.QueueEmpty, match="the queue is empty; wait for an item") as empty:
        edge.input.get_nowait()
    assert isinstance(empty.value, QueueEmpty)


async def test_a_full_queue_is_the_full_queue_of_asyncio_too() -> None:
    edge = edge_with("one", "two", maxsize=2)

    with pytest.raises(asyncio.QueueFull, match="the queue holds 2 items; wait for room") as full:
        edge.output.put_nowait("three")
    assert isinstance(full.value, QueueFull)


async def test_both_ends_tell_how_full_they_are() -> None:
    edge = edge_with("one", "two", maxsize=2)

    assert (edge.input.qsize(), edge.input.maxsize) == (2, 2)
    assert (edge.output.qsize(), edge.output.maxsize) == (2, 2)
    assert edge.input.full()
    assert edge.output.full()
    assert not edge.input.empty()
    assert not edge.output.empty()


async def test_both_ends_tell_how_empty_they_are() -> None:
    edge = edge_with(maxsize=2)

    assert (edge.input.qsize(), edge.output.qsize()) == (0, 0)
    assert edge.input.empty()
    assert edge.output.empty()
    assert not edge.input.full()
    assert not edge.output.full()


async def test_an_edge_of_bound_1_hands_over_one_item_at_a_time() -> None:
    edge = edge_with(maxsize=1)

    async def write(items: Iterable[str]) -> None:
        for item in items:
            await edge.output.put(item)
        edge.output.close()

    async with asyncio.TaskGroup() as group:
        group.create_task(write(["one", "two", "three"]))
        seen = [(item, edge.input.qsize()) async for item in edge.input]

    assert [item for item, _ in seen] == ["one", "two", "three"]
    assert max(size for _, size in seen) <= 1


async def test_a_put_into_a_full_edge_waits_for_room() -> None:
    edge = edge_with("one", maxsize=1)
    putting = asyncio.create_task(edge.output.put("two"))
    await asyncio.sleep(0)
    assert not putting.done()

    assert await edge.input.get() == "one"

    await putting
    assert edge.input.drain() == ["two"]


async def test_a_get_from_an_empty_edge_waits_for_an_item() -> None:
    edge = edge_with()
    getting = asyncio.create_task(edge.input.get())
    await asyncio.sleep(0)
    assert not getting.done()

    edge.output.put_nowait("one")

    assert await getting == "one"


async def test_closing_wakes_a_reader_that_waits_for_an_item() -> None:
    edge = edge_with()
    waiting = asyncio.create_task(edge.input.get())
    await asyncio.sleep(0)

    edge.output.close()

    with pytest.raises(QueueClosed):
        await waiting


async def test_closing_wakes_a_writer_that_waits_for_room() -> None:
    edge = edge_with("one", maxsize=1)
    waiting = asyncio.create_task(edge.output.put("two"))
    await asyncio.sleep(0)

    edge.output.close()

    with pytest.raises(QueueClosed):
        await waiting


async def test_a_closed_queue_gives_what_is_inside_and_then_ends() -> None:
    edge = edge_with("one", "two")

    edge.output.close()

    assert [item async for item in edge.input] == ["one", "two"]
    with pytest.raises(QueueClosed, match="everything in it was taken"):
        edge.input.get_nowait()


async def test_nothing_can_be_put_into_a_closed_queue() -> None:
    edge = edge_with()

    edge.output.close()

    assert edge.output.closed
    with pytest.raises(QueueClosed, match="nothing can be put into a closed queue"):
        await edge.output.put("late")


async def test_both_ends_tell_that_nothing_more_comes() -> None:
    edge = edge_with("one")
    before = (edge.input.closed, edge.output.closed)

    edge.output.close()

    assert before == (False, False)
    assert (edge.input.closed, edge.output.closed) == (True, True)


async def test_a_queue_may_be_closed_twice() -> None:
    edge = edge_with("one")

    edge.output.close()
    edge.output.close()

    assert edge.input.drain() == ["one"]


async def test_draining_an_input_takes_everything_and_makes_room() -> None:
    edge = edge_with("one", "two", maxsize=2)
    putting = asyncio.create_task(edge.output.put("three"))
    await asyncio.sleep(0)

    drained = edge.input.drain()

    await putting
    assert drained == ["one", "two"]
    assert edge.input.drain() == ["three"]


async def test_draining_an_output_takes_back_what_nobody_took() -> None:
    edge = edge_with("one", "two", "three")
    edge.input.get_nowait()

    taken_back = edge.output.drain()

    assert taken_back == ["two", "three"]
    assert edge.input.empty()


Reading = Callable[..., tuple[InputQueue[object], OutputQueue[object]]]


def one_edge(*items: object) -> tuple[InputQueue[object], OutputQueue[object]]:
    edge = Edge[object]()
    for item in items:
        edge.output.put_nowait(item)
    return edge.input, edge.output


def two_as_tuples(*items: object) -> tuple[InputQueue[object], OutputQueue[object]]:
    whole, _ = one_edge(*items)
    drained, output = one_edge(*items)
    pairs: InputQueue[object] = zip_inputs(whole, drained)
    return pairs, output


def two_as_they_come(*items: object) -> tuple[InputQueue[object], OutputQueue[object]]:
    edges = [FlowEdge[object](100, low=99) for _ in range(2)]
    output = OutputQueue(edges[0])
    for item in items:
        output.put_nowait(item)
    return InputQueue(Merge(edges)), output


EVERY_READING = pytest.mark.parametrize("reading", [one_edge, two_as_tuples, two_as_they_come])


@EVERY_READING
async def test_what_the_producer_has_taken_back_is_not_there_any_more(reading: Reading) -> None:
    queue, output = reading("one", "two", "three")
    queue.get_nowait()  # it has seen that there are more

    output.drain()

    with pytest.raises(QueueEmpty):
        queue.get_nowait()
    assert queue.drain() == []


@EVERY_READING
async def test_readers_wait_for_what_comes_after_that_was_taken_back(reading: Reading) -> None:
    queue, output = reading("one", "two", "three")
    queue.get_nowait()

    async def first_of_all() -> object:
        async for item in queue:
            return item
        return None

    output.drain()
    readers = [asyncio.create_task(read) for read in (queue.get(), first_of_all())]
    await asyncio.sleep(0)
    waiting = not any(reader.done() for reader in readers)
    for item in ("four", "five"):
        output.put_nowait(item)

    assert waiting
    assert len({*await asyncio.gather(*readers)}) == 2


async def test_a_cancelled_get_has_taken_nothing() -> None:
    edge = edge_with()
    cancelled, other = (asyncio.create_task(edge.input.get()) for _ in range(2))
    await asyncio.sleep(0)

    edge.output.put_nowait("one")
    cancelled.cancel()

    assert await other == "one"
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def test_a_cancelled_put_has_put_nothing() -> None:
    edge = edge_with("one", maxsize=1)
    cancelled = asyncio.create_task(edge.output.put("never"))
    other = asyncio.create_task(edge.output.put("two"))
    await asyncio.sleep(0)

    first = edge.input.get_nowait()
    cancelled.cancel()

    await other
    assert [first, *edge.input.drain()] == ["one", "two"]
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def test_each_item_goes_to_one_of_several_readers() -> None:
    edge = edge_with(maxsize=2)
    items = [str(number) for number in range(20)]
    taken: list[str] = []

    async def read() -> None:
        async for item in edge.input:
            taken.append(item)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(read())
        for item in items:
            await edge.output.put(item)
        edge.output.close()

    assert sorted(taken) == sorted(items)


async def test_several_writers_keep_to_the_bound() -> None:
    edge = edge_with(maxsize=2)
    sizes: list[int] = []

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(edge.output.put(str(number)))
        for _ in range(5):
            await edge.input.get()
            sizes.append(edge.input.qsize())

    assert max(sizes) <= 2


async def test_by_hand_put_and_get_suspend_only_where_there_is_something_to_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    govern(Clock(look=1.0), monkeypatch)
    edge = edge_with()
    other = asyncio.create_task(asyncio.sleep(0))

    for _ in range(10):
        await edge.output.put("one")
        await edge.input.get()
        await edge.output.put("two")
        assert await anext(edge.input) == "two"

    assert not other.done()
    await other


async def test_two_inputs_taken_as_one_give_tuples() -> None:
    first, second = edge_with("one", "two"), edge_with("three")
    both = zip_inputs(first.input, second.input)

    pair = await both.get()

    assert pair == ("one", "three")
    assert both.empty()
    assert first.input.qsize() == 1


async def test_two_inputs_taken_as_one_end_with_the_shorter_one() -> None:
    first, second = edge_with("one", "two"), edge_with("three")
    both = zip_inputs(first.input, second.input)

    second.output.close()

    assert [pair async for pair in both] == [("one", "three")]


async def test_a_doomsday_queue_gives_its_dooms_in_order() -> None:
    dooms = DoomsdayQueue[Doom]()

    await dooms.put(Doom("tired"))
    dooms.put_nowait(Doom("broken", mode="abort"))

    assert await dooms.get() == Doom("tired", mode="drain")
    assert dooms.get_nowait() == Doom("broken", mode="abort")
    with pytest.raises(QueueEmpty, match="no doom was put"):
        dooms.get_nowait()


async def test_whoever_waits_for_a_doom_gets_it_when_it_is_put() -> None:
    dooms = DoomsdayQueue[Doom]()
    waiting = asyncio.create_task(dooms.get())
    await asyncio.sleep(0)

    dooms.put_nowait(Doom("tired"))

    assert await waiting == Doom("tired")


async def test_draining_a_doomsday_queue_takes_all_dooms() -> None:
    dooms = DoomsdayQueue([Doom("tired"), Doom("broken")])

    assert dooms.drain() == [Doom("tired"), Doom("broken")]
    assert dooms.drain() == []


def test_an_edge_may_be_used_in_another_event_loop_when_the_first_broke_off() -> None:
    edge = Edge[str](maxsize=1)

    async def break_off() -> None:
        await edge.output.put("one")
        raise KeyboardInterrupt

    async def go_on() -> list[str]:
        taken = [await edge.input.get()]
        putting = [asyncio.create_task(edge.output.put(item)) for item in ("two", "three")]
        taken += [await edge.input.get() for _ in putting]
        return taken

    first = asyncio.new_event_loop()
    with pytest.raises(KeyboardInterrupt):
        first.run_until_complete(break_off())
    first.close()

    assert asyncio.run(go_on()) == ["one", "two", "three"]


def test_a_pace_is_kept_in_another_event_loop_when_the_first_broke_off() -> None:
    clock, one_pace = Clock(look=LONGEST_TURN / 3), Pace()

    async def break_off() -> None:
        await one_pace.keep()
        raise KeyboardInterrupt

    async def keep_it_for_a_while() -> None:
        for _ in range(100):
            await one_pace.keep()

    first = ClockLoop(clock)
    with pytest.raises(KeyboardInterrupt):
        first.run_until_complete(break_off())
    first.close()

    clock.run(keep_it_for_a_while())
