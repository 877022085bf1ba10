"""Runs over a network, from the caller's side: what comes out, and what the report says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.network.brokers import Connect
from tests.network.drawings import run, submit, work, workers
from typedpipes import (
    Counts,
    Failure,
    Feed,
    PipelineFailed,
    Plumber,
    Processor,
    Report,
    Resource,
    Sink,
    Source,
)
from typedpipes.network.calling import item_id
from typedpipes.network.errors import OtherDrawing, RemoteError, RunExists
from typedpipes.network.facts import Fact


def counts(report: Report, name: str) -> Counts[object, object]:
    return next(each for each in report.counts if each.name == name)


async def double(number: int) -> int:
    return 2 * number


async def double_at_odds(number: int) -> int:
    """Take the longer, the smaller the number is among its neighbours."""
    for _ in range(10 - number % 10):
        await asyncio.sleep(0)
    return 2 * number


async def fail_on_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


async def discard(_: object) -> None:
    """Do nothing."""


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("longest", [1, 25])
async def test_results_come_in_the_order_of_the_items(
    connect: Connect, workers: int, longest: int
) -> None:
    def draw() -> Plumber:
        plumber = Plumber("doubling")
        processor = Processor(double_at_odds, workers=workers)
        plumber.connect(Source(range(100))).to(processor).collect(name="doubles")
        return plumber

    report = await run(connect, draw, longest=longest)

    assert report.collected["doubles"] == [2 * number for number in range(100)]
    assert report.ending == "finished"


async def test_without_an_order_every_result_comes_once(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("doubling")
        processor = Processor(double_at_odds, workers=8, ordered=False)
        plumber.connect(Source(range(100))).to(processor).collect(name="doubles")
        return plumber

    report = await run(connect, draw)

    assert Counter(report.collected["doubles"]) == Counter(2 * number for number in range(100))


async def test_the_counts_of_all_processes_add_up(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("counting")
        failing = Processor(fail_on_seven, workers=3)
        plumber.connect(Source(range(40))).to(failing).keep(_is_even).to(Sink(discard))
        plumber.failures(failing).to(Sink(discard, name="failures"))
        return plumber

    report = await run(connect, draw)

    found = [
        (each.name, each.received, each.completed, each.failed, each.dropped, each.emitted)
        for each in report.counts
    ]
    assert found == [
        ("source", 40, 40, 0, 0, 40),
        ("fail_on_seven", 40, 39, 1, 0, 39),
        ("keep _is_even", 39, 20, 0, 19, 20),
        ("failures", 1, 1, 0, 0, 0),
        ("discard", 20, 20, 0, 0, 0),
    ]


def _is_even(number: int) -> bool:
    return number % 2 == 0


async def test_a_failure_goes_where_it_is_connected_to(connect: Connect) -> None:
    came: list[Failure[int]] = []

    async def note(failure: Failure[int]) -> None:
        came.append(failure)

    def draw() -> Plumber:
        plumber = Plumber("failing")
        failing = Processor(fail_on_seven)
        plumber.connect(Source(range(10))).to(failing).to(Sink(discard))
        plumber.failures(failing).to(Sink(note))
        return plumber

    await run(connect, draw)

    assert [(each.item, each.processor) for each in came] == [(7, "fail_on_seven")]
    error = came[0].error
    assert isinstance(error, RemoteError)
    assert (error.kind, error.message) == ("ValueError", "seven")
    assert "raise ValueError" in error.trace


async def test_a_failure_that_leads_nowhere_ends_the_run_for_all(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("failing")
        plumber.connect(Source(range(100))).to(Processor(fail_on_seven)).to(Sink(discard))
        return plumber

    with pytest.raises(PipelineFailed) as caught:
        await run(connect, draw, longest=5)

    failed = caught.value
    assert [str(each) for each in failed.exceptions] == [
        "'fail_on_seven' failed on 7: RemoteError('ValueError: seven')"
    ]
    report = failed.report
    assert report.ending == "failed"
    # The slice of the item that failed stays in its edge, whole, wherever it was cut.
    failing = counts(report, "fail_on_seven")
    assert failing.completed in range(3, 8)
    assert failing.unprocessed[0] == failing.completed
    assert 7 in failing.unprocessed[:5]


async def test_after_a_failure_every_item_is_somewhere(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("failing")
        plumber.connect(Source(range(100))).to(Processor(fail_on_seven)).to(Sink(discard))
        return plumber

    with pytest.raises(PipelineFailed) as caught:
        await run(connect, draw, longest=5)

    failed = caught.value
    source = counts(failed.report, "source")
    failing = counts(failed.report, "fail_on_seven")
    sink = counts(failed.report, "discard")
    assert list(source.undelivered) == list(range(failing.received, source.received))
    assert failing.emitted == sink.received + len(sink.unprocessed)
    assert failing.undelivered == sink.unprocessed


async def test_a_fork_gives_every_item_to_both_branches(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("forking")
        numbers = plumber.connect(Source(range(50)))
        numbers.to(Processor(double)).collect(name="doubles")
        numbers.keep(_is_even).collect(name="even")
        return plumber

    report = await run(connect, draw)

    assert report.collected["doubles"] == [*range(0, 100, 2)]
    assert report.collected["even"] == [*range(0, 50, 2)]


async def test_each_item_of_a_sink_has_an_id_of_its_own(connect: Connect) -> None:
    ids: dict[int, str] = {}

    async def note(number: int) -> None:
        ids[number] = item_id.get()

    def draw() -> Plumber:
        plumber = Plumber("identified")
        plumber.connect(Source(range(50))).to(Sink(note, name="store"))
        return plumber

    await run(connect, draw, longest=10)

    assert len(set(ids.values())) == 50
    assert all(each.startswith("a-run/store/") for each in ids.values())


async def test_a_feed_is_filled_while_the_run_goes_on(connect: Connect) -> None:
    came: asyncio.Queue[int] = asyncio.Queue()

    def draw(feed: Feed[int]) -> Plumber:
        plumber = Plumber("fed")
        plumber.connect(feed).to(Processor(double)).to(Sink(came.put))
        return plumber

    feed = Feed[int]()
    async with workers(connect, lambda: draw(Feed[int]())), asyncio.TaskGroup() as group:
        submitted = group.create_task(submit(connect, draw(feed)))
        await feed.put(1)
        assert await came.get() == 2  # an item does not wait for others to fill a slice
        await feed.put(2)
        assert await came.get() == 4
        feed.close()

    assert submitted.result().counts[0].received == 2


async def test_a_source_that_raises_lets_what_it_made_flow_out(connect: Connect) -> None:
    came: list[int] = []

    async def note(number: int) -> None:
        came.append(number)

    async def three() -> AsyncIterator[int]:
        for number in range(3):
            yield number
        raise OSError("no more")

    def draw() -> Plumber:
        plumber = Plumber("ending")
        plumber.connect(Source(three)).to(Sink(note))
        return plumber

    with pytest.raises(PipelineFailed) as caught:
        await run(connect, draw)

    assert [str(each) for each in caught.value.exceptions] == ["'three' failed: OSError('no more')"]
    assert came == [0, 1, 2]


async def test_workers_may_come_before_the_run_and_go_with_it(connect: Connect) -> None:
    worked: set[int] = set()

    def draw(feed: Feed[int], number: int) -> Plumber:
        async def note(_: int) -> None:
            worked.add(number)

        plumber = Plumber("fed")
        plumber.connect(feed).to(Sink(note))
        return plumber

    early = [asyncio.create_task(work(connect, draw(Feed[int](), each))) for each in range(3)]
    feed = Feed[int]()
    submitted = asyncio.create_task(submit(connect, draw(feed, -1)))
    while len(worked) < 3:
        await feed.put(1)

    feed.close()

    await submitted
    await asyncio.gather(*early)


async def test_nothing_is_left_of_a_run_that_is_cancelled(connect: Connect) -> None:
    begun = asyncio.Event()

    async def hang(_: int) -> None:
        begun.set()
        await asyncio.Event().wait()

    def draw() -> Plumber:
        plumber = Plumber("hanging")
        plumber.connect(Source(range(3))).to(Sink(hang))
        return plumber

    async with workers(connect, draw):
        submitted = asyncio.create_task(submit(connect, draw()))
        await begun.wait()

        submitted.cancel()

        with pytest.raises(asyncio.CancelledError):
            await submitted
    async with connect() as wire:
        assert await wire.fact("drawing") is None


@dataclass
class Animal:
    name: str


@dataclass
class Dog(Animal):
    tricks: int


async def test_what_would_arrive_with_less_in_it_is_a_failure(connect: Connect) -> None:
    came: list[Failure[str]] = []

    async def train(name: str) -> Animal:
        return Dog(name, 3) if name == "Rex" else Animal(name)

    async def note(failure: Failure[str]) -> None:
        came.append(failure)

    def draw() -> Plumber:
        plumber = Plumber("animals")
        training = Processor(train)
        plumber.connect(Source(["Tom", "Rex"])).to(training).collect(name="animals")
        plumber.failures(training).to(Sink(note))
        return plumber

    report = await run(connect, draw)

    assert report.collected["animals"] == [Animal("Tom")]
    assert [(each.item, str(each.error)) for each in came] == [
        (
            "Rex",
            "typedpipes.nats.NotCarried: 'train' gives Animal, and "
            "Dog(name='Rex', tricks=3) cannot travel as that: it would arrive with less in it. "
            "Return what the annotation says, or annotate what is returned.",
        )
    ]


async def test_a_worker_with_another_drawing_refuses_to_work(connect: Connect) -> None:
    async def spell(number: int) -> str:
        return str(number)

    def draw(other: bool) -> Plumber:
        plumber = Plumber("doubling")
        coro = Processor(spell, name="step") if other else Processor(double, name="step")
        plumber.connect(Source(range(3))).to(coro).collect(name="results")
        return plumber

    async with workers(connect, lambda: draw(False), 1), connect() as wire:
        submitted = asyncio.create_task(submit(connect, draw(False)))
        await Fact(wire, "drawing").wait()

        with pytest.raises(OtherDrawing) as caught:
            await work(connect, draw(True))

        await submitted
    assert "there it has 'step' -> 'results': int; here, 'step' -> 'results': str." in str(
        caught.value
    )


async def test_a_second_run_of_a_name_is_refused_and_the_first_goes_on(connect: Connect) -> None:
    feed = Feed[int]()

    def draw() -> Plumber:
        plumber = Plumber("fed")
        plumber.connect(feed).to(Processor(double)).collect(name="doubles")
        return plumber

    def draw_again() -> Plumber:
        plumber = Plumber("fed")
        plumber.connect(Feed[int]()).to(Processor(double)).collect(name="doubles")
        return plumber

    async with workers(connect, draw_again, 1), connect() as wire:
        first = asyncio.create_task(submit(connect, draw()))
        await Fact(wire, "drawing").wait()

        with pytest.raises(RunExists):
            await submit(connect, draw_again())

        await feed.put(1)
        feed.close()
        assert (await first).collected["doubles"] == [2]


async def test_each_worker_opens_the_resources_of_its_processors_and_closes_them(
    connect: Connect,
) -> None:
    opened: list[str] = []

    @asynccontextmanager
    async def table() -> AsyncGenerator[dict[int, str]]:
        opened.append("opened")
        try:
            yield {0: "zero", 1: "one", 2: "two"}
        finally:
            opened.append("closed")

    async def look_up(number: int, names: dict[int, str]) -> str:
        return names[number]

    def draw() -> Plumber:
        plumber = Plumber("looking up")
        names = Processor(Resource(table).into(look_up))
        plumber.connect(Source(range(3))).to(names).collect(name="names")
        return plumber

    report = await run(connect, draw, count=1)

    assert report.collected["names"] == ["zero", "one", "two"]
    assert opened == ["opened", "closed"]
