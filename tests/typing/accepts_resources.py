"""Resources that are passed to coroutine functions of every kind."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Generic, TypeVar, assert_type

from tests.typing.stages import lines, numbers, plumber
from typedpipes import (
    InputQueue,
    InputRig,
    Joint,
    OutputQueue,
    Plumber,
    Processor,
    Resource,
    Sink,
    Source,
    bind,
)

T = TypeVar("T")


class Database:
    """Also a context manager itself, as the session of an HTTP client is."""

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def name_of(self, number: int) -> str:
        return str(number)


class Cache(Generic[T]):
    def __init__(self) -> None:
        self.known: dict[int, T] = {}


@asynccontextmanager
async def connect() -> AsyncGenerator[Database]:
    yield Database()


@asynccontextmanager
async def connect_to(address: str) -> AsyncGenerator[Database]:
    yield Database()


@asynccontextmanager
async def cache_of(database: Database) -> AsyncGenerator[Cache[str]]:
    yield Cache[str]()


def returned() -> AbstractAsyncContextManager[Database]:
    return Database()


async def name(number: int, database: Database) -> str:
    return await database.name_of(number)


async def names(number: int, database: Database) -> AsyncIterator[str]:
    yield await database.name_of(number)


async def cached(number: int, database: Database, cache: Cache[str]) -> str:
    return cache.known.get(number) or await database.name_of(number)


async def padded(number: int, database: Database, width: int, *, mark: str = " ") -> str:
    return (await database.name_of(number)).rjust(width, mark)


async def store(text: str, database: Database) -> None: ...
async def put(queue: OutputQueue[int], database: Database) -> None: ...
async def save(queue: InputQueue[int], database: Database) -> None: ...
async def rows(database: Database) -> AsyncIterator[int]:
    yield 1


def read(database: Database) -> Iterator[int]:
    yield 1


async def keep_all(item: object, anything: object) -> None: ...


class Finder:
    async def find(self, number: int, database: Database) -> str:
        return await database.name_of(number)

    async def __call__(self, number: int, database: Database) -> str:
        return await database.name_of(number)


databases = Resource(connect)
caches = Resource(databases.into_first(cache_of), per="worker", name="cache")

# What makes them.
assert_type(databases, Resource[Database])
assert_type(caches, Resource[Cache[str]])
assert_type(Resource(Database), Resource[Database])
assert_type(Resource(returned), Resource[Database])
assert_type(Resource(partial(connect_to, "here")), Resource[Database])
assert_type(Resource(lambda: connect_to("here")), Resource[Database])

# What they are passed to.
assert_type(Processor(databases.into(name), workers=3), Processor[int, str])
assert_type(Processor(databases.into(names)), Processor[int, str])
assert_type(Processor(databases.into(Finder())), Processor[int, str])
assert_type(Processor(databases.into(Finder().find)), Processor[int, str])
assert_type(Processor(caches.into(databases.into(cached))), Processor[int, str])
assert_type(Processor(bind(databases.into(padded), 3)), Processor[int, str])
assert_type(Processor(bind(databases.into(padded), width=3, mark=".")), Processor[int, str])
assert_type(Sink(databases.into(store)), Sink[str])
assert_type(InputRig(databases.into(put)), InputRig[int])
assert_type(Source(databases.into_first(rows)), Source[int])
assert_type(Source.in_thread(databases.into_first(read)), Source[int])
assert_type(
    Processor(databases.into(name)).cleanup(input=databases.into(save)), Processor[int, str]
)

# In a graph.
named: Joint[str] = plumber.connect(numbers).to(Processor(databases.into(name)))
assert_type(named, Joint[str])
named.to(Sink(databases.into(store)))
plumber.connect(lines).to(Sink(databases.into(keep_all)))
assert_type(plumber.connect(numbers).to(Processor(databases.into(names))), Joint[str])


def segment(joint: Joint[int]) -> Joint[str]:
    return joint.to(Processor(Resource(connect).into(name)))


assert_type(Plumber().connect(numbers).via(segment), Joint[str])

replaced = Processor(databases.into(name))
replaced.replace(databases.into(Finder().find))
