"""Segments, tests, kinds and batches that do not fit what flows."""

from typing import TypeVar

from typing_extensions import TypeIs

from tests.typing.stages import (
    doubler,
    halver,
    is_even,
    is_long,
    length,
    lines,
    measured,
    measurer,
    not_empty,
    numbers,
    plumber,
    repeater,
    reverser,
    texts,
    totals,
)
from typedpipes import First, Joint, On, Second, Sink, Third, switch

Item = TypeVar("Item")


def is_text(item: str | int) -> TypeIs[str]:
    return isinstance(item, str)


def is_whole(item: float) -> TypeIs[int]:
    return isinstance(item, int)


def paired(items: Joint[Item]) -> Joint[tuple[Item, Item]]:
    return plumber.zip(items, items)


def first_letter(text: str) -> str:
    return text[:1]


def nothing() -> bool:
    return True


async def store_batch(batch: list[int]) -> None: ...


mixed = plumber.merge(lines, numbers)

plumber.connect(numbers).via(measured)  # refused [arg-type]: measures str
plumber.connect(lines).via(measured).to(texts)  # refused [arg-type]: gives int
plumber.connect(lines).via(paired).to(repeater)  # refused [arg-type]: pairs of str
plumber.connect(lines).via(reverser)  # refused [arg-type]: a processor is no segment
plumber.connect(lines).via(length)  # refused [arg-type]: a segment takes a joint
plumber.connect(lines).via(measured, paired)  # refused [call-arg]: one segment at a time

plumber.connect(lines).keep(is_even)  # refused [arg-type]: tests int
plumber.connect(lines).keep(is_long)  # refused [arg-type]: a coroutine
plumber.connect(lines).keep(nothing)  # refused [arg-type]: takes no item
plumber.connect(lines).keep(first_letter)  # refused [arg-type]: gives no bool
plumber.connect(lines).keep("a")  # refused [arg-type]: no function
plumber.connect(lines).keep(not_empty).to(doubler)  # refused [arg-type]: still str
mixed.keep(is_text).to(reverser)  # refused [arg-type]: still str or int
mixed.narrow(is_text).to(doubler)  # refused [arg-type]: only str is left
mixed.narrow(is_text).narrow(is_text).to(doubler)  # refused [arg-type]: only str is left
plumber.connect(lines).narrow(not_empty)  # refused [arg-type]: gives bool
plumber.connect(lines).narrow(is_long)  # refused [arg-type]: a coroutine
plumber.connect(lines).narrow(is_whole)  # refused [arg-type]: tells int from float
plumber.connect(halver).narrow(is_text)  # refused [arg-type]: float is neither
plumber.connect(lines).narrow("a")  # refused [arg-type]: no function
plumber.connect(lines).narrow(is_text, buffer="5")  # refused [arg-type]
plumber.connect(numbers).keep(lambda number: number > 1).to(reverser)  # refused [arg-type]: int
mixed.keep(not_empty)  # refused [arg-type]: int may arrive
plumber.connect(halver).keep(is_text)  # refused [arg-type]: float is neither

plumber.connect(lines).keep(not_empty, buffer="5")  # refused [arg-type]
plumber.connect(lines).keep(not_empty, 5)  # refused [call-arg]: buffer=5
plumber.connect(lines).only(str, buffer="5")  # refused [arg-type]
plumber.connect(lines).batch(2, buffer=2.5)  # refused [arg-type]
plumber.connect(lines).collect(buffer="5")  # refused [arg-type]
mixed.only(str).to(doubler)  # refused [arg-type]: only str is left
mixed.only(int).to(texts)  # refused [arg-type]: only int is left
mixed.only("str")  # refused [arg-type]: the class, not its name
mixed.only(str, int)  # refused [call-arg]: one kind at a time
mixed.only()  # refused [call-arg]: which?

plumber.connect(lines).batch(3).to(reverser)  # refused [arg-type]: a list is no str
plumber.connect(lines).batch(3).to(Sink(store_batch))  # refused [arg-type]: lists of str
plumber.connect(numbers).batch(3).to(totals)  # refused [arg-type]: a list is no int
plumber.connect(lines).batch("3")  # refused [arg-type]: a count
plumber.connect(lines).batch()  # refused [call-arg]: how many?
plumber.connect(lines).batch(3, 0.5)  # refused [call-arg]: within=0.5
plumber.connect(lines).batch(3, within="1s")  # refused [arg-type]: seconds
plumber.zip(plumber.connect(lines).batch(3), measurer).to(repeater)  # refused [arg-type]: a list
plumber.connect(lines).every(60).to(reverser)  # refused [arg-type]: a list is no str
plumber.connect(lines).every("60")  # refused [arg-type]: seconds
plumber.connect(lines).every(60, 5)  # refused [call-arg]: most=5
plumber.connect(lines).every()  # refused [call-arg]: how many seconds?


def by_class(item: int | str) -> First[int] | Second[str]:
    return First(item) if isinstance(item, int) else Second(item)


def one_of_three(item: int | str) -> First[int] | Second[str] | Third[None]:
    return Third(None)


def long_or_short(text: str) -> First[str] | Second[str]:
    return First(text) if len(text) > 9 else Second(text)


plumber.connect(lines).zip(plumber.connect(numbers)).to(reverser)  # refused [arg-type]: a tuple
plumber.connect(lines).merge(numbers).to(reverser)  # refused [arg-type]: some are numbers
plumber.connect(lines).fan_out(measurer)[0].to(reverser)  # refused [arg-type]: measures

numbers_of, texts_of = mixed.split(by_class)
numbers_of.to(reverser)  # refused [arg-type]: the first way is of numbers
texts_of.to(doubler)  # refused [arg-type]: the second way is of texts
numbers_of.rejoin(texts_of).to(reverser)  # refused [arg-type]: some are numbers
mixed.split(long_or_short)  # refused [arg-type]: sorts str only
mixed.split(one_of_three)  # refused [arg-type]: has a third way
mixed.split(is_text)  # refused [arg-type]: names no way
plumber.connect(lines).split(by_class, 3)  # refused [call-arg]: the function says how many
mixed.to(switch(On(int, doubler), On(bool, halver)))  # refused [arg-type]: no case for str
mixed.to(switch(On(int, reverser), On(str, measurer)))  # refused [misc]: takes no int
mixed.to(switch(On(int, doubler), On(str, measurer))).to(reverser)  # refused [arg-type]: of int
switch(On(int, doubler))  # refused [call-overload]: one case is no switch
