"""Processors and segments tried by hand, without a graph of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.clock import Clock
from tests.support.gate import Gate
from typedpipes import (
    Edge,
    InputQueue,
    Joint,
    On,
    PipelineFailed,
    Processor,
    QueueClosed,
    SettingError,
    Sink,
    Wedged,
    WiringErrors,
    switch,
)
from typedpipes.testing import drive, try_out, zip_inputs


async def reverse(text: str) -> str:
    return text[::-1]


async def append_reverse(texts: tuple[str, str]) -> str:
    first, second = texts
    return first + second[::-1]


async def half(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


def filled(*items: str) -> Edge[str]:
    edge = Edge[str]()
    for item in items:
        edge.output.put_nowait(item)
    edge.output.close()
    return edge


async def test_reverse_takes_from_one_input_queue() -> None:
    words, reversed_words = filled("one", "two"), Edge[str]()

    await drive(Processor(reverse), input=words.input, output=reversed_words.output)

    assert reversed_words.input.drain() == ["eno", "owt"]


async def test_append_reverse_takes_from_two_input_queues() -> None:
    first, second, joined = filled("one", "two"), filled("three", "four"), Edge[str]()
    both = zip_inputs(first.input, second.input)

    await drive(Processor(append_reverse), input=both, output=joined.output)

    assert joined.input.drain() == ["oneeerht", "tworuof"]


async def test_two_input_queues_of_unequal_length_end_with_the_shorter_one() -> None:
    first, second, joined = filled("one", "two"), filled("three"), Edge[str]()
    both = zip_inputs(first.input, second.input)

    await drive(Processor(append_reverse), input=both, output=joined.output)

    assert joined.input.drain() == ["oneeerht"]


async def test_the_output_is_closed_at_the_end() -> None:
    words, reversed_words = filled("one"), Edge[str]()

    await drive(Processor(reverse), input=words.input, output=reversed_words.output)

    assert [word async for word in reversed_words.input] == ["eno"]


async def test_an_item_comes_out_before_the_input_is_closed() -> None:
    words, reversed_words = Edge[str](), Edge[str]()
    words.output.put_nowait("one")

    async with asyncio.TaskGroup() as group:
        group.create_task(
            drive(Processor(reverse), input=words.input, output=reversed_words.output)
        )
        first = await reversed_words.input.get()
        words.output.close()

    assert first == "eno"


async def test_the_report_counts_the_items() -> None:
    words, reversed_words, processor = filled("one", "two"), Edge[str](), Processor(reverse)

    report = await drive(processor, input=words.input, output=reversed_words.output)

    assert report.of(processor).completed == 2


async def test_a_sink_needs_no_output() -> None:
    seen: list[str] = []

    async def see(text: str) -> None:
        seen.append(text)

    await drive(Sink(see), input=filled("one", "two").input)

    assert seen == ["one", "two"]


async def test_a_processor_without_an_output_is_refused() -> None:
    with pytest.raises(WiringErrors, match="the output of 'reverse' goes nowhere"):
        await drive(Processor(reverse), input=filled().input)


async def test_a_failure_is_raised_and_the_output_closed_all_the_same() -> None:
    numbers, halves = Edge[int](), Edge[int]()
    numbers.output.put_nowait(3)

    with pytest.raises(PipelineFailed) as failed:
        await drive(Processor(half), input=numbers.input, output=halves.output)

    assert str(failed.value.exceptions[0]) == "'half' failed on 3: ValueError('3 is odd')"
    with pytest.raises(QueueClosed):
        await halves.input.get()


async def test_cancelled_it_aborts_and_hands_the_item_in_hand_to_the_cleanup() -> None:
    gate = Gate[str]()
    left: list[str] = []

    async def save(queue: InputQueue[str]) -> None:
        left.extend(queue.drain())

    words, passed = filled("one", "two"), Edge[str]()
    processor = Processor(gate).cleanup(input=save)
    driving = asyncio.create_task(drive(processor, input=words.input, output=passed.output))
    await gate.next_arrival()

    driving.cancel()

    with pytest.raises(asyncio.CancelledError):
        await driving
    assert left == ["one", "two"]


async def test_a_processor_may_be_driven_whatever_it_is_called() -> None:
    words, reversed_words = filled("one"), Edge[str]()
    processor = Processor(reverse, name="output")

    await drive(processor, input=words.input, output=reversed_words.output)

    assert reversed_words.input.drain() == ["eno"]


async def letters_of(word: str) -> AsyncIterator[str]:
    for letter in word:
        yield letter


def letters_and_their_reverse(words: Joint[str]) -> Joint[tuple[str, str]]:
    letters = words.keep(str.islower).to(Processor(letters_of))
    return letters.zip(letters.to(Processor(reverse)))


async def test_a_processor_is_tried_with_a_list_and_keeps_its_order() -> None:
    async def late_if_early(number: int) -> int:
        for _ in range(10 - number):
            await asyncio.sleep(0)
        return -number

    results = await try_out(Processor(late_if_early, workers=4), range(10))

    assert results == [0, -1, -2, -3, -4, -5, -6, -7, -8, -9]


async def test_a_segment_is_tried_with_a_list() -> None:
    pairs = await try_out(letters_and_their_reverse, ["ab", "NO", "c"])

    assert pairs == [("a", "a"), ("b", "b"), ("c", "c")]


async def test_a_switch_is_tried_with_an_async_iterable() -> None:
    by_kind = switch(On(str, Processor(reverse)), On(int, Processor(half)))

    async def mixed() -> AsyncIterator[str | int]:
        yield "ab"
        yield 4

    assert await try_out(by_kind, mixed()) == ["ba", 2]


def stored(words: Joint[str]) -> Joint[None]:
    return words.to(Processor(reverse)).to(Sink(store, name="store"))


seen: list[str] = []


async def store(word: str) -> None:
    seen.append(word)


@pytest.mark.parametrize(("tried", "word"), [(Sink(store), "ab"), (stored, "ba")])
async def test_what_ends_in_a_sink_gives_nothing(
    tried: Sink[str] | Callable[[Joint[str]], Joint[None]], word: str
) -> None:
    seen.clear()

    assert await try_out(tried, ["ab"]) == []

    assert seen == [word]


async def test_what_fails_while_it_is_tried_is_raised_with_the_report() -> None:
    with pytest.raises(PipelineFailed) as failed:
        await try_out(Processor(half), [2, 3, 4])

    (error,) = failed.value.exceptions
    assert str(error) == "'half' failed on 3: ValueError('3 is odd')"
    assert failed.value.report.counts[1].completed == 1


@pytest.mark.usefixtures("clock")
async def test_what_does_not_end_is_aborted_within_the_limit(clock: Clock) -> None:
    gate, begin = Gate[int](), clock.now

    with pytest.raises(TimeoutError):
        await try_out(Processor(gate, name="gate"), [1], within=3.0)

    assert clock.now - begin == 3.0
    assert gate.arrived == [1]


async def test_a_limit_that_is_none() -> None:
    with pytest.raises(SettingError, match="within of try_out must be a number of seconds above 0"):
        await try_out(Processor(half), [1], within=0)


async def test_a_segment_whose_drawing_is_wrong() -> None:
    def loose(words: Joint[str]) -> Joint[str]:
        words.to(Processor(reverse, name="lost"))
        return words

    with pytest.raises(WiringErrors, match="the output of 'lost' goes nowhere"):
        await try_out(loose, ["a"])


async def test_a_segment_that_wedges_fails_and_says_who_waits_for_whom(clock: Clock) -> None:
    def unread(numbers: Joint[int]) -> Joint[int]:
        numbers.read(maxsize=3)
        return numbers

    with pytest.raises(PipelineFailed) as failed:
        await try_out(unread, range(10))

    (error,) = failed.value.exceptions
    assert isinstance(error, Wedged)
    assert "; nobody reads 'read';" in error.wedge
