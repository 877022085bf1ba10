"""Functions of every kind, for what they give and take to be compared with each other.

`GIVERS` take an `int` and give something, `TAKERS` take something: expressions, in a module that
begins with `IMPORTS`.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from typing import AnyStr, Concatenate, Generic, ParamSpec, overload

import stamina
import tenacity
from async_lru import alru_cache
from attrs import field, frozen
from typing_extensions import TypeVar

from tests.definitions.corpus.kinds import Box, HasSize, Pair
from typedpipes import Failure

Item = TypeVar("Item")
Key = TypeVar("Key")
Result = TypeVar("Result")
Params = ParamSpec("Params")
Many = TypeVar("Many", bound=Sequence[object])
Sizable = TypeVar("Sizable", bound="HasSize")
Numeric = TypeVar("Numeric", int, float)


# What gives: coroutine functions and their like, in threads and processes, bound, as objects.
async def spell(number: int) -> str:
    return str(number)


async def count_up(number: int) -> AsyncIterator[int]:
    yield number


async def scale(number: int, factor: float = 2.0) -> float:
    return number * factor


def halve(number: int) -> float:
    return number / 2


def spell_later(number: int) -> Awaitable[str]:
    return spell(number)


def spell_in_task(number: int) -> asyncio.Task[str]:
    return asyncio.create_task(spell(number))


def spell_somehow(number: int) -> Coroutine[None, None, str] | asyncio.Task[str]:
    return spell_in_task(number)


def count_up_lazily(number: int) -> AsyncGenerator[int, None]:
    async def count() -> AsyncGenerator[int, None]:
        yield number

    return count()


async def wrap(item: Item) -> list[Item]:
    return [item]


@overload
async def swap(item: int) -> str: ...
@overload
async def swap(item: str) -> int: ...
async def swap(item: int | str) -> int | str:
    return int(item) if isinstance(item, str) else str(item)


@frozen
class Order:
    """A class that a thread calls with an item."""

    number: int
    lines: tuple[str, ...] = ()


@frozen
class Name:
    text: str = field(converter=str)


class Spelling:
    """A class whose objects are awaited, and have an attribute as its parameter is called."""

    number: str

    def __init__(self, number: int) -> None:
        self.number = str(number)

    def __await__(self) -> Generator[None, None, str]:
        yield
        return self.number


class Spell:
    async def __call__(self, number: int) -> str:
        return str(number)

    async def twice(self, number: int) -> tuple[str, str]:
        return str(number), str(number)

    @classmethod
    async def made(cls, number: int) -> Spell:
        return cls()

    @staticmethod
    async def static(number: int) -> bytes:
        return bytes(number)


class Delay(Generic[Item]):
    async def __call__(self, item: Item) -> Item:
        return item

    async def boxed(self, item: Item) -> Box[Item]:
        return Box(item)


class IntDelay(Delay[int]): ...


# Decorators that keep the types, that change them, and that change the call.
def traced(coro: Callable[Params, Awaitable[Result]]) -> Callable[Params, Awaitable[Result]]:
    @functools.wraps(coro)
    async def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        return await coro(*args, **kwargs)

    return wrapper


def listed(coro: Callable[Params, Awaitable[Result]]) -> Callable[Params, Awaitable[list[Result]]]:
    @functools.wraps(coro)
    async def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> list[Result]:
        return [await coro(*args, **kwargs)]

    return wrapper


def from_text(coro: Callable[[int], Awaitable[Result]]) -> Callable[[str], Awaitable[Result]]:
    @functools.wraps(coro)
    async def wrapper(text: str) -> Result:
        return await coro(int(text))

    return wrapper


def injected(
    coro: Callable[Concatenate[str, Params], Awaitable[Result]],
) -> Callable[Params, Awaitable[Result]]:
    @functools.wraps(coro)
    async def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        return await coro("injected", *args, **kwargs)

    return wrapper


def blocking(coro: Callable[[Item], Coroutine[None, None, Result]]) -> Callable[[Item], Result]:
    @functools.wraps(coro)
    def wrapper(item: Item) -> Result:
        return asyncio.run(coro(item))

    return wrapper


@injected
async def label(mark: str, number: int) -> str:
    return f"{mark}{number}"


@injected
async def label_perhaps(mark: str, number: int = 0) -> str:
    return f"{mark}{number}"


retried = tenacity.retry(stop=tenacity.stop_after_attempt(1))(spell)
tried = stamina.retry(on=OSError, attempts=1)(spell)
cached = alru_cache(maxsize=1)(spell)

IMPORTS = """\
import functools
from typedpipes import bind, in_process, in_thread
from tests.definitions.corpus.functions import *
"""
GIVERS: Sequence[str] = """
spell
count_up
scale
bind(scale, factor=3.0)
bind(scale, 3.0)
functools.partial(spell)
spell_later
spell_in_task
spell_somehow
count_up_lazily
swap
wrap
Spelling
Spell()
Spell().twice
Spell.made
Spell.static
Delay[int]()
Delay[int]().boxed
IntDelay()
IntDelay().boxed
in_thread(halve)
in_process(halve)
in_thread(Order)
in_thread(Name)
in_thread(float)
in_thread(str)
in_thread(range)
in_thread(blocking(scale))
bind(in_thread(halve))
traced(spell)
listed(spell)
bind(listed(spell))
tried
retried
cached
label
label_perhaps
""".strip().splitlines()


# What takes: any type, some types, types that are found in others.
async def take_anything(item: Item) -> Item:
    return item


async def take_perhaps(item: Item | None) -> list[Item]:
    return [] if item is None else [item]


async def take_items(items: Iterable[Item]) -> None: ...
async def take_sequence(items: Sequence[Item]) -> None: ...
async def take_list(items: list[Item]) -> None: ...
async def take_mapping(items: Mapping[str, Item]) -> None: ...
async def take_table(items: dict[Key, list[Item]]) -> None: ...
async def take_twins(items: tuple[Item, Item]) -> None: ...
async def take_head(items: tuple[Item, *tuple[object, ...]]) -> None: ...
async def take_failure(failure: Failure[Item]) -> None: ...
async def take_box(box: Box[Item]) -> None: ...
async def take_pair(pair: Pair[Item]) -> None: ...
async def take_class(kind: type[Item]) -> None: ...
async def take_call(function: Callable[[Item], str]) -> None: ...
async def take_awaitable(later: Awaitable[Item]) -> None: ...
async def take_text(text: AnyStr) -> None: ...
async def take_texts(texts: Sequence[AnyStr]) -> None: ...
async def take_many(items: Many) -> Many:
    return items


async def take_sized(item: Sizable) -> Sizable:
    return item


async def take_numbers(numbers: list[Numeric]) -> None: ...
async def take_all(*items: str) -> None: ...
async def take_more(text: str, *more: int, deep: bool = False) -> None: ...


def plain_length(text: str) -> int:
    return len(text)


class Keep(Generic[Item]):
    async def __call__(self, item: Item) -> None: ...

    async def lists(self, items: list[Item]) -> None: ...


class KeepText(Keep[str]): ...


async def take_number(number: int) -> None: ...


TAKERS: Sequence[str] = """
take_anything
take_perhaps
take_items
take_sequence
take_list
take_mapping
take_table
take_twins
take_head
take_failure
take_box
take_pair
take_class
take_call
take_awaitable
take_text
take_texts
take_many
take_sized
take_numbers
take_all
take_more
Keep[str]()
Keep[str]().lists
KeepText()
KeepText().lists
in_thread(plain_length)
in_process(plain_length)
in_thread(len)
in_thread(str.upper)
in_thread(Name)
in_thread(Order)
bind(take_more, 1, deep=True)
traced(take_number)
from_text(take_number)
tried
retried
cached
label
label_perhaps
""".strip().splitlines()
