# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Order per key: items of one key never overlap, and begin in their order."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Hashable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import Clock
from tests.support.stillness import stillness
from tests.support.strays import strays
from tests.support.unchecked import unchecked
from typedpipes import (
    Failure,
    Feed,
    InputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorHangs,
    Sink,
    Source,
    WiringError,
)

Job = tuple[str, int]
"""A key, and a number that counts the jobs."""


def key_of(job: Job) -> str:
    return job[0]


class Shop:
    """Works on jobs, each for some seconds, and notes what overlaps."""

    def __init__(self, seconds: dict[int, float] | None = None) -> None:
        self.begun: dict[str, list[int]] = defaultdict(list)
        self.at_once: Counter[str] = Counter()
        self.most = 0
        self.overlaps: list[Job] = []
        self._seconds = seconds or {}

    async def work(self, job: Job) -> Job:
        key, number = job
        self.begun[key].append(number)
        self.at_once[key] += 1
        self.most = max(self.most, self.at_once.total())
        if self.at_once[key] > 1:
            self.overlaps.append(job)
        await asyncio.sleep(self._seconds.get(number, 1))
        self.at_once[key] -= 1
        return job

    async def work_twice(self, job: Job) -> AsyncIterator[Job]:
        yield await self.work(job)
        yield job


def jobs(keys: str) -> list[Job]:
    return [(key, number) for number, key in enumerate(keys)]


def in_key_order(done: Iterable[Job]) -> dict[str, list[int]]:
    order: dict[str, list[int]] = defaultdict(list)
    for key, number in done:
        order[key].append(number)
    return order


@given(
    st.text("abc", max_size=30),
    st.lists(st.integers(0, 5), min_size=30, max_size=30),
    st.tuples(st.integers(1, 5), st.integers(1, 12)),
    st.booleans(),
)
def test_items_of_a_key_never_overlap_and_begin_in_their_order(
    keys: str, seconds: list[int], bounds: tuple[int, int], ordered: bool
) -> None:
    workers, window = bounds
    shop = Shop({number: float(each) for number, each in enumerate(seconds)})
    plumber = Plumber()
    processor = Processor(shop.work, workers=workers, window=window, ordered=ordered)
    done = plumber.connect(Source(jobs(keys))).to(processor.keyed(key_of)).collect()

    report = Clock().run(plumber.run())

    assert not shop.overlaps
    assert all(numbers == sorted(numbers) for numbers in shop.begun.values())
    assert in_key_order(done.items) == in_key_order(jobs(keys))
    assert not ordered or list(done.items) == jobs(keys)
    assert report.of(processor).completed == len(keys)
    assert shop.most <= workers


@pytest.mark.usefixtures("clock")
async def test_items_of_different_keys_are_worked_on_side_by_side() -> None:
    shop, plumber = Shop(), Plumber()
    plumber.connect(Source(jobs("aaabbbccc"))).to(Processor(shop.work, workers=3).keyed(key_of)).to(
        Sink(ignore)
    )

    report = await plumber.run()

    assert report.duration == 3
    assert shop.most == 3


async def ignore(job: Job) -> None: ...


@pytest.mark.usefixtures("clock")
async def test_an_item_that_waits_for_its_key_keeps_no_worker_from_others() -> None:
    shop, plumber = Shop({0: 100.0}), Plumber()
    processor = Processor(shop.work, workers=2, ordered=False).keyed(key_of)
    done = plumber.connect(Source(jobs("aaaabcdefg"))).to(processor).collect()

    await plumber.run()

    assert [key for key, _ in done.items] == [*"bcdefg", *"aaaa"]


@pytest.mark.usefixtures("clock")
async def test_a_hot_key_is_seen_and_holds_up_others_once_the_window_is_full() -> None:
    hold = asyncio.Event()

    async def wait(job: Job) -> None:
        await hold.wait()

    plumber = Plumber()
    processor = Processor(wait, workers=4, window=6).keyed(key_of)
    plumber.connect(Source(jobs("a" * 20 + "b"))).to(processor).collect()
    run = asyncio.create_task(plumber.run())

    counts = (await stillness(plumber)).of(processor)

    assert (counts.in_flight, counts.waiting_for_key) == (6, 5)
    hold.set()
    assert (await run).of(processor).completed == 21


@pytest.mark.parametrize("ordered", [True, False])
async def test_a_failed_item_lets_the_next_of_its_key_begin(ordered: bool) -> None:
    async def refuse_odd(job: Job) -> Job:
        await asyncio.sleep(0)
        if job[1] % 2:
            raise ValueError(job)
        return job

    plumber = Plumber()
    processor = Processor(refuse_odd, workers=3, ordered=ordered).keyed(key_of)
    plumber.connect(Source(jobs("aaaa"))).to(processor)
    outcomes = plumber.outcomes(processor).collect()

    await plumber.run()

    plain = [each.item if isinstance(each, Failure) else each for each in outcomes.items]
    assert plain == jobs("aaaa")


@pytest.mark.usefixtures("clock")
async def test_a_key_that_cannot_be_told_is_a_failure_of_its_item() -> None:
    def key(job: Job) -> Hashable:
        if job[1] == 1:
            raise LookupError(job)
        return unchecked([]) if job[1] == 2 else job[0]  # a list cannot be hashed

    shop, plumber = Shop(), Plumber()
    processor = Processor(shop.work, workers=3).keyed(key)
    plumber.connect(Source(jobs("aaaa"))).to(processor)
    outcomes = plumber.outcomes(processor).collect()

    await plumber.run()

    failed = {
        each.item[1]: type(each.error) for each in outcomes.items if isinstance(each, Failure)
    }
    assert failed == {1: LookupError, 2: TypeError}
    assert [each.item if isinstance(each, Failure) else each for each in outcomes.items] == jobs(
        "aaaa"
    )


@pytest.mark.usefixtures("clock")
async def test_generators_of_one_key_run_one_after_the_other() -> None:
    shop, plumber = Shop(), Plumber()
    processor = Processor(shop.work_twice, workers=3).keyed(key_of)
    done = plumber.connect(Source(jobs("abab"))).to(processor).collect()

    report = await plumber.run()

    assert list(done.items) == [job for job in jobs("abab") for _ in range(2)]
    assert not shop.overlaps
    assert report.duration == 2


async def test_aborted_it_hands_what_waits_for_a_key_to_the_cleanup() -> None:
    left: list[Job] = []

    async def hang(job: Job) -> None:
        await asyncio.Event().wait()

    async def save(queue: InputQueue[Job]) -> None:
        left.extend(queue.drain())

    plumber = Plumber()
    sink = Sink(hang, workers=3).keyed(key_of).cleanup(input=save)
    plumber.connect(Source(jobs("aaabbb"))).to(sink)
    run = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.abort("enough")
    report = await run

    assert sorted(left) == sorted(jobs("aaabbb"))
    counts = report.of(sink)
    assert (counts.received, counts.interrupted, counts.waiting_for_key) == (6, 6, 0)
    assert sorted(counts.unprocessed) == sorted(left)


@pytest.mark.usefixtures("clock")
async def test_paused_it_begins_no_item_that_waits_for_its_key() -> None:
    shop, plumber = Shop(), Plumber()
    processor = Processor(shop.work, workers=3).keyed(key_of)
    done = plumber.connect(Source(jobs("aaabbb"))).to(processor).collect()
    run = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.pause(processor)
    await asyncio.sleep(10)
    begun = {key: list(numbers) for key, numbers in shop.begun.items()}
    plumber.resume(processor)
    await run

    assert begun == {"a": [0], "b": [3]}
    assert list(done.items) == jobs("aaabbb")
    assert not shop.overlaps


@pytest.mark.usefixtures("clock")
async def test_after_a_pause_what_waits_for_its_key_goes_on_though_nothing_new_comes() -> None:
    shop, feed, plumber = Shop({2: 2.0}), Feed[Job](), Plumber()
    processor = Processor(shop.work, workers=2).keyed(key_of)
    done = plumber.connect(feed).to(processor).collect()

    async with plumber.running():
        for job in jobs("aab"):
            await feed.put(job)
        await stillness(plumber)
        plumber.pause(processor)
        await asyncio.sleep(10)  # the worker of the first key rests, and then the other one waits
        plumber.resume(processor)
        await asyncio.sleep(10)

        assert list(done.items) == jobs("aab")
        feed.close()


@pytest.mark.usefixtures("clock")
async def test_paused_it_has_nothing_in_hand_but_what_waits_for_its_key() -> None:
    shop, plumber = Shop(), Plumber()
    processor = Processor(shop.work, workers=3).keyed(key_of)
    plumber.connect(Source(jobs("aaabbb"))).to(processor).collect()
    run = asyncio.create_task(plumber.run())
    await stillness(plumber)

    plumber.pause(processor)
    await asyncio.sleep(10)
    counts = plumber.report().of(processor)
    plumber.resume(processor)
    await run

    assert (counts.completed, counts.in_flight, counts.waiting_for_key) == (2, 4, 4)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("workers", [1, 3])
async def test_the_key_of_what_was_dropped_before_is_not_asked_for(workers: int) -> None:
    shop, plumber = Shop(), Plumber()
    numbered = plumber.connect(Source(jobs("abab")))
    processor = Processor(shop.work, workers=workers).keyed(key_of)
    kept = numbered.keep(lambda job: job[1] != 2).to(processor)
    pairs = plumber.zip(numbered, kept).collect()

    report = await plumber.run()

    assert pairs.items == tuple((job, job) for job in jobs("abab") if job[1] != 2)
    assert report.of(processor).failed == 0


@pytest.mark.usefixtures("clock")
async def test_an_item_that_hangs_after_others_of_its_key_is_the_one_that_is_named() -> None:
    hung, go_on = asyncio.Event(), asyncio.Event()

    async def hang_at_the_second(job: Job) -> None:
        await asyncio.sleep(1)  # so that the second one waits for its key
        if job[1] == 1:
            hung.set()
            try:
                await go_on.wait()
            except asyncio.CancelledError:
                await go_on.wait()

    plumber = Plumber()
    sink = Sink(hang_at_the_second, workers=2).keyed(key_of)
    plumber.connect(Source(jobs("aa"))).to(sink)
    run = asyncio.create_task(plumber.run(grace=0.1))
    await hung.wait()

    plumber.abort("enough")
    with pytest.raises(PipelineFailed) as failed:
        await run

    (error,) = failed.value.exceptions
    assert isinstance(error, ProcessorHangs)
    assert error.item == ("a", 1)
    assert failed.value.report.of(sink).unprocessed == (("a", 1),)
    left_behind = strays()
    go_on.set()
    await asyncio.wait(left_behind)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (ignore, "the key of 'p' needs a plain function, but 'ignore' is async"),
        (lambda: 1, "the key of 'p' calls 'lambda' with one argument"),
        (None, "the key of 'p' needs a plain function, not None"),
    ],
)
def test_what_is_no_key_is_refused(key: object, why: str) -> None:
    with pytest.raises(WiringError, match=why):
        Processor(ignore, name="p").keyed(unchecked(key))


def test_there_is_one_key() -> None:
    processor = Processor(ignore, name="p").keyed(key_of)

    with pytest.raises(WiringError, match="Return both as a tuple"):
        processor.keyed(key_of)
