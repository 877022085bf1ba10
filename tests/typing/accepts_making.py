"""Stages of everything that may be called or iterated, with the types they get."""

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Sized,
)
from functools import partial, wraps
from pathlib import Path
from typing import Generic, ParamSpec, TextIO, TypeVar

import stamina
from typing import assert_type

from tests.typing.stages import (
    clip,
    dictionary,
    fill,
    half,
    length,
    lines,
    look_up,
    numbers,
    plain_length,
    plumber,
    read_lines,
    repeat,
    reverse,
    scale,
    show,
    split,
    store_text,
)
from typedpipes import (
    Edge,
    Failure,
    Feed,
    Fold,
    InputRig,
    Joint,
    Processor,
    Sink,
    Source,
    bind,
    in_process,
    in_thread,
)

Item = TypeVar("Item")
Result = TypeVar("Result")
Params = ParamSpec("Params")


# Sources: an async generator function, an async iterable, a list, a generator.
def count() -> Iterator[int]:
    yield 1


def open_file() -> TextIO:
    return Path("a file").open()


def read(path: str) -> Iterable[str]:
    return [path]


def give_lines() -> AsyncIterable[str]:
    return read_lines()


assert_type(Source(read_lines), Source[str])
assert_type(Source(read_lines()), Source[str])
assert_type(Source(give_lines), Source[str])
assert_type(Source(["a", "b"]), Source[str])
assert_type(Source(range(3), name="numbers"), Source[int])
assert_type(Source(read_lines, total=3), Source[str])
assert_type(Source.in_thread(count), Source[int])
assert_type(Source.in_thread(lambda: read("a file")), Source[str])
assert_type(Source.in_thread(open_file, total=3, maxsize=10, grace=0.5), Source[str])
assert_type(Source.in_thread(lambda: ["a"], name="letters"), Source[str])
assert_type(plumber.connect(Source.in_thread(count)), Joint[int])
assert_type(Source(count()), Source[int])
assert_type(Source({"a": 1}.items()), Source[tuple[str, int]])
assert_type(InputRig(fill), InputRig[str])
assert_type(InputRig(fill, name="lines"), InputRig[str])
assert_type(Feed[int](maxsize=5, name="outside"), Feed[int])
assert_type(Feed[int](maxsize=None, ends_when_idle=True), Feed[int])
assert_type(Feed[int](ends_when_idle=True).maxsize, int | None)
assert_type(Edge[str](maxsize=2), Edge[str])


# Folds: a class of states, or what makes one. A subclass of Fold, or whatever has its methods.
class Longest(Fold[str, str]):
    def __init__(self, longest: str = "") -> None:
        self.longest = longest

    def take(self, item: str, /) -> Iterable[str]:
        self.longest = max(self.longest, item, key=len)
        return ()

    def end(self) -> list[str]:
        return [self.longest]


class Pairs(Fold[Item, tuple[Item, Item]]):
    def __init__(self) -> None:
        self.last: list[Item] = []

    def take(self, item: Item, /) -> Iterator[tuple[Item, Item]]:
        for last in self.last:
            yield last, item
        self.last = [item]


class Lengths:
    def take(self, text: str, /) -> list[int]:
        return [len(text)]

    def tick(self) -> tuple[int, ...]:
        return ()

    def end(self) -> Iterator[int]:
        yield 0


assert_type(Processor.folding(Longest), Processor[str, str])
longest: Processor[str, str] = Processor.folding(partial(Longest, longest="a"))
assert_type(Processor.folding(Lengths, every=60, name="lengths"), Processor[str, int])
assert_type(Processor.folding(Pairs[int], buffer=5), Processor[int, tuple[int, int]])
assert_type(plumber.connect(lines).to(Processor.folding(Longest)), Joint[str])
assert_type(plumber.connect(lines).to(Processor.folding(Lengths)), Joint[int])
assert_type(plumber.failures(Processor.folding(Lengths)), Joint[Failure[str]])

# Processors: a coroutine function, an async generator function, and all their settings.
assert_type(Processor(reverse), Processor[str, str])
assert_type(Processor(length), Processor[str, int])
assert_type(Processor(half), Processor[float, float])
assert_type(Processor(repeat), Processor[tuple[str, int], str])
assert_type(Processor(split), Processor[str, str])
assert_type(Processor(show), Processor[object, None])
assert_type(Processor(length, name="length", workers=4, ordered=False), Processor[str, int])
assert_type(Processor(length, window=16, buffer=10, timeout=0.5), Processor[str, int])
assert_type(Sink(show), Sink[object])
assert_type(Sink(store_text, name="store", workers=2), Sink[str])
assert_type(Processor(in_thread(plain_length)), Processor[str, int])
assert_type(Processor(in_process(plain_length)), Processor[str, int])
assert_type(Processor(in_process(plain_length, calls_per_child=9)), Processor[str, int])
assert_type(Processor(in_process(plain_length, second_try=False)), Processor[str, int])
assert_type(Processor(in_process(look_up, resource=dictionary)), Processor[str, int])
assert_type(Processor(in_thread(look_up, resource=dictionary)), Processor[str, int])
assert_type(Processor(in_thread(len)), Processor[Sized, int])

# An annotation steers what is left open.
anything: Sink[object] = Sink(show)
pairs: Processor[tuple[str, int], str] = Processor(repeat)


# Bound methods, callable objects, static and class methods.
class Store:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    async def write(self, text: str) -> int:
        return len(self.prefix + text)

    async def lines(self, text: str) -> AsyncIterator[bytes]:
        yield text.encode()

    async def read(self) -> AsyncIterator[bytes]:
        yield self.prefix.encode()

    @classmethod
    async def parse(cls, text: str) -> "Store":
        return cls(text)

    @staticmethod
    async def count(text: str) -> int:
        return len(text)

    async def __call__(self, number: int) -> bytes:
        return bytes(number)


store = Store("> ")
assert_type(Processor(store.write), Processor[str, int])
assert_type(Processor(store.lines), Processor[str, bytes])
assert_type(Source(store.read), Source[bytes])
assert_type(Processor(Store.parse), Processor[str, Store])
assert_type(Processor(Store.count), Processor[str, int])
assert_type(Processor(store), Processor[int, bytes])
assert_type(Processor(bind(Store.write, "text")), Processor[Store, int])

# Arguments fixed with bind, positional, by keyword, and left at their default.
assert_type(Processor(bind(scale, 2.0)), Processor[int, float])
assert_type(Processor(bind(scale, factor=2.0)), Processor[int, float])
assert_type(Processor(bind(clip, width=80)), Processor[str, str])
assert_type(Processor(bind(clip, width=80, mark="")), Processor[str, str])


async def fetch(url: str, session: bytes, *, retries: int = 3) -> bytes:
    return url.encode() + session * retries


async def grep(text: str, *words: str) -> AsyncIterator[str]:
    for word in words:
        if word in text:
            yield word


async def log(text: str, level: int = 0) -> None: ...


assert_type(Processor(bind(fetch, b"")), Processor[str, bytes])
assert_type(Processor(bind(fetch, session=b"", retries=1)), Processor[str, bytes])
assert_type(Processor(bind(grep, "a", "b", "c")), Processor[str, str])
assert_type(Sink(bind(log, level=2)), Sink[str])
assert_type(Sink(log), Sink[str])
assert_type(Processor(bind(reverse)), Processor[str, str])


# Decorated coroutines.
@stamina.retry(on=OSError, attempts=3)
async def download(url: str) -> bytes:
    return url.encode()


def traced(
    coro: Callable[Params, Coroutine[object, object, Result]],
) -> Callable[Params, Coroutine[object, object, Result]]:
    @wraps(coro)
    async def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        return await coro(*args, **kwargs)

    return wrapper


@traced
async def parse(text: str, base: int = 10) -> int:
    return int(text, base)


assert_type(Processor(download), Processor[str, bytes])
assert_type(Processor(parse), Processor[str, int])
assert_type(Processor(bind(parse, base=16)), Processor[str, int])
assert_type(Processor(traced(reverse)), Processor[str, str])


# Generic coroutines and the processors that users make of them.
async def twice(item: Item) -> tuple[Item, Item]:
    return item, item


async def first(pair: tuple[Item, object]) -> Item:
    return pair[0]


class Delay(Generic[Item]):
    """A callable object with an item type of its own."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def __call__(self, item: Item) -> Item:
        return item


class Lookup(Processor[Item, Result]):
    """A processor class of a user."""

    def __init__(self, table: dict[Item, Result]) -> None:
        super().__init__(self.look_up, name="lookup")
        self.table = table

    async def look_up(self, key: Item) -> Result:
        return self.table[key]


def duplicate(kind: type[Item]) -> Processor[Item, tuple[Item, Item]]:
    return Processor(twice)


def cached(coro: Callable[[Item], Coroutine[object, object, Result]]) -> Processor[Item, Result]:
    return Processor(coro, name="cached")


assert_type(Processor(Delay[str](0.1)), Processor[str, str])
assert_type(Lookup({"a": 1}), Lookup[str, int])
assert_type(plumber.connect(lines).to(Processor(twice)), Joint[tuple[str, str]])
assert_type(plumber.connect(numbers).to(Processor(twice)).to(Processor(first)), Joint[int])
assert_type(duplicate(int), Processor[int, tuple[int, int]])
assert_type(cached(length), Processor[str, int])
of_numbers: Processor[int, tuple[int, int]] = Processor(twice)
keys: Processor[tuple[str, object], str] = Processor(first)
