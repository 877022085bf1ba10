"""What processors do with their items: one worker or many, in order or not, no more than fits."""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import Doom, Failure, InputRig, OutputQueue, Plumber, Processor, Sink, Source, bind


async def double(number: int) -> int:
    return 2 * number


async def scale(number: int, factor: int) -> int:
    return number * factor


async def words(text: str) -> AsyncIterator[str]:
    for word in text.split():
        yield word


async def ignore(item: object) -> None: ...


class Latch:
    """A coroutine whose calls end in the order in which the test releases them."""

    def __init__(self) -> None:
        self._gates = [asyncio.Event() for _ in range(10)]

    async def __call__(self, number: int) -> int:
        await self._gates[number].wait()
        return number

    def release(self, number: int) -> None:
        self._gates[number].set()


async def test_a_chain_hands_every_item_from_processor_to_processor() -> None:
    plumber = Plumber()
    collector = (
        plumber.connect(Source([1, 2, 3])).to(Processor(double)).to(Processor(double)).collect()
    )

    await plumber.run()

    assert collector.items == (4, 8, 12)


async def test_an_async_generator_gives_any_number_of_items_for_one() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source(["one two", "", "three"])).to(Processor(words)).collect()

    await plumber.run()

    assert collector.items == ("one", "two", "three")


async def test_bind_fixes_the_arguments_after_the_item() -> None:
    plumber = Plumber()
    tripled = Processor(bind(scale, factor=3))
    collector = plumber.connect(Source([1, 2])).to(tripled).collect()

    await plumber.run()

    assert collector.items == (3, 6)
    assert tripled.name == "scale"


def as_object() -> Callable[[int], Awaitable[int]]:
    class Doubler:
        async def __call__(self, number: int) -> int:
            return 2 * number

    return Doubler()


def as_lambda() -> Callable[[int], Awaitable[int]]:
    def call(number: int) -> Awaitable[int]:
        return double(number)

    return call


def as_partial() -> Callable[[int], Awaitable[int]]:
    return functools.partial(scale, factor=2)


@pytest.mark.parametrize("make", [as_object, as_lambda, as_partial])
async def test_whatever_gives_an_awaitable_may_be_the_coroutine(
    make: Callable[[], Callable[[int], Awaitable[int]]],
) -> None:
    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).to(Processor(make())).collect()

    await plumber.run()

    assert collector.items == (2, 4)


@pytest.mark.parametrize("buffer", [1, 2, 3])
async def test_bound_a_full_edge_makes_the_producer_wait_back_to_the_source(buffer: int) -> None:
    given = 0

    async def endless() -> AsyncIterator[int]:
        nonlocal given
        for number in itertools.count():
            given += 1
            yield number

    gate = Gate[int]()
    plumber = Plumber()
    first, last = Processor(double, buffer=buffer), Sink(gate.hold, buffer=buffer)
    plumber.connect(Source(endless)).to(first).to(last)

    async with plumber.running():
        report = await stillness(plumber)
        held = [len(report.of(each).unprocessed) for each in (first, last)]
        given_at_rest = given
        gate.open()

    assert all(0 < count <= buffer for count in held)
    assert given_at_rest == sum(held) + 1  # one is in hand


@pytest.mark.parametrize("ordered", [True, False])
async def test_bound_no_more_calls_are_in_progress_than_there_are_workers(ordered: bool) -> None:
    gate = Gate[int]()
    processor = Processor(gate, workers=3, ordered=ordered)
    plumber = Plumber()
    collector = plumber.connect(Source(range(10))).to(processor).collect()

    async with plumber.running():
        report = await stillness(plumber)
        arrived = list(gate.arrived)
        gate.open()

    assert arrived == [0, 1, 2]
    assert report.of(processor).in_flight == 3
    assert sorted(collector.items) == list(range(10))


async def test_bound_there_is_no_task_per_item() -> None:
    most = 0

    async def count_tasks(number: int) -> None:
        nonlocal most
        most = max(most, len(asyncio.all_tasks()))

    plumber = Plumber()
    plumber.connect(Source(range(1000))).to(Processor(double, workers=5)).to(Sink(count_tasks))

    await plumber.run()

    assert 0 < most <= 1 + 1 + 5 + 1  # the test, the source, the workers, the sink


async def test_bound_results_that_wait_for_their_turn_stay_within_the_window() -> None:
    latch = Latch()
    processor = Processor(latch, workers=2, window=4)
    plumber = Plumber()
    collector = plumber.connect(Source(range(10))).to(processor).collect()

    async with plumber.running():
        for number in range(1, 10):
            latch.release(number)
        report = await stillness(plumber)
        latch.release(0)

    counts = report.of(processor)
    assert (counts.received, counts.in_flight) == (4, 1)  # 0 in progress, 1 to 3 wait for it
    assert collector.items == tuple(range(10))


@pytest.mark.parametrize(("ordered", "held"), [(True, 15), (False, 5)])
async def test_bound_workers_hold_what_finds_no_room_and_an_order_what_its_window_takes(
    ordered: bool, held: int
) -> None:
    async def suspend(number: int) -> int:
        await asyncio.sleep(0)
        return number

    gate = Gate[int]()
    processor = Processor(suspend, workers=5, ordered=ordered, window=15)
    plumber = Plumber()
    last = Sink(gate.hold, buffer=2)
    plumber.connect(Source(range(30))).to(processor).to(last)

    async with plumber.running():
        report = await stillness(plumber)
        gate.open()

    assert report.of(processor).received == 3 + held  # one in hand, two before the gate
    assert plumber.report().of(last).completed == 30


async def test_order_results_keep_the_order_of_the_items_whichever_is_done_first() -> None:
    latch = Latch()
    plumber = Plumber()
    queue = plumber.connect(Source(range(3))).to(Processor(latch, workers=3)).read()

    async with plumber.running():
        for number in (2, 1):
            latch.release(number)
        await stillness(plumber)
        early = queue.drain()
        latch.release(0)
        results = [await queue.get() for _ in range(3)]

    assert early == []
    assert results == [0, 1, 2]


async def test_unordered_results_come_as_they_are_done() -> None:
    latch = Latch()
    processor = Processor(latch, workers=3, ordered=False)
    plumber = Plumber()
    queue = plumber.connect(Source(range(3))).to(processor).read()
    results: list[int] = []

    async with plumber.running():
        for number in (2, 0, 1):
            latch.release(number)
            results.append(await queue.get())

    assert results == [2, 0, 1]


async def test_order_many_generators_keep_the_order_of_their_items() -> None:
    latch = Latch()

    async def twice(number: int) -> AsyncIterator[int]:
        yield await latch(number)
        yield number

    plumber = Plumber()
    collector = plumber.connect(Source(range(3))).to(Processor(twice, workers=3)).collect()

    async with plumber.running():
        for number in (2, 1, 0):
            latch.release(number)
            await stillness(plumber)

    assert collector.items == (0, 0, 1, 1, 2, 2)


async def test_unordered_generators_give_as_they_come() -> None:
    latch = Latch()

    async def twice(number: int) -> AsyncIterator[int]:
        yield await latch(number)
        yield number

    plumber = Plumber()
    processor = Processor(twice, workers=3, ordered=False)
    queue = plumber.connect(Source(range(3))).to(processor).read()
    results: list[int] = []

    async with plumber.running():
        for number in (2, 0, 1):
            latch.release(number)
            results += [await queue.get(), await queue.get()]

    assert results == [2, 2, 0, 0, 1, 1]


async def test_a_generator_begins_no_item_before_an_earlier_one_that_was_taken() -> None:
    begun: list[int] = []

    async def yield_or_fail(item: int) -> AsyncIterator[int]:
        begun.append(item)
        if item % 2 == 0:
            yield item
        raise ValueError(item)

    step = Processor(yield_or_fail, workers=4, ordered=False, buffer=2)
    plumber = Plumber()
    numbers = plumber.connect(Source(range(5)))
    numbers.collect(buffer=1)
    numbers.to(step).collect(buffer=1)
    plumber.failures(step).collect(buffer=1)

    await plumber.run()

    assert begun == [0, 1, 2, 3, 4]


async def test_a_generator_that_never_ends_is_not_asked_for_more_than_there_is_room_for() -> None:
    given = 0

    async def endless(item: int) -> AsyncIterator[int]:
        nonlocal given
        for given in itertools.count(1):
            yield given

    plumber = Plumber()
    gate = Gate[int]()
    plumber.connect(Source([0])).to(Processor(endless)).to(Sink(gate.hold, buffer=3))

    async with plumber.running():
        await stillness(plumber)
        given_at_rest = given
        plumber.doomsday.put_nowait(Doom("enough", mode="abort"))

    assert 1 < given_at_rest <= 1 + 3  # one is in hand


async def test_a_call_that_takes_too_long_is_a_failure(clock: Clock) -> None:
    gate = Gate[int]()
    slow = Processor(gate, timeout=0.001)
    plumber = Plumber()
    plumber.connect(Source([1])).to(slow).to(Sink(ignore))
    failures = plumber.failures(slow).collect()

    report = await plumber.run()

    (failure,) = failures.items
    assert isinstance(failure.error, TimeoutError)
    assert failure == Failure(1, failure.error, "Gate")
    assert report.of(slow).failed == 1


async def test_a_generator_that_takes_too_long_for_one_result_is_a_failure(clock: Clock) -> None:
    async def one_and_no_more(item: int) -> AsyncIterator[int]:
        yield item
        await asyncio.Event().wait()

    slow = Processor(one_and_no_more, timeout=0.001)
    plumber = Plumber()
    collector = plumber.connect(Source([1])).to(slow).collect()
    failures = plumber.failures(slow).collect()

    await plumber.run()

    assert collector.items == (1,)
    assert [type(failure.error) for failure in failures.items] == [TimeoutError]


async def take_turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("workers", [1, 2, 5])
async def test_fair_the_event_loop_turns_while_nothing_ever_suspends(workers: int) -> None:
    plumber = Plumber()
    busy = Processor(double, workers=workers)
    plumber.connect(Source(itertools.count())).to(busy).to(Sink(ignore, workers=workers))

    async with plumber.running():
        await take_turns()

    assert plumber.report().ending == "drained"


@pytest.mark.parametrize("workers", [1, 2, 5])
async def test_fair_the_event_loop_turns_while_a_sink_never_has_to_wait(workers: int) -> None:
    plumber = Plumber()
    plumber.connect(Source(itertools.count())).to(Sink(ignore, workers=workers))

    async with plumber.running():
        await take_turns()

    assert plumber.report().ending == "drained"


@pytest.mark.parametrize("buffer", [1, 100, 10**9])
async def test_fair_the_event_loop_turns_while_a_generator_never_suspends(buffer: int) -> None:
    async def endless(item: int) -> AsyncIterator[int]:
        for number in itertools.count():
            yield number

    plumber = Plumber()
    plumber.connect(Source([0])).to(Processor(endless)).to(Sink(ignore, buffer=buffer))

    async with plumber.running():
        await take_turns()
        plumber.doomsday.put_nowait(Doom("it never ends by itself", mode="abort"))

    assert plumber.report().ending == "aborted"


async def test_fair_the_event_loop_turns_while_a_source_never_suspends() -> None:
    async def endless() -> AsyncIterator[int]:
        for number in itertools.count():
            yield number

    plumber = Plumber()
    plumber.connect(Source(endless)).to(Sink(ignore, buffer=10**9))

    async with plumber.running():
        await take_turns()

    assert plumber.report().ending == "drained"


async def test_fair_the_event_loop_turns_while_an_input_rig_never_has_to_wait() -> None:
    async def endless(queue: OutputQueue[int]) -> None:
        for number in itertools.count():
            await queue.put(number)

    plumber = Plumber()
    plumber.connect(InputRig(endless)).to(Sink(ignore, buffer=10**9))

    async with plumber.running():
        await take_turns()

    assert plumber.report().ending == "drained"
