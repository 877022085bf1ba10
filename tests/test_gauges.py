"""The gauges of a run: where each second of each processor goes, to the tick of a virtual clock."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from attrs import evolve

from tests.support.clock import Clock
from tests.support.functions import double
from tests.support.gate import Gate
from typedpipes import (
    Doom,
    Feed,
    Gauges,
    InputRig,
    Joint,
    OutputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorGauges,
    RunStateError,
    Sink,
    Source,
    WiringError,
    WiringErrors,
    in_process,
)
from typedpipes.flow.edge import Edge


async def ignore(item: object) -> None: ...


async def pass_on(item: int) -> int:
    return item


async def wait(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


async def end(seconds: float) -> None:
    await asyncio.sleep(seconds)


def times(gauges: ProcessorGauges) -> dict[str, float]:
    """Return the seconds in each state, but for those that are none."""
    seconds = {
        "busy": gauges.busy,
        "idle": gauges.idle,
        "backpressured": gauges.backpressured,
        "paused": gauges.paused,
    }
    return {state: round(spent, 6) for state, spent in seconds.items() if round(spent, 6)}


# One worker


async def test_a_worker_is_busy_while_its_coroutine_waits_and_idle_while_there_is_no_item(
    clock: Clock,
) -> None:
    async def items() -> AsyncIterator[float]:
        await asyncio.sleep(5)
        yield 3
        await asyncio.sleep(10)
        yield 4

    plumber, source, waits = Plumber(), Source(items), Sink(end)
    plumber.connect(source).to(waits)

    await plumber.run()

    gauges = plumber.gauges()
    assert gauges.duration == 19
    assert times(gauges.of(waits)) == {"busy": 7, "idle": 12}
    assert times(gauges.of(source)) == {"busy": 15, "idle": 4}


async def test_what_waits_for_room_is_backpressured_up_to_the_source(clock: Clock) -> None:
    plumber = Plumber()
    source, quick, last = Source([10] * 4), Processor(pass_on, buffer=1), Sink(end, buffer=1)
    plumber.connect(source).to(quick).to(last)

    await plumber.run()

    # The last has an item in hand and one waits before each of them, so there is room for the
    # fourth at 10. That there is no fifth is seen at 20, when there would be room for it.
    gauges = plumber.gauges()
    assert times(gauges.of(last)) == {"busy": 40}
    assert times(gauges.of(source)) == {"backpressured": 20, "idle": 20}
    assert times(gauges.of(quick)) == {"backpressured": 20, "idle": 20}


async def test_the_item_in_hand_counts_before_it_is_done(clock: Clock) -> None:
    plumber, gate = Plumber(), Gate[int]()
    stage = Processor(gate)
    plumber.connect(Source([1])).to(stage).to(Sink(ignore))

    async with plumber.running():
        await gate.next_arrival()
        await asyncio.sleep(30)
        gauges = plumber.gauges()
        gate.open()

    assert (gauges.of(stage).state, gauges.of(stage).in_flight) == ("busy", 1)
    assert times(gauges.of(stage)) == {"busy": 30}


async def test_a_coroutine_that_is_cancelled_was_busy_until_then(clock: Clock) -> None:
    plumber = Plumber()
    stages = [Processor(wait), Processor(wait, name="pool", workers=2)]
    sink = Sink(end)
    source = plumber.connect(Source([1000.0] * 2))
    for stage in stages:
        source.to(stage).collect()
    source.to(sink)
    asyncio.get_running_loop().call_later(30, plumber.abort)

    await plumber.run()

    gauges = plumber.gauges()
    assert times(gauges.of(sink)) == {"busy": 30}
    assert [times(gauges.of(stage)) for stage in stages] == [{"busy": 30}, {"busy": 30}]


async def test_to_fill_an_edge_is_the_work_of_the_source_and_not_of_its_reader(
    clock: Clock,
) -> None:
    def items() -> Iterator[int]:
        for number in range(5):
            clock.now += 2  # it blocks
            yield number

    plumber, source, sink = Plumber(), Source(items()), Sink(ignore, buffer=1)
    pool = Sink(ignore, name="pool", workers=2, buffer=1)
    joint = plumber.connect(source)
    joint.fan_out(sink, pool)

    await plumber.run()

    gauges = plumber.gauges()
    assert times(gauges.of(source)) == {"busy": 10}
    assert gauges.of(source).computing == 10
    assert times(gauges.of(sink)) == times(gauges.of(pool)) == {"idle": 10}


# Pauses


async def test_a_pause_counts_from_when_the_item_in_hand_is_done(clock: Clock) -> None:
    plumber, stage = Plumber(), Sink(end)
    plumber.connect(Source([10.0, 10.0])).to(stage)

    async with plumber.running():
        await asyncio.sleep(4)
        plumber.pause(stage)
        await asyncio.sleep(20)
        state = plumber.gauges().of(stage).state
        plumber.resume(stage)
        await asyncio.sleep(5)
        gauges = plumber.gauges()

    assert state == "paused"
    assert times(gauges.of(stage)) == {"busy": 15, "paused": 14}


async def test_after_a_pause_a_node_waits_for_what_it_lacks_then(clock: Clock) -> None:
    plumber, stage, last = Plumber(), Processor(pass_on), Sink(end, buffer=1)
    plumber.connect(Source([100] * 9)).to(stage).to(last)

    async with plumber.running():
        await asyncio.sleep(10)
        plumber.pause(stage)
        await asyncio.sleep(20)
        plumber.resume(stage)
        await asyncio.sleep(30)
        gauges = plumber.gauges()
        plumber.abort()

    assert times(gauges.of(stage)) == {"backpressured": 40, "paused": 20}


async def test_after_a_pause_the_workers_that_find_no_item_are_idle(clock: Clock) -> None:
    plumber, feed, pool = Plumber(), Feed[float](), Sink(end, workers=2)
    plumber.connect(feed).to(pool)
    plumber.pause(pool)

    async with plumber.running():
        await feed.put(40)
        await asyncio.sleep(10)
        plumber.resume(pool)
        await asyncio.sleep(30)
        gauges = plumber.gauges()
        plumber.abort()

    assert times(gauges.of(pool)) == {"busy": 15, "idle": 15, "paused": 10}


async def test_a_paused_source_is_paused_whatever_kind_it_is(clock: Clock) -> None:
    async def fill(queue: OutputQueue[float]) -> None:
        while True:
            await queue.put(1)

    async def forever() -> AsyncIterator[float]:
        while True:
            yield 1

    sources = [Source([1.0] * 99), Source(forever), InputRig(fill), Feed[float]()]
    plumber = Plumber()
    plumber.merge(sources[0], sources[1], *sources[2:], buffer=1).to(Sink(end, buffer=1))
    plumber.pause(*sources)

    async with plumber.running():
        await asyncio.sleep(50)
        gauges = plumber.gauges()
        plumber.abort()

    assert [times(gauges.of(source)) for source in sources] == [{"paused": 50}] * 4


# Many workers, generators and sources


async def test_many_workers_share_the_seconds(clock: Clock) -> None:
    plumber, pool = Plumber(), Sink(end, workers=4)
    plumber.connect(Source([10.0, 30.0])).to(pool)

    await plumber.run()

    gauges = plumber.gauges().of(pool)
    assert gauges.workers == 4
    assert times(gauges) == {"busy": 10, "idle": 20}  # 40 of 120 seconds of workers


async def test_a_pool_that_waits_for_its_slowest_item_is_backpressured(clock: Clock) -> None:
    plumber, pool = Plumber(), Processor(wait, workers=2, window=2)
    plumber.connect(Source([100.0, *[1.0] * 50])).to(pool).to(Sink(ignore))

    async with plumber.running():
        await asyncio.sleep(50)
        gauges = plumber.gauges()
        plumber.abort()

    assert times(gauges.of(pool)) == {"busy": 25.5, "backpressured": 24.5}


async def test_a_generator_that_waits_for_room_is_not_busy(clock: Clock) -> None:
    async def twice(item: float) -> AsyncIterator[float]:
        await asyncio.sleep(5)
        yield item
        yield item

    plumber, stage = Plumber(), Processor(twice)
    plumber.connect(Source([20.0])).to(stage).to(Sink(end, buffer=1))

    await plumber.run()

    # It is asked for a third result at 25, when there is room for one.
    assert times(plumber.gauges().of(stage)) == {"busy": 5, "backpressured": 20, "idle": 20}


async def test_a_rig_is_busy_but_for_the_time_it_waits_for_room(clock: Clock) -> None:
    async def fill(queue: OutputQueue[float]) -> None:
        for _ in range(3):
            await asyncio.sleep(7)
            await queue.put(30)

    plumber, rig = Plumber(), InputRig(fill)
    plumber.connect(rig).to(Sink(end, buffer=1))

    await plumber.run()

    # The third is made at 21, and there is room from 37 on, when the second is begun.
    assert times(plumber.gauges().of(rig)) == {"busy": 21, "backpressured": 16, "idle": 60}


async def test_an_async_source_is_backpressured_while_there_is_no_room(clock: Clock) -> None:
    async def items() -> AsyncIterator[float]:
        for _ in range(3):
            await asyncio.sleep(2)
            yield 30

    plumber, source = Plumber(), Source(items)
    plumber.connect(source).to(Sink(end, buffer=1))

    await plumber.run()

    # It is asked for the third when there is room for it, at 32, and for a fourth at 62.
    assert times(plumber.gauges().of(source)) == {"busy": 6, "backpressured": 56, "idle": 30}


async def test_children_are_busy_as_long_as_they_have_something_to_do() -> None:
    plumber, stage = Plumber(), Processor(in_process(double), workers=2)
    plumber.connect(Source(range(100))).to(stage).to(Sink(ignore))

    await plumber.run()

    gauges = plumber.gauges()
    assert gauges.of(stage).completed == 100
    assert 0 < gauges.of(stage).busy <= gauges.duration
    assert sum_of_states(gauges.of(stage)) == pytest.approx(gauges.duration)


def sum_of_states(gauges: ProcessorGauges) -> float:
    return gauges.busy + gauges.idle + gauges.backpressured + gauges.paused


# Before, after, beside


async def test_before_a_run_the_gauges_have_the_bounds_and_zeros() -> None:
    plumber, feed = Plumber("orders"), Feed[int](maxsize=7, name="orders")
    plumber.connect(feed).to(Processor(pass_on, workers=3, name="check", buffer=5)).collect()

    gauges = plumber.gauges()

    assert (gauges.plumber, gauges.state, gauges.duration) == ("orders", "not begun", 0.0)
    assert [each.workers for each in gauges.processors] == [1, 3, 1]
    assert [(edge.name, edge.items, edge.limit) for edge in gauges.edges[:2]] == [
        ("-> orders", 0, 7),
        ("orders -> check", 0, 5),
    ]


def test_before_a_run_the_gauges_of_a_wrong_drawing_are_refused() -> None:
    plumber = Plumber()
    plumber.connect(Source([1]))

    with pytest.raises(WiringErrors):
        plumber.gauges()


async def test_after_a_run_the_gauges_are_those_of_its_end(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Source([5.0])).to(Sink(end))
    report = await plumber.run()

    await asyncio.sleep(100)
    gauges = plumber.gauges()

    assert gauges.is_over
    assert (gauges.state, gauges.duration) == (report.ending, report.duration) == ("finished", 5)
    assert {each.state for each in gauges.processors} == {"ended"}
    for each, counts in zip(gauges.processors, report.counts, strict=True):
        assert (each.received, each.completed) == (counts.received, counts.completed)


async def test_the_state_says_how_a_run_is_being_ended(clock: Clock) -> None:
    plumber, gate = Plumber(), Gate[int]()
    plumber.connect(Feed[int]()).to(Sink(ignore))
    plumber.connect(Source([1])).to(Sink(gate.hold))
    states: list[str] = []

    async with plumber.running():
        await gate.next_arrival()
        states.append(plumber.gauges().state)
        plumber.drain("enough")
        states.append(plumber.gauges().state)
        dooms = plumber.gauges().dooms
        gate.open()

    assert [*states, plumber.gauges().state] == ["running", "draining", "drained"]
    assert dooms == (Doom("enough"),)


async def test_gauges_are_taken_without_a_look_at_the_items(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plumber, gate = Plumber(), Gate[int]()
    pool = Processor(pass_on, workers=2)
    plumber.connect(Source(range(500))).to(pool).keep(bool).batch(2).to(Sink(ignore))
    plumber.connect(Source(range(500), name="other")).to(Sink(gate.hold, buffer=400))

    async with plumber.running():
        await gate.next_arrival()
        with monkeypatch.context() as patch:
            patch.setattr(Edge, "peek", None)  # what shows them
            gauges = plumber.gauges()
        gate.open()

    (full,) = [edge for edge in gauges.edges if edge.limit == 400]
    assert full.items == 399  # one is in hand


async def test_exceptions_are_counted_by_their_type() -> None:
    plumber = Plumber()

    async def fail(item: int) -> int:
        raise (ValueError if item % 3 else KeyError)(item)

    stage = Processor(fail)
    plumber.connect(Source(range(9))).to(stage).to(Sink(ignore))
    plumber.failures(stage).collect()

    await plumber.run()

    assert plumber.gauges().of(stage).raised == {"ValueError": 6, "KeyError": 3}


async def test_gauges_go_to_another_process_and_know_no_parts_there() -> None:
    plumber, stage = Plumber(), Sink(ignore)
    plumber.connect(Source([1])).to(stage)
    before = plumber.gauges()
    await plumber.run()

    unchanged = pickle.loads(pickle.dumps(before))  # noqa: S301  # our own bytes
    again: Gauges = pickle.loads(pickle.dumps(plumber.gauges()))  # noqa: S301  # as above

    assert unchanged == before
    assert again == plumber.gauges()
    assert again.processors[1].received == 1


def test_gauges_of_what_is_not_in_the_drawing_are_refused() -> None:
    plumber = Plumber("orders")
    plumber.connect(Source([1])).to(Sink(ignore))

    with pytest.raises(WiringError, match="no processor or source in the drawing of 'orders'"):
        plumber.gauges().of(Sink(ignore, name="another"))


async def test_another_thread_gets_the_gauges_that_the_loop_has() -> None:
    plumber, gate = Plumber(), Gate[int]()
    plumber.connect(Source(range(50))).to(Sink(gate.hold))
    got: list[Gauges] = []

    async with plumber.running():
        await gate.next_arrival()
        thread = threading.Thread(target=lambda: got.append(plumber.gauges()))
        thread.start()
        await asyncio.to_thread(thread.join)
        here = plumber.gauges()
        gate.open()

    assert [each.in_flight for each in got[0].processors] == [0, 1]
    assert [each.items for each in got[0].edges] == [each.items for each in here.edges]


def test_another_thread_gets_the_gauges_of_a_run_whose_loop_is_closed() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))
    asyncio.run(plumber.run())
    got: list[Gauges] = []

    thread = threading.Thread(target=lambda: got.append(plumber.gauges()))
    thread.start()
    thread.join()

    assert got == [plumber.gauges()]


async def test_a_run_that_failed_says_so_in_its_gauges() -> None:
    plumber = Plumber()

    async def fail(item: int) -> None:
        raise ValueError(item)

    plumber.connect(Source([1])).to(Sink(fail))
    with pytest.raises(PipelineFailed):
        await plumber.run()

    assert plumber.gauges().state == "failed"


# What changed


async def test_rates_are_items_and_shares_a_second(clock: Clock) -> None:
    plumber, stage = Plumber(), Sink(end, name="wait")
    plumber.connect(Source([0.5] * 1000)).to(stage)

    async with plumber.running():
        await asyncio.sleep(10.25)
        earlier = plumber.gauges()
        await asyncio.sleep(20)
        rates = plumber.gauges().since(earlier)
        plumber.abort()

    assert rates.seconds == 20
    assert (rates.of("wait").completed, rates.of("wait").busy) == (2, 1)
    with pytest.raises(KeyError):
        rates.of("no such")


async def test_rates_since_an_earlier_run_are_those_of_the_whole_run(clock: Clock) -> None:
    plumber = Plumber()
    plumber.connect(Source([5.0] * 2)).to(Sink(end, name="wait"))
    before = plumber.gauges()
    await plumber.run()
    first = plumber.gauges()
    await plumber.run()

    for earlier in (before, first, evolve(first, duration=1.0)):
        rates = plumber.gauges().since(earlier)
        assert (rates.seconds, rates.of("wait").completed) == (10, 0.2)


async def test_between_a_snapshot_and_itself_there_are_no_rates_and_no_verdict() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))
    await plumber.run()
    gauges = plumber.gauges()

    rates = gauges.since(gauges)

    assert (rates.seconds, rates.loop_busy, rates.verdict) == (0, 0, None)
    assert not any(each.received for each in rates.processors)


async def test_gauges_that_the_event_loop_has_no_turn_for_are_refused() -> None:
    plumber, errors = Plumber(), list[RunStateError]()

    def ask() -> None:
        try:
            plumber.gauges(within=0.01)
        except RunStateError as error:
            errors.append(error)

    plumber.connect(Source([1])).to(Sink(ignore))
    async with plumber.running():
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()  # blocks the loop

    assert "had no turn for 0.01 s" in str(errors[0])


async def test_a_source_in_a_thread_is_busy_until_what_it_has_read_finds_no_room() -> None:
    plumber, gate = Plumber(), Gate[int]()
    source = Source[int].in_thread(lambda: range(1000), maxsize=5)
    plumber.connect(source).to(Sink(gate.hold, buffer=5))

    async with plumber.running():
        async for gauges in plumber.watch(every=0.001):
            if gauges.of(source).state == "backpressured":
                break
        plumber.abort()

    gauges = plumber.gauges()
    assert gauges.of(source).backpressured > 0
    assert sum_of_states(gauges.of(source)) == pytest.approx(gauges.duration)


async def test_the_states_of_processors_that_are_asked_add_up(clock: Clock) -> None:
    plumber, stages = Plumber(), [Processor(wait), Processor(wait, name="pool", workers=2)]

    def segment(seconds: Joint[float]) -> Joint[float]:
        return seconds.to(stages[0]).to(stages[1])

    exchange = plumber.exchange(segment)

    async with plumber.running():
        assert await exchange.ask(5.0) == 5
        gauges = plumber.gauges()

    assert times(gauges.of(stages[0])) == {"busy": 5, "idle": 5}
    assert times(gauges.of(stages[1])) == {"busy": 2.5, "idle": 7.5}
    for each in gauges.processors:
        assert sum_of_states(each) == pytest.approx(gauges.duration)
