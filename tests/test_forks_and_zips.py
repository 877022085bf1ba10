"""Promise 4: a zip never mis-pairs, whatever its branches leave out."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from itertools import permutations

import pytest

from tests.support.gate import Gate
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    Failure,
    Feed,
    InputQueue,
    Joint,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringErrors,
)


async def double(number: int) -> int:
    return 2 * number


async def square(number: int) -> int:
    return number**2


async def odd_only(number: int) -> int:
    if number % 2 == 0:
        raise ValueError(f"{number} is even")
    return number


async def twice(number: int) -> AsyncIterator[int]:
    yield number
    yield number


async def ignore(item: object) -> None: ...


def odd(number: int) -> bool:
    return number % 2 == 1


def small(number: int) -> bool:
    return number < 4


async def test_a_joint_used_twice_gives_every_item_to_each_branch() -> None:
    plumber = Plumber()
    joint = plumber.connect(Source([1, 2, 3]))
    doubled, squared = joint.to(Processor(double)).collect(), joint.to(Processor(square)).collect()

    await plumber.run()

    assert (doubled.items, squared.items) == ((2, 4, 6), (1, 4, 9))


async def test_fan_out_gives_every_item_to_each_processor() -> None:
    plumber = Plumber()
    doubled, squared = Processor(double), Processor(square)
    plumber.connect(Source([1, 2, 3])).fan_out(doubled, squared)
    results = [plumber.connect(each).collect() for each in (doubled, squared)]

    await plumber.run()

    assert [each.items for each in results] == [(2, 4, 6), (1, 4, 9)]


async def test_bound_a_fork_waits_for_its_slowest_branch() -> None:
    gate = Gate[int]()
    source = Source(range(100))
    plumber = Plumber()
    joint = plumber.connect(source)
    joint.to(Sink(gate.hold, buffer=2))
    quick = joint.collect()

    async with plumber.running():
        report = await stillness(plumber)
        early = len(quick.items)
        gate.open()

    assert 0 < early <= 3  # one is in hand
    assert early == report.of(source).emitted


async def test_the_branches_of_a_fork_meet_again_in_a_zip() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1, 2, 3]))
    doubled, squared = numbers.to(Processor(double)), numbers.to(Processor(square))
    collector = plumber.zip(numbers, doubled, squared).collect()

    await plumber.run()

    assert collector.items == ((1, 2, 1), (2, 4, 4), (3, 6, 9))


async def test_a_zip_takes_five_inputs() -> None:
    plumber = Plumber()
    collector = plumber.zip(
        Source(["a", "b"]),
        Source([1, 2]),
        Source([True, False]),
        Source(["c", "d"]),
        Source([3, 4]),
    ).collect()

    await plumber.run()

    assert collector.items == (("a", 1, True, "c", 3), ("b", 2, False, "d", 4))


async def test_a_zip_takes_any_number_of_inputs_of_one_type() -> None:
    plumber = Plumber()
    collector = plumber.zip(*(Source([number]) for number in range(7))).collect()

    await plumber.run()

    assert collector.items == (tuple(range(7)),)


async def test_a_zip_may_be_taken_by_several() -> None:
    plumber = Plumber()
    pairs = plumber.zip(Source(["a", "b"]), Source([1, 2]))
    first, second = pairs.collect(), pairs.collect()

    await plumber.run()

    assert first.items == second.items == (("a", 1), ("b", 2))


async def test_zip_never_mispairs_when_a_branch_drops_items() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(10)))
    squared = numbers.keep(odd).to(Processor(square))
    collector = plumber.zip(numbers, squared).collect()

    await plumber.run()

    assert collector.items == ((1, 1), (3, 9), (5, 25), (7, 49), (9, 81))


async def test_zip_never_mispairs_when_both_branches_drop_items() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(10)))
    collector = plumber.zip(numbers.keep(odd), numbers.keep(small)).collect()

    await plumber.run()

    assert collector.items == ((1, 1), (3, 3))


@pytest.mark.parametrize("workers", [1, 3])
async def test_zip_never_mispairs_when_items_fail(workers: int) -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(6)))
    picky = Processor(odd_only, workers=workers)
    branch = numbers.to(picky).to(Processor(double, workers=workers))
    collector = plumber.zip(numbers, branch).collect()
    failures = plumber.failures(picky).collect()

    await plumber.run()

    assert collector.items == ((1, 2), (3, 6), (5, 10))
    assert sorted(failure.item for failure in failures.items) == [0, 2, 4]


async def test_zip_never_mispairs_when_a_zip_is_zipped_again() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(10)))
    inner = plumber.zip(numbers.keep(odd), numbers.to(Processor(double)))
    collector = plumber.zip(inner, numbers.keep(small)).collect()

    await plumber.run()

    assert collector.items == (((1, 2), 1), ((3, 6), 3))


async def test_zip_never_mispairs_when_a_processor_before_it_takes_the_gaps_of_a_keep() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(6)))
    seen: list[int] = []

    async def see(number: int) -> int:
        seen.append(number)
        return number

    branch = numbers.keep(odd).to(Processor(see, workers=2))
    collector = plumber.zip(numbers, branch).collect()

    await plumber.run()

    assert seen == [1, 3, 5]
    assert collector.items == ((1, 1), (3, 3), (5, 5))


async def test_what_was_dropped_between_a_fork_and_its_zip_is_not_seen_by_another_branch() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(6)))
    odds = numbers.keep(odd)
    plumber.zip(numbers, odds).to(Sink(ignore))
    aside = odds.collect()
    batches = odds.batch(2).collect()
    merged = plumber.merge(odds, odds).collect()

    await plumber.run()

    assert aside.items == (1, 3, 5)
    assert batches.items == ([1, 3], [5])
    assert sorted(merged.items) == [1, 1, 3, 3, 5, 5]


async def test_a_removed_tuple_is_counted_as_dropped() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(6)))
    store = Sink(ignore)
    plumber.zip(numbers, numbers.keep(odd)).to(store)

    report = await plumber.run()

    counts = report.of(store)
    assert (counts.received, counts.completed, counts.dropped) == (6, 3, 3)


async def test_conservation_what_waits_for_its_partner_at_the_end_is_left_with_its_giver() -> None:
    gate = Gate[int]()
    left: list[int] = []
    plumber = Plumber()
    numbers = Feed[int]()
    slow = Processor(gate)
    joint = plumber.connect(numbers)
    plumber.zip(joint, joint.to(slow)).to(Sink(ignore))

    async def save(queue: InputQueue[int]) -> None:
        left.extend(queue.drain())

    slow.cleanup(input=save)
    async with plumber.running():
        for number in range(3):
            await numbers.put(number)
        await stillness(plumber)
        plumber.doomsday.put_nowait(Doom("enough", mode="abort"))

    assert left == [0, 1, 2]
    assert list(plumber.report().of(numbers).undelivered) == [0, 1, 2]


async def test_a_zip_of_two_sources_ends_with_the_shorter_one_and_the_report_says_so() -> None:
    plumber = Plumber()
    store = Sink(ignore)
    longer = Source([1, 2, 3])
    plumber.zip(Source(["a", "b"]), longer).to(store)

    report = await plumber.run()

    assert report.of(store).cut_short
    assert report.of(store).completed == 2
    assert list(report.of(longer).undelivered) == [3]


async def test_a_zip_of_two_sources_of_equal_length_is_not_cut_short() -> None:
    plumber = Plumber()
    store = Sink(ignore)
    plumber.zip(Source(["a", "b"]), Source([1, 2])).to(store)

    report = await plumber.run()

    assert not report.of(store).cut_short


async def test_a_zip_in_which_only_gaps_are_left_is_not_cut_short() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1, 2, 4, 6]))
    store = Sink(ignore)
    plumber.zip(numbers.keep(odd), numbers).to(store)

    report = await plumber.run()

    assert not report.of(store).cut_short
    assert report.of(store).completed == 1


def refused(plumber: Plumber) -> str:
    with pytest.raises(WiringErrors) as wrong:
        plumber.blueprint()
    (error,) = wrong.value.exceptions
    return str(error)


def misaligned(plumber: Plumber, numbers: Joint[int], branch: Joint[object]) -> str:
    plumber.zip(numbers.to(Processor(double, name="straight")), branch).to(Sink(ignore))
    return refused(plumber)


def test_a_misaligned_zip_with_an_unordered_processor_is_refused() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1], name="n"))
    loose = Processor(double, name="loose", workers=2, ordered=False)

    assert misaligned(plumber, numbers, numbers.to(loose)) == (
        "the zip before 'ignore' would pair wrong items: 'straight' and 'loose' both come from "
        "'n', but on the way 'n' -> 'loose' -> 'ignore' 'loose' is not ordered. "
        "Zip before that, leave it out of the branch, or set ordered=True."
    )


def test_a_misaligned_zip_with_an_async_generator_is_refused() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1], name="n"))

    told = misaligned(plumber, numbers, numbers.to(Processor(twice)).to(Processor(double)))

    assert "on the way 'n' -> 'twice' -> 'double' -> 'ignore' 'twice' gives any number" in told


def test_a_misaligned_zip_with_a_batch_is_refused() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1], name="n"))

    told = misaligned(plumber, numbers, numbers.batch(2))

    assert "on the way 'n' -> 'batch 2' -> 'ignore' 'batch 2' gives lists" in told


def test_a_misaligned_zip_with_a_merge_is_refused() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1], name="n"))
    mixed = plumber.merge(numbers, Source([2])).to(Processor(double, name="mixed"))

    told = misaligned(plumber, numbers, mixed)

    assert "on the way 'n' -> 'mixed' -> 'ignore' 'mixed' takes a merge" in told


def test_a_misaligned_zip_of_a_processor_with_its_own_failures_is_refused() -> None:
    plumber = Plumber()
    picky = Processor(odd_only, name="picky")
    plumber.zip(plumber.connect(Source([1], name="n")).to(picky), plumber.failures(picky)).to(
        Sink(ignore)
    )

    told = refused(plumber)

    assert "only the failures of 'picky' are taken" in told


async def test_an_unordered_processor_with_one_worker_may_stand_before_a_zip() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1, 2]))
    collector = plumber.zip(numbers, numbers.to(Processor(double, ordered=False))).collect()

    await plumber.run()

    assert collector.items == ((1, 2), (2, 4))


async def test_what_stands_before_a_fork_may_do_as_it_likes() -> None:
    plumber = Plumber()
    loose = Processor(twice, workers=3, ordered=False)
    fork = plumber.merge(Source([1]), Source([2])).to(loose)
    collector = plumber.zip(fork, fork.to(Processor(double))).collect()

    await plumber.run()

    assert sorted(collector.items) == [(1, 2), (1, 2), (2, 4), (2, 4)]


async def test_failures_of_one_branch_may_be_zipped_with_something_else() -> None:
    plumber = Plumber()
    picky = Processor(odd_only, name="picky")
    plumber.connect(Source(range(4))).to(picky).to(Sink(ignore))
    collector = plumber.zip(plumber.failures(picky), Source(["a", "b"])).collect()

    await plumber.run()

    assert [(failure.item, letter) for failure, letter in collector.items] == [(0, "a"), (2, "b")]
    assert all(isinstance(failure, Failure) for failure, _ in collector.items)


async def test_a_reader_beside_a_zip_is_done_with_the_last_item_though_gaps_are_left() -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source([1, 2, 3, 4, 6]))
    kept = numbers.keep(odd)
    queue = kept.read()
    plumber.zip(kept, numbers.to(Processor(double))).to(Sink(ignore))
    running = asyncio.create_task(plumber.run())

    read = [await queue.get(), await queue.get()]

    report = await running
    assert read == [1, 3]
    assert report.ending == "finished"


@pytest.mark.parametrize("maxsize", [1, 2, 100])
async def test_a_zip_that_is_read_is_not_cut_short_when_its_last_tuple_is_left_out(
    maxsize: int,
) -> None:
    plumber = Plumber()
    numbers = plumber.connect(Source(range(9)))
    queue = plumber.zip(numbers, numbers.keep(odd)).read(maxsize=maxsize)
    running = asyncio.create_task(plumber.run())

    read = [pair async for pair in queue]

    report = await running
    assert read == [(1, 1), (3, 3), (5, 5), (7, 7)]
    assert not any(counts.cut_short for counts in report.counts)


async def test_each_branch_gets_an_item_before_the_next_one_is_waited_for() -> None:
    arrived = asyncio.Event()

    async def wait_for_the_sink(number: int) -> int:
        if number == 2:
            await arrived.wait()
        return number

    async def arrive(number: int) -> None:
        if number == 1:
            arrived.set()

    plumber = Plumber()
    numbers = plumber.connect(Source(range(3))).to(Processor(wait_for_the_sink))
    numbers.fan_out(Sink(arrive), Sink(ignore))

    report = await plumber.run()

    assert [counts.completed for counts in report.counts] == [3, 3, 3, 3]


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_a_zip_ends_when_an_item_has_no_partner_though_another_input_is_silent(
    order: Sequence[int],
) -> None:
    silent, ready = Feed[int](name="silent"), Feed[int](name="ready")
    inputs: list[Source[int]] = [silent, ready, Source([], name="empty")]
    plumber = Plumber()
    store = Sink(ignore)
    plumber.zip(*(inputs[number] for number in order)).to(store)

    running = asyncio.create_task(plumber.run())
    await stillness(plumber)
    ready.put_nowait(1)
    report = await running

    assert report.of(store).cut_short
    assert report.of(ready).undelivered == (1,)


async def test_a_merge_takes_from_each_input_in_turn_also_when_one_always_has_more() -> None:
    plumber = Plumber()
    endless, other = Source(itertools.count(), name="endless"), Source([-1], name="other")
    merged = plumber.merge(endless, other).read(maxsize=10)

    taken = 0
    async with plumber.running():
        while await merged.get() != -1:
            taken += 1
            assert taken <= 10, "a whole edge of the one was taken, and nothing of the other"
