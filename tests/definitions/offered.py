"""The coroutines that the definitions of these tests may name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path

from typing_extensions import TypeIs, TypeVar

from typedpipes import Failure, First, Fold, OutputQueue, Plumber, Second
from typedpipes.coroutines import name_of
from typedpipes.definition import Readable

T = TypeVar("T")

stored: list[object] = []
"""What `store` and its like got, in the order of arrival."""


def forgetful(function: T) -> T:
    """Take the annotations off: old code has none."""
    setattr(function, "__annotations__", {})  # noqa: B010  # the checkers know no functions here
    return function


async def read_words(limit: int = 3) -> AsyncIterator[str]:
    for word in ["one", "two", "three"][:limit]:
        yield word


async def put_numbers(queue: OutputQueue[int], count: int = 2) -> None:
    for number in range(count):
        await queue.put(number)


@forgetful
async def put_anything(queue: OutputQueue[int], count: int = 2) -> None:
    for number in range(count):
        await queue.put(number)


async def reverse(text: str) -> str:
    return text[::-1]


async def length(text: str) -> int:
    return len(text)


async def letters(text: str) -> AsyncIterator[str]:
    for letter in text:
        yield letter


async def fail(text: str) -> str:
    raise ValueError(text)


async def twice(item: T) -> tuple[T, T]:
    return item, item


async def scale(number: float, factor: float, *, digits: int = 2) -> float:
    return round(number * factor, digits)


async def save(text: str, folder: Path, tags: list[str] | None = None) -> None:
    stored.append((folder / text, tags))


@forgetful
async def pass_on(item: object) -> object:
    return item


async def store(item: object) -> None:
    stored.append(item)


async def store_number(number: int) -> None:
    stored.append(number)


async def store_pair(pair: tuple[str, str]) -> None:
    stored.append(pair)


async def store_either(item: str | int) -> None:
    stored.append(item)


async def store_outcome(outcome: str | Failure[str]) -> None:
    stored.append(outcome.item if isinstance(outcome, Failure) else outcome)


def initial(text: str) -> str:
    return text[0]


def sign(number: int) -> bool:
    return number < 0


def as_list(text: str) -> list[str]:
    return list(text)


def is_long(text: str) -> bool:
    return len(text) > 3


def is_text(item: object) -> TypeIs[str]:
    return isinstance(item, str)


def by_length(text: str) -> First[str] | Second[int]:
    return First(text) if is_long(text) else Second(len(text))


class Pairs(Fold[str, str]):
    """Joins so many items to one, and gives what is left at its end, or at a tick."""

    def __init__(self, size: int = 2, item: str = "") -> None:
        self.size = size
        self.left: list[str] = [item] if item else []

    def take(self, item: str, /) -> list[str]:
        self.left.append(item)
        return self.end() if len(self.left) == self.size else []

    def tick(self) -> list[str]:
        return self.end()

    def end(self) -> list[str]:
        left, self.left = self.left, []
        return ["+".join(left)] if left else []


class Unticked(Fold[str, str]):
    def take(self, item: str, /) -> list[str]:
        return [item]


def lines(text: str = "one two three") -> Iterator[str]:
    yield from text.split()


def numbers_below(limit: int) -> range:
    return range(limit)


async def bury(failure: Failure[str]) -> None:
    stored.append((failure.item, failure.processor))


_OFFERED: Sequence[Callable[..., object]] = [
    read_words, put_numbers, put_anything, reverse, length, letters, fail, twice, scale, save,
    pass_on, store, store_number, store_pair, store_either, store_outcome, bury,
    initial, sign, as_list, is_long, is_text, by_length, Pairs, Unticked, lines, numbers_below,
]  # fmt: skip
OFFERED: Mapping[str, object] = {name_of(each): each for each in _OFFERED}


def drawn(definition: Readable, import_paths: bool = False, strict: bool = False) -> Plumber:
    """Draw a definition with these coroutines."""
    return Plumber.from_definition(
        definition, coroutines=OFFERED, import_paths=import_paths, strict=strict
    )


def graph(**connections: list[str] | None) -> dict[str, object]:
    """Describe a graph whose nodes are called as their coroutines are."""
    ends = [end for each in connections.values() for end in each or ()]
    nodes = {name: {"coro": name.rstrip("_")} for name in [*connections, *ends]}
    return {"nodes": nodes, "graph": connections}
