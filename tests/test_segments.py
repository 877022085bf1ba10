# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Segments with a name: a namespace for what they draw, a sum in the report, a unit of pause."""

from __future__ import annotations

import json
import pickle
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.gate import Gate
from tests.support.stillness import stillness
from tests.support.unchecked import unchecked
from typedpipes import (
    Failure,
    Joint,
    PipelineFailed,
    Plumber,
    Processor,
    Report,
    Sink,
    Source,
    WiringError,
    WiringErrors,
    run,
)
from typedpipes.cli.outcome import format_json
from typedpipes.definition import write


async def half(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


async def same(item: int) -> int:
    return item


async def ignore(item: object) -> None: ...


def halves(numbers: Joint[int]) -> Joint[int]:
    return numbers.to(Processor(half))


def quarters(numbers: Joint[int]) -> Joint[int]:
    return numbers.via(halves, name="first").via(halves, name="second")


def names(plumber: Plumber) -> list[str]:
    return [node.name for node in plumber.blueprint().nodes]


def test_everything_that_a_segment_draws_has_its_name_before_its_own() -> None:
    async def note(failure: Failure[int]) -> None: ...

    def thorough(numbers: Joint[int]) -> Joint[int]:
        processor = Processor(half, name="halve")
        results = numbers.keep(bool).to(processor)
        numbers.plumber.failures(processor).to(Sink(note))
        numbers.collect(name="seen")
        numbers.collect()
        results.collect()
        results.read()
        return results.merge(Source([0]))

    plumber = Plumber()
    plumber.connect(Source([1])).via(thorough, name="billing").to(Sink(ignore))

    blueprint = plumber.blueprint()
    assert {node.name for node in blueprint.nodes if node.segment == "billing"} == {
        "billing/keep bool",
        "billing/halve",
        "billing/note",
        "billing/seen",
        "billing/collect source",
        "billing/collect halve",
        "billing/read",
        "billing/source",
    }
    assert {node.name for node in blueprint.nodes if not node.segment} == {"source", "ignore"}
    assert set(blueprint.collectors) == {"billing/seen", "source", "billing/halve"}


def test_segments_may_use_the_same_names_inside_and_be_inside_one_another() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([8]))
    numbers.via(quarters, name="a").via(quarters, name="b").to(Processor(half)).collect()

    assert names(plumber) == [
        "source",
        "a/first/half",
        "a/second/half",
        "b/first/half",
        "b/second/half",
        "half",
        "collect half",
    ]
    assert plumber.blueprint().segments == {
        "a": ["a/first/half", "a/second/half"],
        "a/first": ["a/first/half"],
        "a/second": ["a/second/half"],
        "b": ["b/first/half", "b/second/half"],
        "b/first": ["b/first/half"],
        "b/second": ["b/second/half"],
    }


def test_two_processors_of_one_name_are_told_apart_by_their_segments_only() -> None:
    def named(numbers: Joint[int]) -> Joint[int]:
        return numbers.to(Processor(half, name="store"))

    plumber = Plumber("shop")
    numbers = plumber.connect(Source([4]))
    numbers.via(named, name="a").via(named, name="b")

    with pytest.raises(WiringError, match="has that name in 'shop' already"):
        numbers.to(Processor(same, name="a/store"))


def test_a_part_belongs_to_the_segment_that_connected_it_first() -> None:
    outside = Processor(half)

    def catching(numbers: Joint[int]) -> Joint[Failure[int]]:
        return numbers.to(Processor(same)).plumber.failures(outside)

    plumber = Plumber()
    numbers = plumber.connect(Source([1]))
    numbers.to(outside).collect()
    numbers.via(catching, name="catch").collect()

    with pytest.raises(WiringErrors, match="the output of 'catch/same' goes nowhere"):
        plumber.blueprint()


def test_an_outcome_in_a_segment_has_the_full_name_of_its_processor() -> None:
    def both(numbers: Joint[int]) -> Joint[int | Failure[int]]:
        processor = Processor(half)
        numbers.to(processor).collect(name="results")
        return numbers.plumber.outcomes(processor)

    plumber = Plumber()
    collected = plumber.connect(Source([2, 3])).via(both, name="billing").collect()
    report = run(plumber, signals=())

    first, second = collected.items
    assert first == 1
    assert isinstance(second, Failure)
    assert second.processor == "billing/half"
    assert report.collected["billing/results"] == [1]
    assert "billing/results of half" in names(plumber)


def test_an_error_names_the_processor_in_full() -> None:
    plumber = Plumber()
    plumber.connect(Source([3])).via(halves, name="billing").collect()

    with pytest.raises(PipelineFailed) as failed:
        run(plumber, signals=())

    assert str(failed.value.exceptions[0]).startswith("'billing/half' failed on 3")


def test_outcomes_that_go_nowhere_are_named_in_full() -> None:
    def careless(numbers: Joint[int]) -> Joint[int]:
        processor = Processor(half)
        numbers.plumber.failures(processor)
        return numbers.to(processor)

    plumber = Plumber()
    plumber.connect(Source([3])).via(careless, name="billing").collect()

    with pytest.raises(WiringErrors, match="the failures of 'billing/half' go nowhere"):
        plumber.blueprint()


def test_a_joint_is_shown_with_the_full_name() -> None:
    joint = Plumber().connect(Source([3])).via(halves, name="billing")

    assert repr(joint) == "<Joint behind 'billing/half'>"
    with pytest.raises(WiringError, match="cannot connect 'billing/half' to 'store': it takes no"):
        joint.to(unchecked("store"))


def test_two_segments_of_one_name_are_refused() -> None:
    plumber = Plumber("shop")
    joint = plumber.connect(Source([8])).via(quarters, name="a")

    with pytest.raises(WiringError, match="'shop' has a segment 'a' already"):
        joint.via(quarters, name="a")


def test_a_segment_that_raises_leaves_the_names_behind_it_as_they_are() -> None:
    def broken(_: Joint[int]) -> Joint[int]:
        raise LookupError

    plumber = Plumber()
    numbers = plumber.connect(Source([8]))
    with pytest.raises(LookupError):
        numbers.via(broken, name="a")
    numbers.to(Sink(ignore))

    assert names(plumber) == ["source", "ignore"]


def test_a_slash_is_for_names_of_processors_and_not_of_segments() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([8])).to(Processor(half, name="50/s"))

    with pytest.raises(WiringError, match="the name of a segment cannot be 'a/b'"):
        numbers.via(halves, name="a/b")
    numbers.via(halves, name="a").to(Sink(ignore, name="x/y"))

    assert plumber.blueprint().segments == {"a": ["a/half"]}
    assert names(plumber) == ["source", "50/s", "a/half", "x/y"]


@pytest.fixture
async def report() -> Report:
    plumber = Plumber("shop")
    numbers = plumber.connect(Source([4, 8, 6]))
    numbers.via(quarters, name="a").keep(lambda number: number > 1).collect()
    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()
    return failed.value.report


async def test_a_report_sums_up_a_segment(report: Report) -> None:
    first, second = report.of_segment("a/first"), report.of_segment("a/second")
    both = report.of_segment("a")

    assert both.name == "a"
    assert (first.received, second.received) == (3, 3)
    assert (second.completed, second.failed) == (2, 1)
    assert (both.received, both.completed, both.failed, both.emitted) == (6, 5, 1, 5)
    (line,) = [line for line in str(report).splitlines() if line.startswith("a (sum) ")]
    assert line.split()[2:5] == ["6", "5", "1"]


async def test_what_is_left_in_a_segment_is_in_its_sum() -> None:
    gate = Gate[int]()
    plumber = Plumber()
    joint = plumber.connect(Source([1, 2, 3]))
    joint.via(lambda numbers: numbers.to(Processor(gate, name="gate")), name="a").collect()

    async with plumber.running():
        await gate.next_arrival()
        assert plumber.report().of_segment("a").in_flight == 1
        plumber.abort()
        await plumber.ended()

    total = plumber.report().of_segment("a")
    assert total.unprocessed == (1, 2, 3)
    assert (total.received, total.interrupted) == (1, 1)


async def test_another_process_can_ask_for_the_sum(report: Report) -> None:
    there: Report = pickle.loads(pickle.dumps(report))  # noqa: S301  # it is our own

    assert there.of_segment("a") == report.of_segment("a")


async def test_the_report_as_json_has_the_sums(report: Report) -> None:
    segments = json.loads(format_json(report, []))["segments"]

    assert [(each["name"], each["received"], each["failed"]) for each in segments] == [
        ("a", 6, 1),
        ("a/first", 3, 0),
        ("a/second", 3, 1),
    ]


async def test_a_report_has_no_sum_of_what_is_no_segment(report: Report) -> None:
    message = "'b' is no segment of 'shop'; its segments are: 'a', 'a/first', 'a/second'"
    with pytest.raises(WiringError, match=message):
        report.of_segment("b")


async def test_a_segment_is_paused_and_resumed_as_a_whole() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([4, 8]))
    around = numbers.via(quarters, name="a").collect()
    beside = numbers.to(Processor(same)).collect()
    plumber.pause(segment="a")

    async with plumber.running():
        still = await stillness(plumber)
        assert still.of_segment("a").received == 0
        assert beside.items == (4, 8)
        plumber.resume(segment="a/first")
        still = await stillness(plumber)
        assert (still.of_segment("a/first").received, still.of_segment("a/second").received) == (
            2,
            0,
        )
        plumber.resume(segment="a")
        await plumber.ended()

    assert around.items == (1, 2)


def test_what_is_no_segment_cannot_be_paused() -> None:
    plumber = Plumber("shop")
    plumber.connect(Source([4])).via(quarters, name="a").collect()

    with pytest.raises(WiringError, match="'half' is no segment of 'shop'; its segments are: 'a'"):
        plumber.pause(segment="half")


async def test_a_segment_with_nothing_to_pause_pauses_nothing() -> None:
    plumber = Plumber()
    joint = plumber.connect(Source([4]))
    collected = joint.via(lambda numbers: numbers.keep(bool), name="a").collect()
    plumber.pause(segment="a")

    await plumber.run()

    assert collected.items == (4,)


def test_a_processor_has_another_full_name_in_each_plumber() -> None:
    processor = Processor(half)
    one, other = Plumber(), Plumber()
    one.connect(Source([4])).via(lambda joint: joint.to(processor), name="a").collect()
    other.connect(Source([4])).to(processor).collect()

    assert names(one)[1] == "a/half"
    assert names(other)[1] == "half"
    assert run(one, signals=()).of(processor).name == "a/half"
    assert processor.name == "half"


async def count() -> AsyncIterator[int]:
    yield 4


def test_a_definition_has_full_names() -> None:
    def stored(numbers: Joint[int]) -> None:
        numbers.to(Processor(half)).to(Sink(ignore))

    plumber = Plumber("shop")
    plumber.connect(Source(count)).via(stored, name="a")
    written = write(plumber.blueprint(), {"count": count, "half": half, "ignore": ignore})

    assert written["graph"] == {"count": ["a/half"], "a/half": ["a/ignore"]}
    again = Plumber.from_definition(
        written, coroutines={"count": count, "half": half, "ignore": ignore}
    )
    assert names(again) == ["count", "a/half", "a/ignore"]


@settings(deadline=None)  # no test depends on the speed of the machine
@given(path=st.lists(st.lists(st.sampled_from("abc"), max_size=3), min_size=1, max_size=6))
def test_the_sum_of_a_segment_is_that_of_its_own_nodes(path: Sequence[Sequence[str]]) -> None:
    """Draw a chain of processors, each inside segments of a path such as ["a", "b"]."""
    plumber = Plumber()
    joint = plumber.connect(Source(range(5)))
    inside: dict[str, int] = {}

    def draw(joint: Joint[int], rest: Sequence[str], around: str) -> Joint[int]:
        if not rest:
            return joint.to(Processor(same))
        first, *others = rest
        name = f"{first}{len(inside)}"
        full = f"{around}/{name}" if around else name
        inside[full] = 0
        return joint.via(lambda each: draw(each, others, full), name=name)

    for names_of_one in path:
        before = set(inside)
        joint = draw(joint, names_of_one, "")
        for name in inside.keys() - before:
            inside[name] += 5
    joint.collect()
    report = run(plumber, signals=())

    assert {name: report.of_segment(name).received for name in report.segments} == inside
