"""Whatever gives an awaitable or an async iterable: read by type checkers, and run by a test.

All lines draw one graph. The test runs it and looks whether every collector has its items.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Generator
from functools import partial, wraps
from typing import Concatenate, Generic, ParamSpec, Protocol, TypeAlias, TypeVar, assert_type
from unittest.mock import AsyncMock, create_autospec

import stamina
import tenacity
from asgiref.sync import sync_to_async
from async_lru import alru_cache

from typedpipes import (
    Collector,
    DoomsdayQueue,
    Doom,
    InputQueue,
    InputRig,
    Joint,
    OutputQueue,
    Plumber,
    Processor,
    Sink,
    Source,
    bind,
    in_thread,
)

Item = TypeVar("Item")
Result = TypeVar("Result")
Params = ParamSpec("Params")

plumber = Plumber("what runs")
cleaned: list[str] = []


async def read(first: str) -> AsyncIterator[str]:
    yield first
    yield "b"


async def length(text: str) -> int:
    return len(text)


async def split(text: str) -> AsyncIterator[str]:
    yield text


async def scale(number: int, factor: int) -> int:
    return number * factor


async def put(queue: OutputQueue[str]) -> None:
    await queue.put("a")


async def save(queue: InputQueue[str]) -> None:
    cleaned.append("input")


async def send(queue: OutputQueue[int]) -> None:
    cleaned.append("output")


async def mourn(queue: DoomsdayQueue[Doom]) -> None:
    cleaned.append("doomsday")


def plain_length(text: str) -> int:
    return len(text)


# Lambdas, and what has no annotations.
strings = plumber.connect(Source(lambda: read("a")))
assert_type(strings.collect(), Collector[str])
rig: InputRig[str] = InputRig(lambda queue: put(queue))
assert_type(plumber.connect(rig).collect(), Collector[str])
assert_type(strings.to(Processor(lambda text: length(text))).collect(), Collector[int])
assert_type(strings.to(Processor(lambda text: length(text), workers=2)).collect(), Collector[int])
assert_type(strings.to(Processor(lambda text: length(text), timeout=9)).collect(), Collector[int])
assert_type(strings.to(Processor(partial(length))).collect(), Collector[int])
assert_type(strings.to(Sink(lambda text: asyncio.sleep(0))), Joint[None])
measurer = Processor(length).cleanup(
    input=lambda queue: save(queue),
    output=lambda queue: send(queue),
    doomsday=lambda queue: mourn(queue),
)
assert_type(strings.to(measurer).collect(), Collector[int])


# Awaitables and async iterables that are not made by `async def`.
class Promised(Generic[Result]):
    def __init__(self, result: Result) -> None:
        self.result = result

    def __await__(self) -> Generator[None, None, Result]:
        yield
        return self.result


class Letters:
    def __init__(self, text: str) -> None:
        self.text = text

    async def __aiter__(self) -> AsyncIterator[str]:
        yield self.text


class Waits(Protocol):
    def __await__(self) -> Generator[None, None, int]: ...


Later: TypeAlias = Awaitable[int]


def as_task(text: str) -> asyncio.Task[int]:
    return asyncio.ensure_future(length(text))


def as_future(text: str) -> "asyncio.Future[int]":
    future = asyncio.get_running_loop().create_future()
    future.set_result(len(text))
    return future


def as_promise(text: str) -> Promised[int]:
    return Promised(len(text))


def as_protocol(text: str) -> Waits:
    return Promised(len(text))


def as_alias(text: str) -> Later:
    return length(text)


def as_union(text: str) -> Coroutine[None, None, int] | Promised[int]:
    return Promised(len(text))


def mocked() -> Callable[[str], Awaitable[int]]:
    return AsyncMock(return_value=3)


def specified() -> Callable[[str], Awaitable[int]]:
    spec: Callable[[str], Awaitable[int]] = create_autospec(length, return_value=3)
    return spec


def as_letters(text: str) -> Letters:
    return Letters(text)


def as_iterable(text: str) -> AsyncIterable[str]:
    return Letters(text)


assert_type(strings.to(Processor(as_task)).collect(), Collector[int])
assert_type(strings.to(Processor(as_future)).collect(), Collector[int])
assert_type(strings.to(Processor(as_promise)).collect(), Collector[int])
assert_type(strings.to(Processor(as_protocol)).collect(), Collector[int])
assert_type(strings.to(Processor(as_alias)).collect(), Collector[int])
assert_type(strings.to(Processor(as_union)).collect(), Collector[int])
assert_type(strings.to(Processor(mocked())).collect(), Collector[int])
assert_type(strings.to(Processor(specified())).collect(), Collector[int])
assert_type(strings.to(Processor(as_letters)).collect(), Collector[str])
assert_type(strings.to(Processor(as_iterable)).collect(), Collector[str])
assert_type(strings.to(Processor(Promised[str])).collect(), Collector[str])
assert_type(strings.to(Processor(Letters)).collect(), Collector[str])
assert_type(plumber.connect(Source(Letters("a"))).collect(), Collector[str])
assert_type(plumber.connect(Source(lambda: Letters("a"))).collect(), Collector[str])


# Decorators that change the call, or what it gives.
def injected(
    coro: Callable[Concatenate[int, Params], Result],
) -> Callable[Params, Result]:
    @wraps(coro)
    def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        return coro(3, *args, **kwargs)

    return wrapper


def blocking(coro: Callable[[Item], Coroutine[None, None, Result]]) -> Callable[[Item], Result]:
    @wraps(coro)
    def wrapper(item: Item) -> Result:
        return asyncio.run(coro(item))

    return wrapper


def stepped(coro: Callable[[Item], Coroutine[None, None, Result]]) -> Callable[[Item], Result]:
    @wraps(coro)
    def wrapper(item: Item) -> Result:
        try:
            coro(item).send(None)
        except StopIteration as stopped:
            result: Result = stopped.value
            return result
        raise RuntimeError

    return wrapper


def later(function: Callable[[Item], Result]) -> Callable[[Item], Awaitable[Result]]:
    @wraps(function)
    def wrapper(item: Item) -> Awaitable[Result]:
        return asyncio.to_thread(function, item)

    return wrapper


def passed_on(function: Callable[[Item], Result]) -> Callable[[Item], Result]:
    @wraps(function)
    def wrapper(item: Item) -> Result:
        return function(item)

    return wrapper


@injected
async def repeat(times: int, text: str) -> str:
    return text * times


@injected
async def clip(start: int, text: str, *, width: int) -> str:
    return text[start:width]


async def is_short(text: str) -> bool:
    return len(text) < 3


assert_type(strings.to(Processor(repeat)).collect(), Collector[str])
assert_type(strings.to(Processor(bind(clip, width=80))).collect(), Collector[str])
assert_type(strings.to(Processor(in_thread(blocking(length)))).collect(), Collector[int])
assert_type(strings.keep(stepped(is_short)).collect(), Collector[str])
assert_type(strings.to(Processor(later(plain_length))).collect(), Collector[int])
assert_type(strings.to(Processor(passed_on(length))).collect(), Collector[int])
assert_type(strings.to(Processor(passed_on(split))).collect(), Collector[str])
assert_type(strings.to(Processor(passed_on(bind(length)))).collect(), Collector[int])


# Objects that are called, also those that are methods where a class has them.
class Lengths:
    async def __call__(self, text: str) -> int:
        return len(text)

    def __get__(self, instance: object, owner: object = None) -> "Lengths":
        return self


class Passing:
    def __call__(self, text: str) -> Awaitable[int]:
        return length(text)

    def __get__(self, instance: object, owner: object = None) -> "Passing":
        return self


class Splitting:
    async def __call__(self, text: str) -> AsyncIterator[str]:
        yield text

    def __get__(self, instance: object, owner: object = None) -> "Splitting":
        return self


class Store:
    measure = Lengths()


@stamina.retry(on=OSError, attempts=3)
async def tried(text: str) -> int:
    return len(text)


@tenacity.retry(stop=tenacity.stop_after_attempt(3))
async def retried(text: str) -> int:
    return len(text)


@alru_cache(maxsize=9)
async def cached(text: str) -> int:
    return len(text)


assert_type(strings.to(Processor(Lengths())).collect(), Collector[int])
assert_type(strings.to(Processor(Passing())).collect(), Collector[int])
assert_type(strings.to(Processor(Splitting())).collect(), Collector[str])
assert_type(strings.to(Processor(Store().measure)).collect(), Collector[int])
assert_type(strings.to(Processor(tried)).collect(), Collector[int])
assert_type(strings.to(Processor(retried)).collect(), Collector[int])
assert_type(strings.to(Processor(cached)).collect(), Collector[int])
assert_type(strings.to(Processor(sync_to_async(plain_length))).collect(), Collector[int])
