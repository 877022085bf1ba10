"""What a joint does with items on their way: keep, only, batch, merge, collect, read, via."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from typing_extensions import TypeIs

from tests.support.clock import Clock
from tests.support.stillness import stillness
from typedpipes import (
    Doom,
    Feed,
    Joint,
    PipelineFailed,
    Plumber,
    Processor,
    SettingError,
    Sink,
    Source,
)
from typedpipes.show import show


async def double(number: int) -> int:
    return 2 * number


async def ignore(item: object) -> None: ...


def even(number: int) -> bool:
    return number % 2 == 0


def is_text(thing: int | str) -> TypeIs[str]:
    return isinstance(thing, str)


async def test_keep_lets_pass_what_the_test_is_true_for() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source(range(5))).keep(even).collect()

    report = await plumber.run()

    (keep,) = (counts for counts in report.counts if counts.name == "keep even")
    assert collector.items == (0, 2, 4)
    assert (keep.received, keep.completed, keep.dropped) == (5, 3, 2)


async def test_narrow_gives_items_of_the_type_that_its_test_tells() -> None:
    things: list[int | str] = [1, "a", 2, "b"]
    plumber = Plumber()
    collector = plumber.connect(Source(things)).narrow(is_text).collect()

    await plumber.run()

    assert [text.upper() for text in collector.items] == ["A", "B"]


async def test_a_keep_whose_test_raises_fails_the_run_in_its_own_name() -> None:
    def broken(number: int) -> bool:
        raise ValueError("no opinion")

    plumber = Plumber()
    plumber.connect(Source([7])).keep(broken).to(Sink(ignore))

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    (error,) = failed.value.exceptions
    assert str(error) == "'keep broken' failed on 7: ValueError('no opinion')"


async def test_only_lets_pass_the_instances_of_a_class() -> None:
    things: list[int | str] = [1, "a", 2, "b"]
    plumber = Plumber()
    collector = plumber.connect(Source(things)).only(str).collect()

    report = await plumber.run()

    (only,) = (counts for counts in report.counts if counts.name == "only str")
    assert collector.items == ("a", "b")
    assert only.dropped == 2


async def test_batch_makes_lists_of_a_size_and_a_shorter_one_at_the_end() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source(range(7))).batch(3).collect()

    await plumber.run()

    assert collector.items == ([0, 1, 2], [3, 4, 5], [6])


async def test_batch_gives_no_empty_list() -> None:
    plumber = Plumber()
    collector = plumber.connect(Source(range(6))).batch(3).collect()

    await plumber.run()

    assert collector.items == ([0, 1, 2], [3, 4, 5])


async def test_batch_without_a_time_waits_until_the_list_is_full() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    collector = plumber.connect(feed).batch(2).collect()

    async with plumber.running():
        await feed.put(1)
        await stillness(plumber)
        early = collector.items
        await feed.put(2)

    assert early == ()
    assert collector.items == ([1, 2],)


async def test_batch_within_a_time_gives_what_it_has_then(clock: Clock) -> None:
    feed = Feed[int]()
    plumber = Plumber()
    queue = plumber.connect(feed).batch(100, within=0.001).read()

    async with plumber.running():
        await feed.put(1)
        first = await queue.get()
        await feed.put(2)
        second = await queue.get()

    assert (first, second) == ([1], [2])


async def test_batch_within_a_time_need_not_wait_for_it_when_the_list_is_full(clock: Clock) -> None:
    feed = Feed[int]()
    plumber = Plumber()
    queue = plumber.connect(feed).batch(2, within=1e6).read()

    async with plumber.running():
        for number in (1, 2, 3):
            await feed.put(number)
        first = await queue.get()
        feed.close()
        second = await queue.get()

    assert (first, second) == ([1, 2], [3])


async def test_merge_keeps_the_order_of_each_input() -> None:
    plumber = Plumber()
    evens, odds = Source(range(0, 1000, 2)), Source(range(1, 1000, 2))
    collector = plumber.merge(evens, odds).collect()

    await plumber.run()

    assert [number for number in collector.items if even(number)] == list(range(0, 1000, 2))
    assert [number for number in collector.items if not even(number)] == list(range(1, 1000, 2))


async def test_merge_does_not_wait_for_an_input_that_has_nothing() -> None:
    silent, talking = Feed[int](), Feed[str]()
    plumber = Plumber()
    queue = plumber.merge(silent, talking).read()

    async with plumber.running():
        await talking.put("a")
        assert await queue.get() == "a"
        talking.close()
        await silent.put(1)
        assert await queue.get() == 1


async def test_merge_takes_turns_so_that_no_input_starves() -> None:
    async def endless() -> AsyncIterator[str]:
        while True:
            yield "noise"

    plumber = Plumber()
    queue = plumber.merge(Source(endless), Source(["signal"])).read()

    async with plumber.running():
        async for item in queue:
            if item == "signal":
                break

    assert plumber.report().ending == "drained"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("workers", [1, 2])
async def test_merge_takes_first_what_comes_from_the_input_that_it_prefers(workers: int) -> None:
    begun: list[str] = []
    urgent = Feed[str]()

    async def work(item: str) -> None:
        begun.append(item)
        await asyncio.sleep(1.0)
        if item == "b":
            urgent.put_nowait("!")
            urgent.put_nowait("!!")
            urgent.close()

    plumber = Plumber()
    merged = plumber.merge(Source(["a", "b", "c", "d", "e", "f"]), urgent, prefer=1)
    merged.to(Sink(work, workers=workers))

    await plumber.run()

    # With two workers, "c" begins when "a" is done, which is before "b" is.
    expected = ["a", "b", "!", "!!", "c", "d", "e", "f"]
    assert begun == expected if workers == 1 else begun.index("!!") < begun.index("e")


@pytest.mark.parametrize("prefer", [-1, 2, True])
def test_merge_prefers_one_of_its_inputs(prefer: int) -> None:
    with pytest.raises(SettingError, match="prefer of merge must be"):
        Plumber().merge(Source([1]), Source([2]), prefer=prefer)


def test_a_drawing_says_which_input_a_merge_prefers() -> None:
    plumber = Plumber()
    source = Source([1], name="urgent")
    plumber.merge(Source([2]), source, prefer=1).collect()

    assert show(plumber.blueprint(), "text").count("(urgent first)") == 1


async def test_merge_may_go_straight_into_a_processor() -> None:
    plumber = Plumber()
    doubled = Processor(double)
    collector = plumber.merge(Source([1]), Source([2]), Source([3])).to(doubled).collect()

    report = await plumber.run()

    assert sorted(collector.items) == [2, 4, 6]
    assert "merge" not in [counts.name for counts in report.counts]


async def test_collect_may_be_looked_at_while_the_run_goes_on() -> None:
    feed = Feed[int]()
    plumber = Plumber()
    collector = plumber.connect(feed).collect()

    async with plumber.running():
        await feed.put(1)
        await stillness(plumber)
        early = collector.items
        await feed.put(2)

    assert early == (1,)
    assert collector.items == (1, 2)


async def test_via_draws_a_segment_that_can_be_used_again() -> None:
    def twice(joint: Joint[int]) -> Joint[int]:
        return joint.to(Processor(double)).to(Processor(double))

    plumber = Plumber()
    collector = plumber.connect(Source([1, 2])).via(twice).via(twice).collect()

    await plumber.run()

    assert collector.items == (16, 32)


async def test_read_makes_the_graph_wait_when_it_is_full() -> None:
    source = Source(range(10))
    plumber = Plumber()
    queue = plumber.connect(source).read(maxsize=2)

    async with plumber.running():
        report = await stillness(plumber)
        items = [item async for item in queue]

    assert report.of(source).emitted == 2
    assert items == list(range(10))


async def test_read_may_be_done_by_several_tasks() -> None:
    plumber = Plumber()
    queue = plumber.connect(Source(range(100))).read(maxsize=3)
    items: list[int] = []

    async def read() -> None:
        async for item in queue:
            items.append(item)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        group.create_task(plumber.run())
        for _ in range(3):
            group.create_task(read())

    assert sorted(items) == list(range(100))


async def test_conservation_what_passed_a_keep_before_its_test_was_closed_is_told() -> None:
    def close_at_five(number: int) -> bool:
        if number == 5:
            raise GeneratorExit
        return True

    plumber = Plumber()
    store = Sink(ignore)
    plumber.connect(Source(range(10))).keep(close_at_five).to(store)

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    counts = {counts.name: counts for counts in failed.value.report.counts}
    there = counts["ignore"].received + len(counts["keep close_at_five"].undelivered)
    assert counts["keep close_at_five"].emitted == there == 5


async def test_a_test_that_ends_the_run_is_called_no_more() -> None:
    tested: list[int] = []
    plumber = Plumber()

    def abort_at_five(number: int) -> bool:
        tested.append(number)
        if number == 5:
            plumber.doomsday.put_nowait(Doom("enough", mode="abort"))
        return True

    plumber.connect(Source(range(100))).keep(abort_at_five).to(Sink(ignore))

    await plumber.run()

    assert tested == list(range(6))


async def test_a_segment_needs_no_plumber_but_that_of_its_joint() -> None:
    async def length(text: str) -> int:
        return len(text)

    def with_lengths(texts: Joint[str]) -> Joint[tuple[str, int] | str]:
        pairs = texts.zip(texts.to(Processor(length, workers=2)))
        more = texts.plumber.connect(Source(["more"]))
        return pairs.merge(more)

    plumber = Plumber()
    seen = plumber.connect(Source(["a", "bb"])).via(with_lengths).collect()

    await plumber.run()

    assert sorted(map(str, seen.items)) == ["('a', 1)", "('bb', 2)", "more"]


async def test_fan_out_returns_a_joint_for_each_stage() -> None:
    async def double(number: int) -> int:
        return 2 * number

    async def square(number: int) -> int:
        return number * number

    plumber = Plumber()
    joints = plumber.connect(Source([1, 2, 3])).fan_out(Processor(double), Processor(square))
    doubled, squared = [joint.collect() for joint in joints]

    await plumber.run()

    assert (doubled.items, squared.items) == ((2, 4, 6), (1, 4, 9))
