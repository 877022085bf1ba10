"""Connections whose ends do not meet."""

from collections.abc import AsyncIterator
from typing import Literal, NewType, Protocol, TypedDict

from tests.typing.stages import (
    doubler,
    feed,
    halver,
    judge,
    length,
    lines,
    measurer,
    numbers,
    plumber,
    reverse,
    reverser,
    rig,
    screen,
    splitter,
    texts,
    totals,
)
from typedpipes import Joint, Processor, Sink, Source


class Animal: ...


class Dog(Animal): ...


class HasArea(Protocol):
    def area(self) -> float: ...


class Name(TypedDict):
    name: str


class Person(TypedDict):
    name: str
    age: int


UserId = NewType("UserId", int)
Colour = Literal["red", "green"]


async def walk(dog: Dog) -> None: ...
async def measure(shape: HasArea) -> float:
    return shape.area()


async def greet(person: Person) -> None: ...
async def load_user(user: UserId) -> None: ...
async def paint(colour: Colour) -> None: ...
async def join(words: list[str]) -> str:
    return " ".join(words)


async def total(counts: list[int]) -> int:
    return sum(counts)


async def exhaust(words: AsyncIterator[str]) -> None: ...
async def find(text: str) -> str | None:
    return text or None


finder = Processor(find)
animals = Source([Animal()])
names = Source([Name(name="Ada")])
flags = Source([[True, False]])

plumber.connect(lines).to(doubler)  # refused [arg-type]: str is no int
plumber.connect(reverser).to(doubler)  # refused [arg-type]: str is no int
plumber.connect(numbers).to(reverser)  # refused [arg-type]: int is no str
plumber.connect(lines).to(totals)  # refused [arg-type]: the sink takes int
plumber.connect(rig).to(doubler)  # refused [arg-type]: the rig puts str
plumber.connect(feed).to(doubler)  # refused [arg-type]: the feed takes and gives str
plumber.connect(halver).to(doubler)  # refused [arg-type]: float is no int
plumber.connect(judge).to(reverser)  # refused [arg-type]: bool is no str
plumber.connect(splitter).to(doubler)  # refused [arg-type]: the generator gives str
plumber.connect(splitter).to(Sink(exhaust))  # refused [arg-type]: each word is an item
plumber.connect(finder).to(reverser)  # refused [arg-type]: None may arrive
plumber.connect(texts).to(reverser)  # refused [arg-type]: a sink gives None
plumber.connect(lines).to(Processor(join))  # refused [arg-type]: one str is no list
plumber.connect(flags).to(Processor(total))  # refused [arg-type]: list is invariant
plumber.connect(animals).to(Sink(walk))  # refused [arg-type]: not every animal is a dog
plumber.connect(lines).to(Processor(measure))  # refused [arg-type]: str has no area
plumber.connect(names).to(Sink(greet))  # refused [arg-type]: a name has no age
plumber.connect(numbers).to(Sink(load_user))  # refused [arg-type]: int is no UserId
plumber.connect(lines).to(Sink(paint))  # refused [arg-type]: not every str is a colour

plumber.connect(lines).to(measurer).to(reverser)  # refused [arg-type]: the second step
plumber.connect(lines).to(reverser).to(measurer).to(texts)  # refused [arg-type]: the last step
plumber.connect(lines).to(screen).to(reverser)  # refused [arg-type]: a sink gives None
plumber.connect(plumber.connect(lines).to(measurer)).to(texts)  # refused [arg-type]: a joint too

plumber.connect(lines).fan_out(reverser, doubler)  # refused [arg-type]: the second takes int
plumber.connect(numbers).fan_out(screen, doubler, texts)  # refused [arg-type]: the third takes str
plumber.connect(lines).fan_out(reverser, length)  # refused [arg-type]: a coroutine is no stage
plumber.connect(lines).fan_out(reverser).to(texts)  # refused [attr-defined]: it is an end
plumber.connect(lines).to(reverse)  # refused [arg-type]: a coroutine is no stage
plumber.connect(lines).to(rig)  # refused [arg-type]: a rig takes no items
plumber.connect(lines).to(lines)  # refused [arg-type]: a source takes no items
plumber.connect(reverse)  # refused [arg-type]: a coroutine is no outlet
plumber.connect(["a", "b"])  # refused [arg-type]: wrap it in Source
plumber.connect(lines, reverser)  # refused [call-arg]: one outlet, then .to
plumber.connect(lines).to(reverser, measurer)  # refused [call-arg]: one stage at a time

counts: Joint[int] = plumber.connect(lines)  # refused [arg-type]: Joint[str]
shapes: Joint[HasArea] = plumber.connect(animals)  # refused [arg-type]: Animal has no area
