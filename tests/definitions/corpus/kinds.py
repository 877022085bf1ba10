"""Types of every kind that annotations name, for all of them to be compared with each other.

`KINDS` has them as they are written in an annotation, in a module that begins with `IMPORTS`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum, Flag, IntEnum, StrEnum
from typing import (
    Generic,
    NamedTuple,
    NewType,
    NotRequired,
    Protocol,
    TypeAlias,
    TypedDict,
    runtime_checkable,
)

from attrs import frozen
from typing_extensions import ReadOnly, TypeAliasType, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


# Numbers and texts that are more than that.
class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Word(StrEnum):
    YES = "yes"
    NO = "no"


class Flavor(str, Enum):
    SWEET = "sweet"


class Access(Flag):
    READ = 1
    WRITE = 2


class Celsius(float): ...


class Count(int): ...


class Slug(str): ...


UserId = NewType("UserId", int)
AdminId = NewType("AdminId", UserId)
Email = NewType("Email", str)
Row: TypeAlias = tuple[int, str]
Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | str | int | None")
Tree = TypeAliasType("Tree", "list[Tree] | str")
Rows = TypeAliasType("Rows", list[tuple[int, T]], type_params=(T,))


# Classes, bases and generic classes.
class Animal(ABC):
    @abstractmethod
    def name(self) -> str: ...


class Dog(Animal):
    size: int = 1

    def name(self) -> str:
        return "dog"


class Box(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item


class Shelf(Generic[T_co]):
    pass


class Bin(Generic[T_contra]):
    pass


class StrBox(Box[str]): ...


class BoxOfLists(Box[list[T]], Generic[T]): ...


class Names(list[str]): ...


class Entry(tuple[int, str]): ...


class Both(Generic[T, T_co]):
    pass


class Numbered(Both[int, T_co], Iterable[T_co]):
    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError


class Plugin(ABC): ...


@Plugin.register
class Registered: ...


class Ages(dict[str, int]): ...


class Letters:
    def __iter__(self) -> Iterator[str]:
        return iter("ab")


class Tally(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __len__(self) -> int:
        return 2


@frozen
class Picture:
    name: str
    size: int

    def open(self) -> None: ...

    def __lt__(self, other: Picture) -> bool:
        return self.size < other.size


# Tuples with names.
class Point(NamedTuple):
    x: int
    name: str


class Spot(Point): ...


class Pair(NamedTuple, Generic[T]):
    one: T
    other: T


# Dictionaries with named keys.
class Movie(TypedDict):
    title: str


class LongMovie(Movie):
    hours: int


class OddMovie(TypedDict):
    title: int


class FilmNote(TypedDict):
    title: str
    note: NotRequired[str]


class FilmScore(TypedDict):
    title: str
    note: NotRequired[int]


class FixedMovie(TypedDict):
    title: ReadOnly[object]


class PrintedMovie(TypedDict):
    title: ReadOnly[str]


class FixedNote(TypedDict):
    title: str
    note: NotRequired[ReadOnly[str]]


class Prize(TypedDict, Generic[T]):
    winner: T


class Film(TypedDict):
    title: str
    note: str


# Protocols.
class HasSize(Protocol):
    @property
    def size(self) -> int: ...


@runtime_checkable
class Openable(Protocol):
    def open(self) -> None: ...


class Holds(Protocol[T_co]):
    @property
    def item(self) -> T_co: ...


class Compares(Protocol[T_contra]):
    def __lt__(self, other: T_contra, /) -> bool: ...


class Sizes(HasSize):
    """A class that says which protocol it is made for."""

    @property
    def size(self) -> int:
        return 3


class Shouts(Protocol):
    def __call__(self, text: str, /) -> str: ...


IMPORTS = """\
import asyncio
import datetime
import io
import os
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import (
    AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Container,
    Coroutine, Generator, Hashable, ItemsView, Iterable, Iterator, KeysView, Mapping,
    MutableMapping, MutableSequence, Reversible, Sequence, Set as AbstractSet, Sized, ValuesView,
)
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from pathlib import Path, PurePath
from typing import (
    IO, Annotated, Any, BinaryIO, Literal, LiteralString, SupportsAbs, SupportsFloat,
    SupportsIndex, SupportsInt, TextIO,
)
from uuid import UUID
from typedpipes import Failure, InputQueue, Joint
from tests.definitions.corpus.kinds import *
"""
KINDS: Sequence[str] = """
object
Any
None
bool
int
float
complex
str
bytes
bytearray
range
Decimal
Fraction
Color
Flavor
Access
Number
UUID
Exception
OSError
Level
Word
Celsius
Count
Slug
UserId
AdminId
Email
LiteralString
Literal["a"]
Literal["a", "b"]
Literal[1]
Literal[True, False]
Literal[Color.RED]
Literal[Color.RED, Color.BLUE]
Literal[Color.RED] | None
Literal[Access.READ, Access.WRITE]
Annotated[int, "above 0"]
int | str
int | None
bool | None
float | str
Animal
Dog
type[Animal]
type[Dog]
type[int]
type
Box[int]
Both[int, bool]
Both[int, int]
Both[bool, int]
Numbered[bool]
Plugin
Registered
InputQueue[int]
InputQueue[bool]
Joint[int]
Joint[bool]
Box[bool]
Box[str]
Box[Any]
StrBox
BoxOfLists[int]
Box[list[int]]
Shelf[int]
Shelf[bool]
Shelf[float]
Bin[int]
Bin[bool]
Failure[int]
Failure[bool]
Failure[float]
list[int]
list[bool]
list[float]
list[str]
list[Any]
list[object]
list[list[int]]
list[int | str]
list[int] | None
list[tuple[int, str]]
list[Row]
Sequence[Sequence[int]]
Sequence[list[bool]]
Mapping[str, Sequence[float]]
dict[str, list[bool]]
asyncio.Queue[int]
asyncio.Queue[bool]
memoryview
AbstractAsyncContextManager[int]
AbstractAsyncContextManager[bool]
Names
deque[int]
set[int]
set[str]
frozenset[int]
frozenset[bool]
dict[str, int]
dict[str, bool]
dict[str, Any]
dict[int, str]
defaultdict[str, int]
OrderedDict[str, int]
Counter[str]
Ages
Tally
Letters
KeysView[str]
ValuesView[int]
ItemsView[str, int]
Iterable[int]
Iterable[float]
Iterable[str]
Iterable[object]
Iterator[int]
Generator[int, None, None]
Generator[int, str, bytes]
Reversible[int]
Collection[int]
Collection[str]
Container[int]
Sized
Hashable
Sequence[int]
Sequence[float]
Sequence[str]
Sequence[object]
Sequence[Level]
MutableSequence[int]
AbstractSet[int]
AbstractSet[tuple[str, int]]
Mapping[str, int]
Mapping[str, float]
Mapping[str, object]
Mapping[object, object]
MutableMapping[str, int]
AsyncIterable[int]
AsyncIterator[int]
AsyncGenerator[int, None]
Awaitable[int]
Awaitable[str]
Coroutine[None, None, int]
Coroutine[int, int, str]
asyncio.Future[int]
asyncio.Task[int]
asyncio.Task[bool]
tuple[()]
tuple[int]
tuple[int, None]
Row
Rows[str]
Rows[bool]
Json
Tree
Entry
tuple[bool, str]
tuple[int, int]
tuple[int, str, str]
tuple[int, ...]
tuple[bool, ...]
tuple[float, ...]
tuple[object, ...]
tuple[Any, str]
tuple[int, *tuple[str, ...]]
tuple[int, *tuple[str, str]]
tuple[*tuple[int, ...], str]
Point
Spot
Pair[int]
Pair[str]
Movie
LongMovie
OddMovie
Film
FixedMovie
PrintedMovie
FixedNote
Prize[str]
Prize[int]
FilmNote
FilmScore
HasSize
Sizes
Openable
Holds[str]
Holds[int]
Compares[Picture]
Shouts
Picture
SupportsInt
SupportsFloat
SupportsIndex
SupportsAbs[int]
SupportsAbs[float]
Callable[[int], str]
Callable[[bool], str]
Callable[[float], str]
Callable[[int], object]
Callable[[], str]
Callable[[int, int], str]
Callable[..., str]
Callable[..., object]
Callable[[str], str]
Callable[[Animal], Dog]
Callable[[Dog], Animal]
Callable[[int], Awaitable[str]]
Callable[[int], Coroutine[None, None, str]]
TextIO
BinaryIO
IO[str]
IO[bytes]
io.StringIO
io.BytesIO
io.TextIOWrapper
io.BufferedReader
Path
PurePath
os.PathLike[str]
re.Pattern[str]
re.Pattern[bytes]
datetime.date
datetime.datetime
""".strip().splitlines()
