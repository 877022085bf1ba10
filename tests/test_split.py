# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Typed routing: items that are split go one of several ways, and come together in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import Clock
from tests.support.stillness import stillness
from tests.support.unchecked import unchecked
from typedpipes import (
    Fifth,
    First,
    Fourth,
    Joint,
    On,
    PipelineFailed,
    Plumber,
    Processor,
    Second,
    Sink,
    Source,
    Third,
    WiringError,
    WiringErrors,
    switch,
)


async def shout(text: str) -> str:
    return text.upper()


async def square(number: int) -> int:
    return number * number


async def ignore(item: object) -> None: ...


def by_class(item: int | str) -> First[int] | Second[str]:
    match item:
        case int():
            return First(item)
        case str():
            return Second(item)


MIXED: list[int | str] = [1, "a", 2, "b", "c", 3]


async def test_each_item_goes_one_way_in_order_and_none_is_dropped() -> None:
    plumber = Plumber()
    numbers, texts = plumber.connect(Source(MIXED)).split(by_class)
    some = numbers.to(Processor(square)).collect(name="some")
    others = texts.to(Processor(shout)).collect(name="others")

    report = await plumber.run()

    assert some.items == (1, 4, 9)
    assert others.items == ("A", "B", "C")
    assert [counts.dropped for counts in report.counts] == [0] * len(report.counts)
    assert {counts.name: counts.received for counts in report.counts} == {
        "source": 6,
        "split by_class": 6,
        "square": 3,
        "shout": 3,
        "some": 3,
        "others": 3,
    }


async def test_what_goes_on_may_be_something_else_than_the_item() -> None:
    def parse(text: str) -> First[int] | Second[str]:
        return First(int(text)) if text.isdigit() else Second(f"no number: {text}")

    plumber = Plumber()
    numbers, errors = plumber.connect(Source(["1", "x"])).split(parse)
    right, wrong = numbers.collect(name="right"), errors.collect(name="wrong")

    await plumber.run()

    assert (right.items, wrong.items) == ((1,), ("no number: x",))


async def test_five_ways_are_told_apart() -> None:
    def sort(number: int) -> First[int] | Second[int] | Third[int] | Fourth[int] | Fifth[int]:
        match number % 5:
            case 0:
                return First(number)
            case 1:
                return Second(number)
            case 2:
                return Third(number)
            case 3:
                return Fourth(number)
            case _:
                return Fifth(number)

    plumber = Plumber()
    joints = plumber.connect(Source(range(10))).split5(sort)
    collectors = [joint.collect(name=str(way)) for way, joint in enumerate(joints)]

    await plumber.run()

    assert [each.items for each in collectors] == [(way, way + 5) for way in range(5)]


@given(
    st.lists(st.integers(0, 2), max_size=40),
    st.lists(st.integers(0, 4), min_size=40, max_size=40),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.sets(st.integers(0, 39), max_size=8),
)
def test_rejoined_branches_come_in_the_order_before_the_split(
    kinds: list[int], seconds: list[int], workers: tuple[int, int], drops: set[int]
) -> None:
    async def work(number: int) -> int:
        await asyncio.sleep(seconds[number])
        return number

    def three_ways(number: int) -> First[int] | Second[int] | Third[int]:
        if kinds[number] == 0:
            return First(number)
        return Second(number) if kinds[number] == 1 else Third(number)

    plumber = Plumber()
    numbers = plumber.connect(Source(range(len(kinds))))
    first, second, third = numbers.split3(three_ways)
    one = first.to(Processor(work, name="one", workers=workers[0]))
    two = second.to(Processor(work, name="two", workers=workers[1]))
    together = one.rejoin(two.keep(lambda number: number not in drops)).rejoin(third)
    rejoined = together.collect(name="rejoined")
    pairs = plumber.zip(numbers, together).collect(name="pairs")

    Clock().run(plumber.run())

    kept = [number for number, kind in enumerate(kinds) if kind != 1 or number not in drops]
    assert list(rejoined.items) == kept
    assert list(pairs.items) == [(number, number) for number in kept]


async def test_a_way_zips_with_what_comes_from_before_the_split() -> None:
    plumber = Plumber()
    mixed = plumber.connect(Source(MIXED))
    numbers, texts = mixed.split(by_class)
    texts.to(Sink(ignore))
    pairs = plumber.zip(mixed, numbers.to(Processor(square, workers=3))).collect()

    await plumber.run()

    assert pairs.items == ((1, 1), (2, 4), (3, 9))


async def test_a_full_way_holds_up_the_other_and_nothing_is_lost() -> None:
    hold = asyncio.Event()

    async def wait(number: int) -> None:
        await hold.wait()

    plumber = Plumber()
    numbers, texts = plumber.connect(Source([1] * 50 + ["a"])).split(by_class)
    sink = Sink(wait, buffer=2)
    numbers.to(sink)
    letters = texts.collect()
    run = asyncio.create_task(plumber.run())
    await stillness(plumber)

    assert not letters.items
    hold.set()
    assert (await run).of(sink).completed == 50
    assert letters.items == ("a",)


async def test_what_goes_a_way_whose_reader_has_left_is_dropped_and_counted() -> None:
    plumber = Plumber()
    numbers, texts = plumber.connect(Source(MIXED)).split(by_class)
    queue = numbers.read(maxsize=1)
    letters = texts.collect()

    async with plumber.running():
        assert await queue.get() == 1
        queue.close()
        report = await plumber.ended()

    split = next(counts for counts in report.counts if counts.name == "split by_class")
    assert letters.items == ("a", "b", "c")
    assert split.received == 6
    assert split.completed == 1 + len(letters.items) + len(split.undelivered)
    assert split.dropped == 2 - len(split.undelivered)


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_switch_sends_each_item_through_the_stage_of_its_class(workers: int) -> None:
    plumber = Plumber()
    cases = switch(
        On(int, Processor(square, workers=workers)), On(str, Processor(shout, workers=workers))
    )
    results = plumber.connect(Source(MIXED)).to(cases).collect()

    await plumber.run()

    assert results.items == (1, "A", 4, "B", "C", 9)


async def test_a_case_may_be_a_switch_and_an_item_takes_the_first_case_of_its_class() -> None:
    async def negate(flag: bool) -> bool:
        return not flag

    plumber = Plumber()
    numbers = switch(On(bool, Processor(negate)), On(int, Processor(square)))
    results = (
        plumber.connect(Source[int | str]([True, 3, "a"]))
        .to(switch(On(int, numbers), On(str, Processor(shout))))
        .collect()
    )

    await plumber.run()

    assert results.items == (False, 9, "A")


async def test_a_sink_ends_its_branch_of_a_switch() -> None:
    stored: list[str] = []

    async def store(text: str) -> None:
        stored.append(text)

    plumber = Plumber()
    cases = switch(On(int, Processor(square)), On(str, Sink(store)))
    results = plumber.connect(Source(MIXED)).to(cases).collect()

    await plumber.run()

    assert results.items == (1, 4, 9)
    assert stored == ["a", "b", "c"]


async def test_a_switch_of_sinks_alone_ends_the_graph() -> None:
    plumber = Plumber()
    plumber.connect(Source(MIXED)).to(
        switch(On(int, Sink(ignore, name="a")), On(str, Sink(ignore, name="b")))
    )

    report = await plumber.run()

    assert [counts.completed for counts in report.counts] == [6, 6, 3, 3]


async def test_a_failure_in_a_case_leaves_its_place_to_the_next_item() -> None:
    async def refuse_two(number: int) -> int:
        if number == 2:
            raise ValueError(number)
        return number

    plumber, picky = Plumber(), Processor(refuse_two)
    results = (
        plumber.connect(Source(MIXED))
        .to(switch(On(int, picky), On(str, Processor(shout))))
        .collect()
    )
    failures = plumber.failures(picky).collect()

    await plumber.run()

    assert results.items == (1, "A", "B", "C", 3)
    assert [failure.item for failure in failures.items] == [2]


async def test_an_item_that_no_case_is_for_makes_the_run_fail() -> None:
    plumber = Plumber()
    mixed = plumber.connect(Source(unchecked([1, 2.5])))
    mixed.to(switch(On(int, Processor(square)), On(str, Processor(shout)))).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert str(error.__cause__) == "a float is for no case of the switch; there are: int, str"


NO_WAYS: list[tuple[Callable[[int], object], str]] = [
    (lambda item: item, "'split lambda' has to return one of First, Second, not 1"),
    (Third[int], "has to return one of First, Second, not Third(1)"),
]


@pytest.mark.parametrize(("sort", "why"), NO_WAYS, ids=["the item", "a third"])
async def test_a_function_that_names_no_way_makes_the_run_fail(
    sort: Callable[[int], object], why: str
) -> None:
    plumber = Plumber()
    joints: tuple[Joint[int], Joint[int]] = plumber.connect(Source([1])).split(unchecked(sort))
    for way, joint in enumerate(joints):
        joint.collect(name=str(way))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert why in str(error.__cause__)


async def test_a_doom_in_the_function_ends_the_run_and_nothing_is_lost() -> None:
    plumber = Plumber()

    def sort(number: int) -> First[int] | Second[int]:
        if number == 3:
            plumber.abort("enough")
        return Second(number) if number % 2 else First(number)

    even, odd = plumber.connect(Source(range(10))).split(sort)
    even.collect(name="even")
    odd.collect(name="odd")

    report = await plumber.run()

    source, split, *ends = report.counts
    taken = sum(each.received for each in ends)
    assert split.received == split.completed == taken + len(split.undelivered)
    assert source.emitted == split.received + len(split.unprocessed)


def test_a_way_that_goes_nowhere_is_refused() -> None:
    plumber = Plumber()
    numbers, _ = plumber.connect(Source(MIXED)).split(by_class)
    numbers.collect()

    with pytest.raises(WiringErrors) as refused:
        plumber.blueprint()

    (error,) = refused.value.exceptions
    assert str(error) == (
        "the second way of 'split by_class' goes nowhere. "
        "Connect it to a processor, or collect or read it."
    )


async def several(number: int) -> AsyncIterator[int]:
    yield number


Ends = tuple[Joint[int | str], Joint[int], Joint[str]]
"""What comes from before a split, and its two ways."""


def out_of_step(ends: Ends) -> Joint[object]:
    _, numbers, texts = ends
    return numbers.to(Processor(several)).rejoin(texts)


def from_before(ends: Ends) -> Joint[object]:
    mixed, numbers, texts = ends
    return numbers.rejoin(texts).rejoin(mixed)


def twice(ends: Ends) -> Joint[object]:
    _, numbers, texts = ends
    return numbers.rejoin(texts).rejoin(numbers)


@pytest.mark.parametrize(
    ("draw", "why"),
    [
        (out_of_step, "the rejoin before 'collect rejoin' would mix up the order: 'several' and"),
        (from_before, "which are not different ways of one split. Merge them."),
        (twice, "which are not different ways of one split. Merge them."),
    ],
)
def test_what_cannot_be_rejoined_is_refused(
    draw: Callable[[Ends], Joint[object]], why: str
) -> None:
    plumber = Plumber()
    mixed = plumber.connect(Source(MIXED))
    numbers, texts = mixed.split(by_class)
    draw((mixed, numbers, texts)).collect()

    with pytest.raises(WiringErrors) as refused:
        plumber.blueprint()

    assert any(why in str(error) for error in refused.value.exceptions)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: unchecked(switch)(On(int, Processor(square))), "two or more cases, not 1"),
        (lambda: switch(unchecked(1), unchecked(2)), r"On\(a class, a stage\), not 1"),
        (lambda: On(unchecked(list[int]), Processor(ignore)), "cannot tell the items that are"),
        (
            lambda: Plumber().connect(Source(MIXED)).split(unchecked(shout)),
            "split needs a plain function, but 'shout' is async",
        ),
    ],
)
def test_what_is_no_case_and_no_way_is_refused(make: Callable[[], object], why: str) -> None:
    with pytest.raises(WiringError, match=why):
        make()
