"""What Python's own library brings as sources, coroutines and tests, and how users wrap coroutines.

Read by type checkers, and run by a test, as `accepts_what_runs.py` is.
"""

import asyncio
import collections
import csv
import functools
import io
import itertools
import json
import operator
import os
import re
import types
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import (
    Any,
    Generic,
    NamedTuple,
    ParamSpec,
    Protocol,
    Self,
    TypeVar,
    assert_type,
    overload,
)

from typedpipes import (
    Collector,
    Doom,
    DoomsdayQueue,
    Failure,
    InputQueue,
    InputRig,
    Joint,
    OutputQueue,
    Plumber,
    Processor,
    Sink,
    Source,
    bind,
    in_process,
    in_thread,
)

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")
plumber = Plumber("what the library brings")
cleaned: list[str] = []
here = Path(__file__).parent


async def read() -> AsyncIterator[str]:
    for word in ("a", "bb"):
        yield word


async def length(text: str) -> int:
    return len(text)


def plain_length(text: str) -> int:
    return len(text)


words = plumber.connect(Source(read))

# Functions of asyncio.
assert_type(
    words.to(Processor(lambda text: asyncio.to_thread(plain_length, text))).collect(),
    Collector[int],
)
assert_type(
    words.to(Processor(lambda text: asyncio.wait_for(length(text), 9))).collect(), Collector[int]
)
assert_type(
    words.to(Processor(lambda text: asyncio.shield(length(text)))).collect(), Collector[int]
)
assert_type(
    words.to(Processor(lambda text: asyncio.gather(length(text), length(text)))).collect(),
    Collector[tuple[int, int]],
)
assert_type(
    words.to(
        Processor(lambda text: asyncio.get_running_loop().run_in_executor(None, plain_length, text))
    ).collect(),
    Collector[int],
)
assert_type(
    words.to(Processor(lambda text: asyncio.create_task(length(text)))).collect(), Collector[int]
)
plumber.connect(Source([0.0, 0.001])).to(Sink(asyncio.sleep))


# A generator that is a coroutine.
@types.coroutine
def old(text: str) -> Generator[None, None, int]:
    yield
    return len(text)


assert_type(words.to(Processor(old)).collect(), Collector[int])


# What a protocol describes.
class Measures(Protocol):
    async def __call__(self, text: str, /) -> int: ...


def measured(measure: Measures) -> Processor[str, int]:
    return Processor(measure, name="measured")


assert_type(words.to(measured(length)).collect(), Collector[int])


# A decorator that is a class.
class Logged(Generic[P, R]):
    def __init__(self, coro: Callable[P, Awaitable[R]]) -> None:
        self.coro = coro
        functools.update_wrapper(self, coro)

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self.coro(*args, **kwargs)


@Logged
async def noted(text: str) -> int:
    return len(text)


assert_type(words.to(Processor(noted)).collect(), Collector[int])


# A decorator with options, around an async generator function.
def limited(most: int) -> Callable[[Callable[P, AsyncIterator[R]]], Callable[P, AsyncIterator[R]]]:
    def decorate(coro: Callable[P, AsyncIterator[R]]) -> Callable[P, AsyncIterator[R]]:
        @functools.wraps(coro)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[R]:
            count = 0
            async for item in coro(*args, **kwargs):
                if count < most:
                    yield item
                count += 1

        return wrapper

    return decorate


@limited(1)
async def letters(text: str) -> AsyncIterator[str]:
    for letter in text:
        yield letter


assert_type(words.to(Processor(letters)).collect(), Collector[str])


# A decorator that does not say what it wraps.
def bare(coro: Callable[[T], Awaitable[R]]) -> Callable[[T], Awaitable[R]]:
    async def wrapper(item: T) -> R:
        return await coro(item)

    return wrapper


@bare
async def unwrapped(text: str) -> int:
    return len(text)


assert_type(words.to(Processor(unwrapped)).collect(), Collector[int])


# All kinds of parameters.
async def many(text: str, /, *rest: int, width: int = 3, **more: bool) -> str:
    return text[:width]


assert_type(words.to(Processor(many)).collect(), Collector[str])
assert_type(words.to(Processor(bind(many, width=1, deep=True))).collect(), Collector[str])
assert_type(words.to(Processor(functools.partial(many, width=1))).collect(), Collector[str])


# Overloads.
@overload
async def swap(item: str) -> int: ...
@overload
async def swap(item: int) -> str: ...
async def swap(item: str | int) -> str | int:
    return len(item) if isinstance(item, str) else str(item)


assert_type(words.to(Processor(swap)).collect(), Collector[int])


# A function that goes by the class of its argument.
@functools.singledispatch
async def shown(item: object) -> str:
    return "object"


@shown.register
async def shown_text(item: str) -> str:
    return item


assert_type(words.to(Processor(shown)).collect(), Collector[str])

# Plain functions of the library in threads.
assert_type(words.to(Processor(in_thread(str.upper))).collect(), Collector[str])
assert_type(words.to(Processor(in_thread(len))).collect(), Collector[int])
assert_type(words.to(Processor(in_thread(Path))).collect(), Collector[Path])
assert_type(
    words.to(Processor(in_thread(Path))).to(Processor(in_thread(Path.exists))).collect(),
    Collector[bool],
)
assert_type(
    words.to(Processor(in_thread(operator.methodcaller("upper")))).collect(), Collector[Any]
)
assert_type(words.to(Processor(in_thread(lambda text: text + "!"))).collect(), Collector[str])
assert_type(
    words.to(Processor(in_thread(re.compile("a").fullmatch))).collect(),
    Collector[re.Match[str] | None],
)
assert_type(words.to(Processor(in_process(len))).collect(), Collector[int])
assert_type(
    plumber.connect(Source(["[1]"])).to(Processor(in_thread(json.loads))).collect(), Collector[Any]
)

# Tests.
assert_type(words.keep(str.isalpha).collect(), Collector[str])
assert_type(words.keep(bool).collect(), Collector[str])
assert_type(words.keep({"a", "b"}.__contains__).collect(), Collector[str])
assert_type(words.keep(lambda text: text in "abba").collect(), Collector[str])
assert_type(words.keep(operator.truth).collect(), Collector[str])

# Sources.
assert_type(plumber.connect(Source(enumerate([2, 3]))).collect(), Collector[tuple[int, int]])
assert_type(plumber.connect(Source(zip(["a", "b"], [1, 2]))).collect(), Collector[tuple[str, int]])
assert_type(plumber.connect(Source(map(len, ["a"]))).collect(), Collector[int])
assert_type(plumber.connect(Source({"a": 1}.items())).collect(), Collector[tuple[str, int]])
assert_type(plumber.connect(Source(collections.deque([1]))).collect(), Collector[int])
assert_type(
    plumber.connect(Source(itertools.islice(itertools.count(), 3))).collect(), Collector[int]
)
assert_type(plumber.connect(Source(io.StringIO("a\nb\n"))).collect(), Collector[str])
assert_type(plumber.connect(Source(csv.reader(["a,b"]))).collect(), Collector[list[str]])
assert_type(plumber.connect(Source(here.iterdir())).collect(), Collector[Path])
assert_type(plumber.connect(Source(os.scandir(here))).collect(), Collector[os.DirEntry[str]])
assert_type(plumber.connect(Source(n * n for n in range(3))).collect(), Collector[int])


class Ticks:
    def __init__(self) -> None:
        self.left = 2

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> int:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return self.left


assert_type(plumber.connect(Source(Ticks())).collect(), Collector[int])
assert_type(plumber.connect(Source(Ticks)).collect(), Collector[int])


async def ranged(stop: int) -> AsyncGenerator[int, None]:
    for number in range(stop):
        yield number


assert_type(plumber.connect(Source(functools.partial(ranged, 2))).collect(), Collector[int])
assert_type(plumber.connect(Source(lambda: ranged(2))).collect(), Collector[int])
assert_type(plumber.connect(Source(ranged(2))).collect(), Collector[int])


# Items of several kinds.
class Kind(Enum):
    A = "a"


@dataclass
class Row:
    kind: Kind


class Point(NamedTuple):
    x: int
    y: int


async def x_of(point: tuple[int, int]) -> int:
    return point[0]


rows: Source[Row | Point] = Source([Row(Kind.A), Point(1, 2)])
assert_type(plumber.connect(rows).only(Row).collect(), Collector[Row])
assert_type(plumber.connect(Source([Point(1, 2)])).to(Processor(x_of)).collect(), Collector[int])
assert_type(plumber.connect(Source(Kind)).collect(), Collector[Kind])


# Input rigs.
class Ticker:
    def __init__(self, count: int) -> None:
        self.count = count

    async def __call__(self, queue: OutputQueue[int]) -> None:
        for number in range(self.count):
            await queue.put(number)

    async def tick(self, queue: OutputQueue[int], times: int = 1) -> None:
        await queue.put(times)

    async def save(self, queue: InputQueue[str]) -> None:
        cleaned.append("input")


assert_type(plumber.connect(InputRig(Ticker(2))).collect(), Collector[int])
assert_type(plumber.connect(InputRig(Ticker(2).tick)).collect(), Collector[int])
assert_type(plumber.connect(InputRig(bind(Ticker(2).tick, times=3))).collect(), Collector[int])


# Cleanup coroutines.
async def mourn(queue: DoomsdayQueue[Doom], kind: str) -> None:
    cleaned.append(kind)


async def send(queue: OutputQueue[int], *, kind: str) -> None:
    cleaned.append(kind)


tidy = Processor(length).cleanup(
    input=Ticker(1).save,
    output=functools.partial(send, kind="output"),
    doomsday=bind(mourn, "doomsday"),
)
assert_type(words.to(tidy).collect(), Collector[int])

# Another coroutine.
changing = Processor(length, name="changing")
changing.replace(lambda text: length(text * 2))
assert_type(words.to(changing).collect(), Collector[int])


# Failures and zips.
async def picky(text: str) -> int:
    if text == "a":
        raise ValueError(text)
    return len(text)


failing = Processor(picky, name="failing")
assert_type(
    plumber.zip(words.to(failing), words, words.keep(bool)).collect(),
    Collector[tuple[int, str, str]],
)


async def name_of(failure: Failure[str]) -> str:
    return failure.processor


assert_type(plumber.failures(failing).to(Processor(name_of)).collect(), Collector[str])


# Segments.
class Twice(Generic[T]):
    def __call__(self, items: Joint[T]) -> Joint[tuple[T, T]]:
        return plumber.zip(items, items)


assert_type(words.via(Twice[str]()).collect(), Collector[tuple[str, str]])
assert_type(words.via(lambda texts: texts.keep(bool)).collect(), Collector[str])
assert_type(
    words.batch(2)
    .via(lambda pairs: pairs.to(Processor(in_thread(lambda pair: len(pair)))))
    .collect(),
    Collector[int],
)


class Gauge:
    value = 0

    async def add(self, text: str) -> None:
        self.value += len(text)


words.to(Sink(Gauge().add))
