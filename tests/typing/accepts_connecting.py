"""Graphs whose ends meet, with the type of each joint."""

from collections.abc import Sequence
from typing import Any, TypeVar

from typing import assert_type
from typing_extensions import TypeIs, assert_never

from tests.typing.stages import (
    doubler,
    feed,
    half,
    halver,
    is_even,
    judge,
    length,
    lines,
    measured,
    measurer,
    mourner,
    not_empty,
    numbers,
    plain_length,
    plumber,
    repeater,
    reverse,
    reverser,
    rig,
    scale,
    screen,
    splitter,
    store_text,
    texts,
    totals,
)
from typedpipes import (
    Collector,
    Failure,
    First,
    InputQueue,
    Joint,
    On,
    Processor,
    Second,
    Sink,
    Source,
    Third,
    bind,
    switch,
)

Item = TypeVar("Item")
Other = TypeVar("Other")


async def spell(number: float) -> str:
    return str(number)


async def shout(text: str) -> str:
    return text.upper()


# Every outlet gives a joint with its item type.
assert_type(plumber.connect(lines), Joint[str])
assert_type(plumber.connect(rig), Joint[str])
assert_type(plumber.connect(feed), Joint[str])
assert_type(plumber.connect(splitter), Joint[str])
assert_type(plumber.connect(measurer), Joint[int])
assert_type(plumber.connect(plumber.connect(numbers)), Joint[int])
assert_type(plumber.connect(screen), Joint[None])

# Chains.
assert_type(plumber.connect(lines).to(measurer), Joint[int])
assert_type(plumber.connect(lines).to(reverser).to(measurer).to(doubler).to(totals), Joint[None])
assert_type(
    plumber.connect(lines)
    .to(Processor(reverse))
    .to(Processor(length))
    .to(Processor(bind(scale, factor=0.5)))
    .to(Processor(half))
    .to(Processor(spell))
    .to(Processor(reverse))
    .to(Processor(shout))
    .to(Processor(reverse))
    .to(Processor(length))
    .to(Processor(half)),
    Joint[float],
)
plumber.connect(lines).fan_out(reverser, measurer, texts, screen)
plumber.connect(numbers).fan_out(doubler, halver, totals, screen)

# Aggregated inputs: a tuple in the order of the inputs.
assert_type(plumber.zip(lines, measurer), Joint[tuple[str, int]])
assert_type(plumber.zip(lines, numbers, halver), Joint[tuple[str, int, float]])
assert_type(plumber.zip(lines, numbers, halver, judge), Joint[tuple[str, int, float, bool]])
assert_type(
    plumber.zip(lines, numbers, halver, judge, rig), Joint[tuple[str, int, float, bool, str]]
)
assert_type(
    plumber.zip(lines, numbers, halver, judge, rig, measurer),
    Joint[tuple[str, int, float, bool, str, int]],
)
assert_type(
    plumber.zip(lines, numbers, halver, judge, rig, measurer, feed, halver),
    Joint[tuple[str, int, float, bool, str, int, str, float]],
)
assert_type(
    plumber.zip(lines, numbers, halver, judge, rig, measurer, feed),
    Joint[tuple[str, int, float, bool, str, int, str]],
)
assert_type(
    plumber.zip(lines, lines, lines, feed, rig, reverser, feed, feed, feed),
    Joint[tuple[str, ...]],
)
assert_type(plumber.zip(lines, lines, *[lines] * 9), Joint[tuple[str, ...]])
assert_type(plumber.zip(lines, measurer).to(repeater), Joint[str])
assert_type(plumber.zip(lines, plumber.connect(lines).to(measurer)).to(repeater), Joint[str])
assert_type(plumber.zip(plumber.zip(lines, numbers), judge), Joint[tuple[tuple[str, int], bool]])

# Non-aggregated inputs: a union.
assert_type(plumber.merge(lines, feed), Joint[str])
assert_type(plumber.merge(lines, numbers), Joint[str | int])
assert_type(plumber.merge(lines, numbers, halver), Joint[str | int | float])
assert_type(plumber.merge(lines, numbers, feed, doubler), Joint[str | int])
assert_type(plumber.merge(lines, numbers, feed, doubler, rig), Joint[str | int])
assert_type(plumber.merge(lines, lines, lines, feed, rig, reverser), Joint[str])
assert_type(plumber.merge(lines, numbers, lines, numbers, rig, doubler), Joint[str | int])
assert_type(
    plumber.merge(lines, numbers, halver, rig, feed, doubler, halver), Joint[str | float | int]
)
assert_type(
    plumber.merge(lines, numbers, halver, rig, feed, doubler, numbers, lines),
    Joint[str | int | float],
)
assert_type(plumber.merge(*[lines, lines]), Joint[str])
assert_type(plumber.merge(lines, reverser).to(measurer), Joint[int])
assert_type(plumber.merge(plumber.zip(lines, numbers), rig), Joint[tuple[str, int] | str])
assert_type(plumber.merge(lines, numbers).to(screen), Joint[None])


# Segments, also generic ones.
def paired(items: Joint[Item]) -> Joint[tuple[Item, Item]]:
    return plumber.zip(items, items)


def counted(items: Joint[Item]) -> Joint[tuple[int, Item]]:
    return plumber.zip(Source(range(10)), items)


def beside(items: Joint[Item], others: Joint[Other]) -> Joint[tuple[Item, Other]]:
    return plumber.zip(items, others)


assert_type(plumber.connect(lines).via(measured), Joint[int])
assert_type(plumber.connect(lines).via(measured).via(paired), Joint[tuple[int, int]])
assert_type(plumber.connect(lines).via(counted), Joint[tuple[int, str]])
assert_type(plumber.connect(lines).via(counted, name="counted"), Joint[tuple[int, str]])
assert_type(plumber.connect(lines).via(paired).via(counted), Joint[tuple[int, tuple[str, str]]])
assert_type(
    beside(plumber.connect(lines), plumber.connect(numbers)).to(repeater).via(measured), Joint[int]
)


# Choosing.
def is_text(item: str | int) -> TypeIs[str]:
    return isinstance(item, str)


def is_there(item: str | None) -> TypeIs[str]:
    return item is not None


async def find(text: str) -> str | None:
    return text or None


def anything(item: object) -> bool:
    return item is not None


mixed = plumber.merge(lines, numbers)
assert_type(plumber.connect(lines).keep(not_empty), Joint[str])
assert_type(plumber.connect(numbers).keep(is_even), Joint[int])
assert_type(plumber.connect(lines).keep(str.isalpha), Joint[str])
assert_type(mixed.keep(anything), Joint[str | int])
assert_type(mixed.narrow(is_text), Joint[str])
assert_type(mixed.narrow(is_text).to(measurer), Joint[int])
assert_type(mixed.keep(is_text), Joint[str | int])
assert_type(mixed.narrow(is_text, buffer=5), Joint[str])
assert_type(mixed.keep(lambda item: item != 3), Joint[str | int])
assert_type(plumber.connect(lines).keep(lambda text: text.isalpha()).to(measurer), Joint[int])
assert_type(mixed.keep(bool), Joint[str | int])


def from_untyped_code(items: Joint[Any]) -> None:
    assert_type(items.keep(not_empty), Joint[Any])
    assert_type(items.narrow(is_text), Joint[str])


assert_type(mixed.only(str), Joint[str])
assert_type(mixed.only(int).to(doubler), Joint[int])
assert_type(plumber.connect(lines).to(Processor(find)).narrow(is_there), Joint[str])

# Batches, collectors, queues to read from.
assert_type(plumber.connect(lines).batch(3), Joint[list[str]])
assert_type(plumber.connect(numbers).batch(3, within=0.5), Joint[list[int]])
assert_type(plumber.connect(lines).collect(), Collector[str])
assert_type(plumber.connect(lines).collect(name="lines", buffer=5), Collector[str])
assert_type(plumber.connect(lines).keep(not_empty, buffer=5), Joint[str])
assert_type(plumber.connect(lines).only(str, buffer=5), Joint[str])
assert_type(plumber.connect(lines).batch(2, buffer=5), Joint[list[str]])
assert_type(plumber.connect(lines).every(60), Joint[list[str]])
assert_type(plumber.connect(numbers).every(0.5, most=9, buffer=5), Joint[list[int]])
assert_type(plumber.zip(lines, numbers, buffer=5), Joint[tuple[str, int]])
assert_type(plumber.zip(lines, lines, lines, buffer=None), Joint[tuple[str, str, str]])
assert_type(plumber.merge(lines, numbers, buffer=5), Joint[str | int])
assert_type(plumber.merge(lines, numbers, prefer=1), Joint[str | int])
assert_type(plumber.merge(lines, numbers, halver, buffer=5, prefer=0), Joint[str | int | float])
assert_type(plumber.merge(*[lines, lines], prefer=0), Joint[str])
assert_type(plumber.connect(lines).collect().items, Sequence[str])
assert_type(plumber.zip(lines, numbers).collect(), Collector[tuple[str, int]])
assert_type(plumber.connect(lines).read(), InputQueue[str])
assert_type(plumber.connect(lines).read(maxsize=5), InputQueue[str])
assert_type(mixed.read(), InputQueue[str | int])


# Failures edges.
async def mourn_anything(failure: Failure[object]) -> str:
    return f"{failure.processor}: {failure.item!r}: {failure.error}"


async def again(failure: Failure[str]) -> str:
    return failure.item


assert_type(plumber.failures(reverser), Joint[Failure[str]])
assert_type(plumber.failures(measurer).to(mourner), Joint[None])
assert_type(plumber.failures(doubler).to(Processor(mourn_anything)), Joint[str])
assert_type(
    plumber.merge(plumber.failures(reverser), plumber.failures(doubler)),
    Joint[Failure[str] | Failure[int]],
)
assert_type(
    plumber.merge(plumber.failures(reverser), plumber.failures(doubler)).to(
        Processor(mourn_anything)
    ),
    Joint[str],
)
assert_type(plumber.failures(texts).to(Processor(again)).to(measurer), Joint[int])


# Outcomes: results and failures in one order.
async def reply(outcome: str | Failure[str]) -> bool:
    return isinstance(outcome, Failure)


assert_type(plumber.outcomes(reverser), Joint[str | Failure[str]])
assert_type(plumber.outcomes(measurer), Joint[int | Failure[str]])
assert_type(plumber.outcomes(reverser).to(Processor(reply)), Joint[bool])
assert_type(
    plumber.zip(plumber.connect(lines), plumber.outcomes(reverser)),
    Joint[tuple[str, str | Failure[str]]],
)
assert_type(plumber.outcomes(texts), Joint[None | Failure[str]])


# Segments need no plumber but that of their joint.
def measured_pairs(texts: Joint[str]) -> Joint[tuple[str, int]]:
    return texts.zip(texts.to(measurer))


def with_numbers(texts: Joint[str]) -> Joint[str | int]:
    return texts.merge(texts.plumber.connect(numbers))


assert_type(plumber.connect(lines).via(measured_pairs), Joint[tuple[str, int]])
assert_type(plumber.connect(lines).via(with_numbers), Joint[str | int])
assert_type(plumber.connect(lines).fan_out(measurer, Processor(length)), tuple[Joint[int], ...])


# Typed routing.
def by_class(item: int | str) -> First[int] | Second[str]:
    match item:
        case int():
            return First(item)
        case str():
            return Second(item)
        case _:
            assert_never(item)


def three_ways(item: int | str | None) -> First[int] | Second[str] | Third[None]:
    match item:
        case int():
            return First(item)
        case str():
            return Second(item)
        case None:
            return Third(item)
        case _:
            assert_never(item)


either: Joint[int | str] = plumber.merge(numbers, lines)
assert_type(either.split(by_class), tuple[Joint[int], Joint[str]])
some_numbers, some_texts = either.split(by_class)
assert_type(some_numbers.to(doubler).rejoin(some_texts.to(reverser)), Joint[int | str])
maybe: Joint[int | str | None] = plumber.merge(either, plumber.connect(texts))
assert_type(maybe.split3(three_ways), tuple[Joint[int], Joint[str], Joint[None]])
assert_type(either.to(switch(On(int, doubler), On(str, judge))), Joint[int | bool])
assert_type(
    either.to(switch(On(int, halver), On(str, reverser), On(bool, doubler))),
    Joint[float | str | int],
)

# Order per key.
assert_type(Processor(reverse, workers=4).keyed(plain_length), Processor[str, str])
assert_type(Sink(store_text, workers=4).keyed(hash), Sink[str])

# Where a joint of a type is asked for.
words: Joint[str] = plumber.connect(lines).to(reverser)
objects: Joint[object] = plumber.connect(lines)
ends: list[Joint[object]] = [words, objects, plumber.connect(numbers)]
sinks: list[Sink[str]] = [texts]
