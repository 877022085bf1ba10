"""The report of a run: what is counted, and how it is shown."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from tests.support.unchecked import unchecked
from typedpipes import (
    CleanupFailed,
    Counts,
    DefinitionError,
    Doom,
    Failure,
    Feed,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorFailed,
    ProcessorHangs,
    Report,
    Sink,
    Source,
    TypedpipesError,
    WiringError,
    WiringErrors,
)
from typedpipes.errors import NO_ITEM, DefinitionErrors


async def pass_on(number: int) -> int:
    return number


async def odd_only(number: int) -> int:
    if number % 2 == 0:
        raise ValueError(f"{number} is even")
    return number


async def ignore(item: object) -> None: ...


def small(number: int) -> bool:
    return number < 4


def shown(report: Report) -> str:
    """The report as it is printed, without the time it took."""
    first, *rest = str(report).splitlines()
    return "\n".join([first.rpartition(",")[0], *rest])


async def test_the_report_shows_a_table_with_a_line_for_each_node() -> None:
    plumber = Plumber("numbers")
    picky = Processor(odd_only, name="picky")
    plumber.connect(Source(range(6), name="n")).keep(small).to(picky).to(Sink(ignore))
    plumber.failures(picky).to(Sink(ignore, name="failures"))

    report = await plumber.run()

    assert shown(report) == "\n".join(
        [
            "numbers: finished",
            "            received  completed  failed  dropped  emitted",
            "n                  6          6       0        0        6",
            "keep small         6          4       0        2        4",
            "picky              4          2       2        0        2",
            "ignore             2          2       0        0        0",
            "failures           2          2       0        0        0",
        ]
    )


async def test_the_report_shows_what_was_left_and_the_dooms() -> None:
    gate = Gate[int]()
    plumber = Plumber("numbers")
    plumber.connect(Source(range(6), name="n")).to(Sink(gate.hold, name="store"))

    async with plumber.running():
        await gate.next_arrival()
        plumber.doomsday.put_nowait(Doom("tired"))
        plumber.doomsday.put_nowait(Doom("fire", mode="abort"))

    assert shown(plumber.report()) == "\n".join(
        [
            "numbers: aborted",
            "       received  completed  interrupted  emitted  unprocessed  undelivered",
            "n             6          6            0        6            0            5",
            "store         1          0            1        0            6            0",
            "doom (drain): tired",
            "doom (abort): fire",
        ]
    )


async def test_the_report_shows_a_zip_that_was_cut_short() -> None:
    plumber = Plumber("pairs")
    plumber.zip(Source([1, 2], name="n"), Source([1], name="m")).to(Sink(ignore, name="store"))

    report = await plumber.run()

    assert str(report).splitlines()[-1] == "cut short: the zip before 'store'"


async def test_of_gives_the_counts_of_a_part() -> None:
    plumber = Plumber()
    source, processor, sink = Source([1, 2]), Processor(pass_on), Sink(ignore)
    plumber.connect(source).to(processor).to(sink)

    report = await plumber.run()

    assert report.of(source) == Counts("source", received=2, completed=2, emitted=2)
    assert report.of(processor) == Counts("pass_on", received=2, completed=2, emitted=2)
    assert report.of(sink) == Counts("ignore", received=2, completed=2, emitted=0)
    assert report.counts == [report.of(each) for each in (source, processor, sink)]


async def test_of_tells_two_processors_of_one_coroutine_apart() -> None:
    plumber = Plumber()
    first, second = Processor(pass_on), Processor(pass_on)
    plumber.connect(Source([1, 2, 3])).to(first).keep(lambda number: number > 1).to(second).to(
        Sink(ignore)
    )

    report = await plumber.run()

    assert (report.of(first).name, report.of(first).received) == ("pass_on", 3)
    assert (report.of(second).name, report.of(second).received) == ("pass_on-2", 2)


async def test_a_generator_may_emit_more_than_it_completed() -> None:
    plumber = Plumber()
    spread = plumber.connect(Source([[1, 2, 3], []])).to(Processor(each_of))
    collector = spread.collect()

    report = await plumber.run()

    (counts,) = (counts for counts in report.counts if counts.name == "each_of")
    assert collector.items == (1, 2, 3)
    assert (counts.completed, counts.emitted) == (2, 3)


async def each_of(numbers: list[int]) -> AsyncIterator[int]:
    for number in numbers:
        yield number


async def test_a_live_report_adds_up_with_what_is_in_flight() -> None:
    gate = Gate[int]()
    slow = Processor(gate, workers=2)
    plumber = Plumber()
    plumber.connect(Source(range(10))).to(slow).to(Sink(ignore))

    async with plumber.running():
        live = await stillness(plumber)
        gate.open()

    counts = live.of(slow)
    assert live.ending == "running"
    assert (counts.received, counts.in_flight, counts.completed) == (2, 2, 0)
    assert list(counts.unprocessed) == list(range(2, 10))


async def test_a_live_report_stays_as_it_was() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    sink = Sink(ignore)
    plumber.connect(feed).to(sink)

    async with plumber.running():
        before = plumber.report()
        await feed.put(1)
        after = await stillness(plumber)

    assert (before.of(sink).completed, after.of(sink).completed) == (0, 1)


async def test_the_report_of_the_last_run_can_be_had_again() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))

    report = await plumber.run()

    assert plumber.report() == report
    assert report.duration > 0


async def test_a_failed_run_has_its_report_on_the_error_and_on_the_plumber() -> None:
    plumber = Plumber()
    picky = Processor(odd_only)
    plumber.connect(Source([2])).to(picky).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    assert failed.value.report is plumber.report()
    assert plumber.report().ending == "failed"
    assert plumber.report().of(picky).failed == 1


async def test_a_cancelled_run_has_its_report_on_the_plumber() -> None:
    gate = Gate[int]()
    slow = Sink(gate.hold)
    plumber = Plumber()
    plumber.connect(Source([1])).to(slow)
    running = asyncio.create_task(plumber.run())
    await gate.next_arrival()

    running.cancel()
    await asyncio.wait((running,))

    assert plumber.report().ending == "aborted"
    assert plumber.report().of(slow).interrupted == 1


async def test_a_failed_run_can_be_told_of_in_another_process() -> None:
    async def hold(number: int) -> None:
        raise ValueError(number)

    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(hold, name="hold"))
    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    there = pickle.loads(pickle.dumps(failed.value))  # noqa: S301  # it is our own

    assert isinstance(there, PipelineFailed)
    assert there.report == failed.value.report
    assert [str(error) for error in there.exceptions] == ["'hold' failed on 1: ValueError(1)"]


@pytest.mark.parametrize(
    "error",
    [
        CleanupFailed("reverse", "input", ValueError("dirty")),
        DefinitionErrors([DefinitionError("no", where="nodes.a", origin="a.toml", line=3)]),
        ProcessorFailed("source", NO_ITEM, ValueError("dry")),
        ProcessorHangs("reverse", "item", 1.5),
        WiringErrors("words", [WiringError("loose", nodes=["reverse"])]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_error_of_ours_survives_a_change_of_process(error: TypedpipesError) -> None:
    there = pickle.loads(pickle.dumps(error))  # noqa: S301  # it is our own

    assert type(there) is type(error)
    assert str(there) == str(error)
    assert there.__dict__.keys() == error.__dict__.keys()


async def test_a_report_is_asked_for_a_processor_and_not_for_its_name() -> None:
    plumber = Plumber()
    plumber.connect(Source([1])).to(Sink(ignore))
    report = await plumber.run()

    with pytest.raises(
        WiringError, match="of a processor, a source or a collector, not of 'ignore'"
    ):
        unchecked(report.of)("ignore")


async def test_every_collector_is_in_the_report_by_a_name_of_its_own() -> None:
    plumber = Plumber()
    picky = Processor(odd_only, name="picky")
    results = plumber.connect(Source(range(4), name="n")).to(picky)
    results.collect()
    results.collect()
    plumber.failures(picky).collect()
    results.keep(small).collect()
    results.only(int).collect(name="numbers")
    plumber.merge(results, plumber.failures(picky)).only(int).collect(name="failures of n")

    report = await plumber.run()

    failures = report.collected["failures of picky"]
    assert [type(failure) for failure in failures] == [Failure, Failure]
    assert {key: items for key, items in report.collected.items() if items is not failures} == {
        "picky": [1, 3],
        "picky-2": [1, 3],
        "keep small": [1, 3],
        "numbers": [1, 3],
        "failures of n": [1, 3],
    }
    names = {counts.name for counts in report.counts}
    assert {f"collect {key}" for key in ("picky", "picky-2", "failures of picky")} < names
    assert {"numbers", "failures of n"} < names


async def test_a_collector_is_called_the_same_whatever_else_is_connected() -> None:
    def drawn(more: Sequence[str]) -> Plumber:
        plumber = Plumber()
        picky = Processor(odd_only)
        first = plumber.connect(Source([1, 3])).to(picky)
        pairs = plumber.zip(first, first)
        pairs.collect()
        first.collect()
        if "failures" in more:
            plumber.failures(picky).collect()
        if "zip" in more:
            pairs.to(Sink(ignore))
        if "names" in more:
            first.collect(name="collect odd_only")
            first.to(Sink(ignore, name="zip"))
        return plumber

    reports = [
        await drawn(more).run()
        for more in ([], ["failures"], ["zip"], ["failures", "zip", "names"])
    ]

    assert all(report.collected["odd_only"] == [1, 3] for report in reports)
    assert all(report.collected["zip"] == [(1, 1), (3, 3)] for report in reports)


async def test_a_name_of_a_collector_comes_before_one_that_follows_from_the_drawing() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1]))
    plumber.zip(numbers, numbers).collect()
    numbers.collect(name="zip")

    report = await plumber.run()

    assert report.collected == {"zip": [1], "zip-2": [(1, 1)]}


async def test_of_gives_the_counts_of_a_collector() -> None:
    plumber = Plumber()
    picky = Processor(odd_only)
    plumber.connect(Source(range(5))).to(picky).collect()
    failures = plumber.failures(picky).collect()

    report = await plumber.run()

    assert report.of(failures) == Counts("collect failures of odd_only", received=3, completed=3)


def test_a_collector_whose_name_is_taken_is_refused() -> None:
    plumber = Plumber("numbers")
    joint = plumber.connect(Source([1]))
    joint.collect(name="all")

    with pytest.raises(
        WiringError, match="<Collector 'all' of 0 items> has that name in 'numbers'"
    ):
        joint.collect(name="all")


async def test_a_collector_is_shown_with_the_number_of_its_items() -> None:
    plumber = Plumber()
    joint = plumber.connect(Source([1, 2]))
    first, second = joint.collect(name="all"), joint.collect()

    await plumber.run()

    assert repr(first) == "<Collector 'all' of 2 items>"
    assert repr(second) == "<Collector of 2 items>"


async def test_a_report_tells_all_nodes_at_every_turn_of_the_end() -> None:
    plumber = Plumber()
    plumber.connect(Source(range(3))).collect()
    running = asyncio.create_task(plumber.run())
    await asyncio.sleep(0)

    told: list[int] = []
    while not running.done():
        told.append(len(plumber.report().counts))
        await asyncio.sleep(0)

    assert set(told) == {2}
