"""Several inputs taken in the wrong order, number or type."""

from tests.typing.stages import (
    doubler,
    feed,
    halver,
    judge,
    length,
    lines,
    measurer,
    not_empty,
    numbers,
    plumber,
    repeater,
    reverser,
    texts,
    totals,
)
from typedpipes import Joint, Sink


async def take_three(items: tuple[str, int, float]) -> None: ...
async def take_four(items: tuple[str, int, float, bool]) -> None: ...
async def take_five(items: tuple[str, int, float, bool, str]) -> None: ...
async def take_six(items: tuple[int, ...]) -> None: ...
async def take_text_or_number(item: str | int) -> None: ...


three = Sink(take_three)
four = Sink(take_four)
five = Sink(take_five)
six = Sink(take_six)
either = Sink(take_text_or_number)

plumber.zip(measurer, reverser).to(repeater)  # refused [arg-type]: swapped
plumber.zip(lines, reverser).to(repeater)  # refused [arg-type]: the second is str
plumber.zip(numbers, measurer).to(repeater)  # refused [arg-type]: the first is int
plumber.zip(lines, numbers).to(reverser)  # refused [arg-type]: a pair is no str
plumber.zip(lines, numbers, judge).to(repeater)  # refused [arg-type]: one too many
plumber.zip(lines)  # refused [call-overload]: two at least
plumber.merge(lines)  # refused [call-overload]: two at least
plumber.merge(lines, numbers, prefer=lines)  # refused [call-overload]: the number of an input
plumber.zip(lines, numbers, prefer=0)  # refused [call-overload]: a zip takes one of each
plumber.zip(lines, halver, numbers).to(three)  # refused [arg-type]: float before int
plumber.zip(lines, numbers).to(three)  # refused [arg-type]: two for three
plumber.zip(lines, numbers, judge, halver).to(four)  # refused [arg-type]: float for bool
plumber.zip(lines, numbers, halver).to(four)  # refused [arg-type]: three for four
plumber.zip(lines, numbers, halver, judge, doubler).to(five)  # refused [arg-type]: int for str
plumber.zip(lines, feed, lines, lines, feed, lines).to(six)  # refused [arg-type]: six str
plumber.zip(lines, length)  # refused [call-overload]: a coroutine is no outlet
plumber.zip(plumber.connect(lines).keep(not_empty), lines).to(repeater)  # refused [arg-type]: str
plumber.zip(plumber.zip(lines, numbers), halver).to(three)  # refused [arg-type]: nested

plumber.merge(reverser, measurer).to(reverser)  # refused [arg-type]: int may arrive
plumber.merge(reverser, measurer).to(doubler)  # refused [arg-type]: str may arrive
plumber.merge(lines, numbers, halver).to(either)  # refused [arg-type]: float may arrive
plumber.merge(lines, numbers, feed, halver).to(either)  # refused [arg-type]: float may arrive
plumber.merge(lines, feed, lines, feed, halver).to(texts)  # refused [arg-type]: float may arrive
plumber.merge(lines, feed, lines, feed, lines, numbers).to(texts)  # refused [arg-type]: int may
plumber.merge(numbers, measurer, doubler, numbers, numbers).to(texts)  # refused [arg-type]: int
plumber.merge(lines, length)  # refused [call-overload]: a coroutine is no outlet
plumber.merge(plumber.zip(lines, numbers), numbers).to(totals)  # refused [arg-type]: a pair may

swapped: Joint[tuple[int, str]] = plumber.zip(lines, measurer)  # refused [assignment]
narrow: Joint[int] = plumber.merge(lines, measurer)  # refused [arg-type]: str | int

plumber.zip(lines, numbers, buffer="5")  # refused [call-overload]
plumber.zip(lines, numbers, maxsize=5)  # refused [call-overload]: buffer
plumber.merge(lines, numbers, buffer=2.5)  # refused [call-overload]
plumber.zip(lines, numbers, buffer=5).to(reverser)  # refused [arg-type]: a pair is no str
