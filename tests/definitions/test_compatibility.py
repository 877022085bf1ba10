"""Which types meet, as type checkers have it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    LiteralString,
    NamedTuple,
    Never,
    NewType,
    Protocol,
    TypedDict,
    TypeVar,
    get_type_hints,
    runtime_checkable,
)

import pytest

from typedpipes import Failure
from typedpipes.definition.compatibility import is_compatible
from typedpipes.definition.type_hints import format_type

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")
UserId = NewType("UserId", int)


class Sized(Protocol):
    @property
    def size(self) -> int: ...


@runtime_checkable
class Openable(Protocol):
    def open(self) -> None: ...


class Ordered(Protocol):
    def __lt__(self, other: object, /) -> bool: ...


class Picture:
    size: int

    def open(self) -> None: ...


class Point(NamedTuple):
    x: int
    name: str


class Movie(TypedDict):
    title: str


class LongMovie(Movie):
    hours: int


class Late(TypedDict):
    """A dictionary whose annotations can be evaluated by type checkers only."""

    title: Decimal


class Box(Generic[T]): ...


class StrBox(Box[str]): ...


MEET = [
    (bool, int),
    (int, float),
    (int, complex),
    (str, object),
    (int, Any),
    (Any, int),
    (list[Any], list[int]),
    (dict[str, Any], dict[str, int]),
    (list, list[int]),
    (Box, Box[int]),
    (Never, int),
    (list[bool], Sequence[int]),
    (str, Sequence[str]),
    (bytes, Iterable[int]),
    (list[str], Iterable[Sequence[str]]),
    (tuple[str, int], tuple[str, object]),
    (tuple[str, str], tuple[str, ...]),
    (tuple[str, ...], tuple[str, ...]),
    (tuple[int, str], Sequence[object]),
    (tuple[Any, int], tuple[str, int]),
    (Point, tuple[int, str]),
    (str, str | None),
    (None, str | None),
    (str | bool, int | str),
    (UserId, int),
    (Literal["a"], str),
    (LiteralString, str),
    (Picture, Sized),
    (Picture, Openable),
    (LongMovie, Movie),
    (LongMovie, Mapping[str, object]),
    (StrBox, Box[str]),
    (Box[str], Box),
    (Failure[bool], Failure[int]),
    (Callable[[int], str], Callable[..., object]),
    (int, Hashable),
    (int, Annotated[int, "metadata"]),
    (dict[str, list[bool]], Mapping[str, Sequence[int]]),
    (Late, Movie),
]
APART = [
    (list[int], list[float]),
    (list[bool], list[int]),
    (int, str),
    (float, int),
    (object, str),
    (str | int, int),
    (str | None, str),
    (str, Sequence[int]),
    (bytes, str),
    (list[str], list[int]),
    (list[str], set[str]),
    (Sequence[int], list[int]),
    (tuple[str, int], tuple[str, str]),
    (tuple[str, int], tuple[str]),
    (tuple[str, ...], tuple[str, str]),
    (tuple[int, str], Sequence[int]),
    (Point, tuple[str, str]),
    (int, UserId),
    (str, Literal["a"]),
    (str, Sized),
    (str, Openable),
    (Picture, Ordered),
    (list[str], Sized),
    (Movie, LongMovie),
    (dict[str, str], Movie),
    (StrBox, Box[int]),
    (Box[str], Box[int]),
    (Failure[str], Failure[int]),
    (list, Hashable),
    (Late, int),
]


@pytest.mark.parametrize(("given", "taken"), MEET, ids=str)
def test_these_meet(given: object, taken: object) -> None:
    assert is_compatible(given, taken, {})


@pytest.mark.parametrize(("given", "taken"), APART, ids=str)
def test_these_do_not_meet(given: object, taken: object) -> None:
    assert not is_compatible(given, taken, {})


def anything(item: T) -> T:
    return item


def perhaps(item: T | None) -> T:
    raise NotImplementedError


def sequence(item: Sequence[T]) -> None: ...
def twins(item: tuple[T, T]) -> None: ...
def failure(item: Failure[T]) -> None: ...
def mapping(item: Mapping[str, T]) -> None: ...


STAND_FOR: Sequence[tuple[object, Callable[..., object], object]] = [
    (int, anything, int),
    (list[int], sequence, int),
    (tuple[int, int], twins, int),
    (tuple[bool, int], twins, bool | int),
    (Failure[str], failure, str),
    (str | None, perhaps, str),
    (dict[str, int], mapping, int),
]


@pytest.mark.parametrize(("given", "function", "stands_for"), STAND_FOR)
def test_what_a_type_variable_stands_for(
    given: object, function: object, stands_for: object
) -> None:
    found: dict[object, object] = {}

    assert is_compatible(given, get_type_hints(function)["item"], found)
    assert found == {T: stands_for}


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        (int, "int"),
        (None, "None"),
        (str | None, "str | None"),
        (list[dict[str, Point]], "list[dict[str, Point]]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Failure[str], "Failure[str]"),
        (Any, "Any"),
        (Literal["a", 3], "Literal['a', 3]"),
        (Annotated[int, "metadata"], "int"),
    ],
)
def test_how_a_type_is_shown(hint: object, text: str) -> None:
    assert format_type(hint) == text
