"""Several inputs over a network: merges, zips, splits and rejoins, as a user sees them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.network.brokers import Connect
from tests.network.drawings import run
from typedpipes import Counts, First, Plumber, Processor, Report, Second, Source, Third


def counts(report: Report, name: str) -> Counts[object, object]:
    return next(each for each in report.counts if each.name == name)


async def double(number: int) -> int:
    return 2 * number


async def spell(number: int) -> str:
    await asyncio.sleep(number % 3 / 1000)
    return str(number)


def is_no_third(number: int) -> bool:
    return number % 3 != 0


@dataclass
class Cat:
    lives: int


@dataclass
class Dog:
    tricks: int


async def adopt(number: int) -> Cat:
    return Cat(number)


async def train(number: int) -> Dog:
    return Dog(number)


async def test_a_merge_has_all_items_of_its_inputs_each_in_their_order(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("merging")
        odd, even = Source(range(1, 100, 2), name="odd"), Source(range(0, 100, 2), name="even")
        plumber.merge(odd, even).to(Processor(double, workers=4)).collect(name="doubles")
        return plumber

    report = await run(connect, draw)

    odd, even = [*range(2, 200, 4)], [*range(0, 200, 4)]
    doubles = report.collected["doubles"]
    assert [each for each in doubles if each in odd] == odd
    assert [each for each in doubles if each in even] == even
    assert counts(report, "double").received == 100


async def test_a_merge_takes_items_of_classes_that_look_alike_as_bytes(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("shelter")
        numbers = plumber.connect(Source(range(5)))
        cats, dogs = numbers.to(Processor(adopt)), numbers.to(Processor(train))
        plumber.merge(cats, dogs).keep(lambda each: each != Dog(3)).collect(name="animals")
        return plumber

    report = await run(connect, draw)

    animals = report.collected["animals"]
    assert [each for each in animals if isinstance(each, Cat)] == [Cat(each) for each in range(5)]
    assert [each for each in animals if isinstance(each, Dog)] == [
        Dog(each) for each in range(5) if each != 3
    ]


async def test_the_failures_of_several_processors_come_together(connect: Connect) -> None:
    async def fail_on_two(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    async def fail_on_text(text: str) -> str:
        if text == "3":
            raise LookupError("three")
        return text

    def draw() -> Plumber:
        plumber = Plumber("failing")
        first, second = Processor(fail_on_two), Processor(fail_on_text)
        plumber.connect(Source(range(5))).to(first).to(Processor(spell)).to(second).collect()
        failures = plumber.merge(plumber.failures(first), plumber.failures(second))
        failures.collect(name="failures")
        return plumber

    report = await run(connect, draw)

    assert {str(each) for each in report.collected["failures"]} == {
        "Failure(item=2, error=RemoteError('ValueError: two'), processor='fail_on_two')",
        "Failure(item='3', error=RemoteError('LookupError: three'), processor='fail_on_text')",
    }


@pytest.mark.parametrize("longest", [1, 7])
async def test_a_zip_of_a_fork_keeps_its_pairs_whatever_is_dropped(
    connect: Connect, longest: int
) -> None:
    def draw() -> Plumber:
        plumber = Plumber("pairing")
        numbers = plumber.connect(Source(range(50)))
        spelled = numbers.to(Processor(spell, workers=4))
        plumber.zip(numbers.keep(is_no_third), spelled).collect(name="pairs")
        return plumber

    report = await run(connect, draw, longest=longest)

    assert report.collected["pairs"] == [(each, str(each)) for each in range(50) if each % 3]
    pairs = counts(report, "pairs")
    assert (pairs.received, pairs.completed, pairs.dropped) == (50, 33, 17)


async def test_a_zip_of_sources_pairs_items_however_they_are_cut_into_slices(
    connect: Connect,
) -> None:
    async def slowly() -> AsyncIterator[int]:
        for number in range(40):
            yield number
            await asyncio.sleep(0)

    def draw() -> Plumber:
        plumber = Plumber("pairing")
        letters = Source([chr(97 + each % 26) for each in range(20)], name="letters")
        kept = plumber.connect(Source(slowly)).keep(lambda each: each % 2 == 0)
        plumber.zip(kept, letters).to(Processor(join)).collect(name="pairs")
        return plumber

    async def join(pair: tuple[int, str]) -> str:
        return f"{pair[0]}{pair[1]}"

    report = await run(connect, draw, longest=7)

    assert report.collected["pairs"] == [f"{2 * each}{chr(97 + each)}" for each in range(20)]
    assert not counts(report, "join").cut_short


async def test_a_zip_ends_with_its_shortest_input_and_so_does_what_is_there_for_it(
    connect: Connect,
) -> None:
    made = 0

    async def endless() -> AsyncIterator[int]:
        nonlocal made
        while True:
            made += 1
            yield made
            await asyncio.sleep(0)

    def draw() -> Plumber:
        plumber = Plumber("pairing")
        counted = plumber.connect(Source(endless)).to(Processor(double))
        plumber.zip(counted, Source(list("abc"), name="letters")).collect(name="pairs")
        return plumber

    report = await run(connect, draw, longest=2)

    assert report.collected["pairs"] == [(2, "a"), (4, "b"), (6, "c")]
    assert counts(report, "pairs").cut_short


async def test_the_other_branch_of_a_fork_goes_on_when_a_zip_has_ended(connect: Connect) -> None:
    def draw() -> Plumber:
        plumber = Plumber("pairing")
        numbers = plumber.connect(Source(range(300)))
        numbers.to(Processor(double, buffer=4)).collect(name="doubles", buffer=4)
        plumber.zip(numbers, Source([0, 1], name="two"), buffer=4).collect(name="pairs")
        return plumber

    report = await run(connect, draw)

    assert report.collected["pairs"] == [(0, 0), (1, 1)]
    assert report.collected["doubles"] == [*range(0, 600, 2)]
    assert counts(report, "pairs").cut_short


async def test_a_zip_pairs_failures_with_what_comes_from_elsewhere(connect: Connect) -> None:
    async def fail_on_thirds(number: int) -> int:
        if number % 3 == 0:
            raise ValueError(number)
        return number

    def draw() -> Plumber:
        plumber = Plumber("failing")
        failing = Processor(fail_on_thirds)
        plumber.connect(Source(range(12))).to(failing).collect(name="others")
        failures = plumber.failures(failing)
        names = Source([*"abcd"], name="names")
        plumber.zip(failures.keep(lambda each: each.item != 3), failures, names).collect(
            name="triples"
        )
        return plumber

    report = await run(connect, draw, longest=5)

    assert [str(each) for each in report.collected["triples"]] == [
        f"(Failure(item={number}, error=RemoteError('ValueError: {number}'), "
        f"processor='fail_on_thirds'), Failure(item={number}, error=RemoteError('ValueError: "
        f"{number}'), processor='fail_on_thirds'), {name!r})"
        for number, name in zip((0, 6, 9), "acd", strict=True)
    ]


async def test_what_is_zipped_stays_in_the_order_of_the_inputs_however_these_are_cut_into_slices(
    connect: Connect,
) -> None:
    def draw() -> Plumber:
        plumber = Plumber("in order")
        ones, tens, hundreds = Source(range(20)), Source(range(0, 400, 10)), Source(range(20))
        few = plumber.connect(tens).keep(lambda each: each % 20 == 0)
        many = plumber.connect(hundreds).to(Processor(double))
        plumber.zip(ones, few, many).collect(name="triples")
        return plumber

    report = await run(connect, draw, longest=7)

    assert report.collected["triples"] == [(each, 20 * each, 2 * each) for each in range(20)]


async def test_a_zip_of_sources_passes_over_what_has_failed_though_its_failures_are_connected(
    connect: Connect,
) -> None:
    async def fail_on_thirds(number: int) -> int:
        if number % 3 == 0:
            raise ValueError(number)
        return number

    def draw() -> Plumber:
        plumber = Plumber("failing")
        failing = Processor(fail_on_thirds)
        others = plumber.connect(Source(range(12))).to(failing)
        plumber.zip(others, Source([*"abcdefgh"], name="names")).collect(name="pairs")
        plumber.failures(failing).collect(name="failures")
        return plumber

    report = await run(connect, draw, longest=5)

    numbers = [number for number in range(12) if number % 3]
    assert report.collected["pairs"] == [*zip(numbers, "abcdefgh", strict=True)]
    assert not counts(report, "pairs").dropped


async def test_a_zip_of_what_a_generator_makes_keeps_its_pairs_though_its_failures_are_connected(
    connect: Connect,
) -> None:
    async def count_and_fail(number: int) -> AsyncIterator[int]:
        for each in range(number % 3):
            yield 10 * number + each
        if number % 2:
            raise ValueError(number)

    def draw() -> Plumber:
        plumber = Plumber("failing")
        counting = Processor(count_and_fail)
        counted = plumber.connect(Source(range(20))).to(counting)
        kept = counted.keep(is_no_third, buffer=2)
        plumber.zip(kept, counted.to(Processor(double)), counted).collect(name="triples")
        plumber.failures(counting).collect(name="failures")
        return plumber

    report = await run(connect, draw, longest=2)

    made = [10 * number + each for number in range(20) for each in range(number % 3)]
    assert report.collected["triples"] == [
        (each, 2 * each, each) for each in made if is_no_third(each)
    ]
    assert len(report.collected["failures"]) == 10


class Keys:
    """Sees whether calls for one key overlap, and in which order they begin."""

    def __init__(self) -> None:
        self.begun: dict[int, list[int]] = {key: [] for key in range(3)}
        self._at_work: set[int] = set()

    async def use(self, number: int) -> int:
        key = number % 3
        assert key not in self._at_work
        self._at_work.add(key)
        self.begun[key].append(number)
        await asyncio.sleep(number % 4 / 1000)
        self._at_work.remove(key)
        return number


async def test_keys_need_nothing_where_there_is_one_worker(connect: Connect) -> None:
    keys = Keys()

    def draw() -> Plumber:
        plumber = Plumber("keys")
        processor = Processor(keys.use).keyed(lambda number: number % 3)
        plumber.connect(Source(range(20))).to(processor).collect(name="all")
        return plumber

    report = await run(connect, draw)

    assert report.collected["all"] == [*range(20)]


def by_key(number: int) -> First[int] | Second[int] | Third[int]:
    return (First(number), Second(number), Third(number))[number % 3]


async def test_items_split_by_key_keep_their_order_in_whatever_process(connect: Connect) -> None:
    keys = Keys()

    def draw() -> Plumber:
        plumber = Plumber("keys")
        ways = plumber.connect(Source(range(60))).split3(by_key)
        first, second, third = (
            way.to(Processor(keys.use, name=f"of key {key}")) for key, way in enumerate(ways)
        )
        first.rejoin(second).rejoin(third).collect(name="all")
        return plumber

    report = await run(connect, draw)

    assert report.collected["all"] == [*range(60)]
    assert keys.begun == {key: [*range(key, 60, 3)] for key in range(3)}
