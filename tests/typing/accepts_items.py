"""Items that are subclasses, protocols, dictionaries with named keys, literals and the like."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Literal, NewType, Protocol, TypedDict

from attrs import frozen
from typing import NotRequired, assert_type

from tests.typing.stages import lines, numbers, plumber, screen, show
from typedpipes import Joint, Processor, Sink, Source


# A subclass where its base is taken.
class Animal: ...


class Dog(Animal): ...


async def feed_animal(animal: Animal) -> str:
    return "fed"


async def breed(text: str) -> Dog:
    return Dog()


dogs = Source([Dog()])
feeding = Processor(feed_animal)
assert_type(plumber.connect(dogs).to(feeding), Joint[str])
assert_type(plumber.connect(lines).to(Processor(breed)).to(feeding), Joint[str])
assert_type(plumber.merge(dogs, Source([Animal()])).to(feeding), Joint[str])


# A protocol where something of its shape is taken.
class HasArea(Protocol):
    @property
    def area(self) -> float: ...


@frozen
class Square:
    side: float

    @property
    def area(self) -> float:
        return self.side**2


@frozen
class Room:
    area: float


async def measure(shape: HasArea) -> float:
    return shape.area


squares = Source([Square(2.0)])
rooms = Source([Room(20.0)])
assert_type(plumber.connect(squares).to(Processor(measure)), Joint[float])
assert_type(plumber.merge(squares, rooms).to(Processor(measure)), Joint[float])


# A dictionary with named keys where one with fewer is taken.
class Name(TypedDict):
    name: str


class Person(Name):
    age: int
    town: NotRequired[str]


async def greet(person: Name) -> str:
    return person["name"]


async def grow_older(person: Person) -> Person:
    return {**person, "age": person["age"] + 1}


people = Source([Person(name="Ada", age=36)])
assert_type(plumber.connect(people).to(Processor(grow_older)), Joint[Person])
assert_type(plumber.connect(people).to(Processor(grow_older)).to(Processor(greet)), Joint[str])

# New types, literals and enumerations where what they are made of is taken.
UserId = NewType("UserId", int)
Colour = Literal["red", "green"]


class Level(Enum):
    LOW = 1
    HIGH = 2


async def load_user(user: UserId) -> Person:
    return {"name": "Ada", "age": user}


async def choose(number: int) -> Colour:
    return "red" if number else "green"


async def paint(colour: Colour) -> Level:
    return Level.LOW if colour == "red" else Level.HIGH


async def store_text(text: str) -> None: ...
async def double(number: int) -> int:
    return number * 2


users = Source([UserId(1)])
assert_type(plumber.connect(users).to(Processor(load_user)), Joint[Person])
assert_type(plumber.connect(users).to(Processor(double)), Joint[int])
assert_type(plumber.connect(numbers).to(Processor(choose)), Joint[Colour])
assert_type(plumber.connect(numbers).to(Processor(choose)).to(Processor(paint)), Joint[Level])
assert_type(plumber.connect(numbers).to(Processor(choose)).to(Sink(store_text)), Joint[None])


# A narrower container where a wider one is taken.
async def join(words: Iterable[str]) -> str:
    return " ".join(words)


async def total(numbers: Sequence[float]) -> float:
    return sum(numbers)


async def keys(table: Mapping[str, object]) -> list[str]:
    return list(table)


async def index(text: str) -> dict[str, int]:
    return {text: len(text)}


async def either(item: str | int | None) -> bool:
    return item is None


assert_type(plumber.connect(lines).batch(5).to(Processor(join)), Joint[str])
assert_type(plumber.connect(numbers).batch(5).to(Processor(total)), Joint[float])
assert_type(
    plumber.connect(lines).to(Processor(index)).to(Processor(keys)).to(Processor(join)), Joint[str]
)
assert_type(plumber.merge(lines, numbers).to(Processor(either)), Joint[bool])
assert_type(plumber.connect(lines).to(Processor(either)).to(Processor(double)), Joint[int])


# What takes anything may follow anything.
async def describe(item: object) -> str:
    return repr(item)


assert_type(plumber.connect(dogs).to(Processor(describe)), Joint[str])
assert_type(plumber.connect(people).to(Processor(describe)), Joint[str])
assert_type(plumber.connect(users).to(screen), Joint[None])
assert_type(plumber.connect(squares).to(Sink(show)), Joint[None])
assert_type(plumber.zip(dogs, rooms).to(screen), Joint[None])
assert_type(plumber.merge(dogs, rooms, users).to(screen), Joint[None])
plumber.connect(people).fan_out(screen, Processor(describe), Processor(greet))
