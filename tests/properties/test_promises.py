# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The promises about order, pairs, bounds and pauses, with random numbers for all that has one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.graphs import Origin, Spring
from tests.properties.logs import Logs
from tests.properties.loops import finish
from tests.properties.springs import Giver, source
from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import Feed, Joint, Plumber, Processor, Sink, Source

COUNT = 100
"""Items of a source that gives more than all edges hold."""

ORIGINS: tuple[Origin, ...] = ("iterable", "async generator", "rig", "feed")
WORKERS = st.integers(1, 5)
BOUNDS = st.integers(1, 7)
LATENCIES = st.lists(st.integers(0, 9), max_size=40)
"""For each item, how many turns of the event loop a coroutine takes for it."""


async def same(item: object) -> object:
    return item


async def suspend(turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


class Taking:
    """A coroutine that takes its time, differently for each item, and notes what it sees."""

    def __init__(self, latencies: Sequence[int]) -> None:
        self._latencies = latencies
        self.at_once = self.most_at_once = 0
        self.started: list[int] = []
        self.finished: list[int] = []

    async def __call__(self, item: int) -> int:
        self.started.append(item)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await suspend(self._latencies[item % len(self._latencies)])
        self.at_once -= 1
        self.finished.append(item)
        return item


# Order


@given(LATENCIES, WORKERS, st.sampled_from([None, 1, 2, 9]), BOUNDS)
def test_many_workers_keep_the_order_within_their_window(
    latencies: list[int], workers: int, window: int | None, bound: int
) -> None:
    coro = Taking(latencies)
    ahead: list[int] = []

    async def note(item: int) -> None:
        ahead.append(len(coro.started) - item)

    plumber = Plumber()
    step = plumber.connect(Source(range(len(latencies)))).to(
        Processor(coro, workers=workers, window=window, buffer=bound)
    )
    results = step.collect()
    step.to(Sink(note, buffer=bound))
    finish(plumber.run())

    assert list(results.items) == list(range(len(latencies)))
    assert coro.most_at_once <= min(workers, window or workers)
    # What was begun and has not come out is in the window, in the edge, or in the sink's hand.
    assert max(ahead, default=0) <= (window or 8 * workers) + bound + 1


@given(LATENCIES, WORKERS, BOUNDS)
def test_unordered_workers_give_every_result_once_and_as_it_comes(
    latencies: list[int], workers: int, bound: int
) -> None:
    coro = Taking(latencies)
    plumber = Plumber()
    results = (
        plumber.connect(Source(range(len(latencies))))
        .to(Processor(coro, workers=workers, ordered=False, buffer=bound))
        .collect()
    )
    finish(plumber.run())

    assert sorted(results.items) == list(range(len(latencies)))
    assert list(results.items) == coro.finished
    assert coro.most_at_once <= workers


# Pairs


@frozen
class Losing:
    """A branch that loses some items, by failing or by dropping them."""

    lost: frozenset[int]
    fails: bool
    workers: int
    buffer: int
    latencies: Sequence[int]

    async def work(self, item: int) -> int:
        await suspend(self.latencies[item % len(self.latencies)])
        if self.fails and item in self.lost:
            raise ValueError(item)
        return item

    def keeps(self, item: int) -> bool:
        return item not in self.lost

    def draw(self, plumber: Plumber, source: Source[int]) -> Joint[int]:
        step = Processor(self.work, workers=self.workers, buffer=self.buffer)
        joint = plumber.connect(source).to(step)
        if self.fails:
            plumber.failures(step).collect()
            return joint
        return joint.keep(self.keeps)


LOSING = st.builds(
    Losing,
    st.frozensets(st.integers(0, 19)),
    st.booleans(),
    WORKERS,
    BOUNDS,
    st.lists(st.integers(0, 9), min_size=1),
)


@given(st.lists(LOSING, min_size=2, max_size=4))
def test_an_item_that_one_branch_loses_takes_its_partners_with_it_and_nobody_elses(
    branches: list[Losing],
) -> None:
    plumber, numbers = Plumber(), Source(range(20))
    tuples = plumber.zip(*(branch.draw(plumber, numbers) for branch in branches)).collect()
    report = finish(plumber.run())

    left = set(range(20)).difference(*(branch.lost for branch in branches))
    assert list(tuples.items) == [(item,) * len(branches) for item in sorted(left)]
    assert report.counts[-1].dropped == 20 - len(left)


# Bounds and back-pressure


STEPS = st.lists(st.tuples(BOUNDS, WORKERS, st.integers(1, 4)), max_size=3)
"""For each processor its buffer, its workers and its window."""


@given(st.sampled_from(ORIGINS), BOUNDS, STEPS, BOUNDS, WORKERS)
def test_a_producer_is_never_further_ahead_than_edges_workers_and_windows_hold(
    origin: Origin, feed_bound: int, steps: list[tuple[int, int, int]], bound: int, workers: int
) -> None:
    spring = Spring("spring", origin, first=0, count=COUNT, maxsize=feed_bound)
    logs, gate, received = Logs(), Gate[object](), list[object]()

    async def hold(item: object) -> None:
        received.append(await gate(item))

    async def main() -> None:
        plumber, begin = Plumber(), source(spring, logs)
        joint = plumber.connect(begin)
        for buffer, hands, window in steps:
            step = Processor(same, buffer=buffer, workers=hands, window=window)
            joint = joint.to(step)
        joint.to(Sink(hold, buffer=bound, workers=workers))
        async with asyncio.TaskGroup() as group:
            group.create_task(plumber.run())
            if isinstance(begin, Feed):
                group.create_task(Giver(spring, logs).fill(begin))
            await stillness(plumber)
            room = bound + sum(sum(step) for step in steps)
            room += feed_bound if origin == "feed" else 0
            assert len(gate.arrived) == workers
            assert workers <= len(logs.of("spring").gave) <= workers + room
            gate.open()

    finish(main())

    assert sorted(received, key=str) == sorted(range(COUNT), key=str)


@given(LATENCIES, WORKERS, st.integers(0, 9), BOUNDS, BOUNDS)
def test_a_processor_takes_no_more_than_there_is_room_and_hands_for(
    latencies: list[int], workers: int, window: int, bound: int, next_bound: int
) -> None:
    first, second = Taking(latencies), Taking([2, 0, 1])
    ahead: list[int] = []

    async def look(item: int) -> int:
        ahead.append(len(first.started) + 1 - len(second.started))
        return await first(item)

    plumber = Plumber()
    plumber.connect(Source(range(len(latencies)))).to(
        Processor(look, workers=workers, ordered=window > 0, window=window or None, buffer=bound)
    ).to(Processor(second, buffer=next_bound)).collect()
    finish(plumber.run())

    # Each of several workers holds a result that finds no room, the window those out of turn.
    hands = workers + window if workers > 1 else 0
    assert max(ahead, default=0) <= next_bound + hands


# Pauses


@given(LATENCIES, WORKERS, BOUNDS, st.integers(0, 30), st.sampled_from(["all", "source", "step"]))
def test_a_pause_freezes_what_it_names_and_loses_nothing(
    latencies: list[int], workers: int, bound: int, turns: int, which: str
) -> None:
    coro = Taking(latencies)

    async def main() -> Sequence[int]:
        plumber, numbers = Plumber(), Source(range(len(latencies)))
        step = Processor(coro, workers=workers, buffer=bound)
        results = plumber.connect(numbers).to(step).collect()
        named: Mapping[str, tuple[Source[int] | Processor[int, int], ...]] = {
            "all": (),
            "source": (numbers,),
            "step": (step,),
        }
        run = asyncio.create_task(plumber.run())
        await suspend(turns)
        if not run.done():
            plumber.pause(*named[which])
            if which != "source":
                begun = len(coro.started)
                await stillness(plumber)
                assert len(coro.started) == begun
            still = await stillness(plumber)
            assert all(counts.in_flight == 0 for counts in still.counts)
            if which == "source":
                assert still.of(step).received == still.of(numbers).emitted
            plumber.resume()
        await run
        return results.items

    assert list(finish(main())) == list(range(len(latencies)))
