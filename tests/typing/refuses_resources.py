"""Resources that do not fit, or are passed to what does not take them."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager

from tests.typing.stages import lines, numbers, plumber, reverse
from typedpipes import InputQueue, InputRig, OutputQueue, Processor, Resource, Sink, Source, bind


class Database: ...


class Cache: ...


async def connect() -> AsyncGenerator[Database]:
    yield Database()


async def open_database() -> Database:
    return Database()


@contextmanager
def connect_plainly() -> Generator[Database]:
    yield Database()


@asynccontextmanager
async def connect_to(address: str) -> AsyncGenerator[Database]:
    yield Database()


async def name(number: int, database: Database) -> str:
    return str(number)


async def cached(number: int, database: Database, cache: Cache) -> str:
    return str(number)


def name_plainly(number: int, database: Database) -> str:
    return str(number)


async def store(text: str, database: Database) -> None: ...
async def put(queue: OutputQueue[int], database: Database) -> None: ...
async def save(queue: InputQueue[int], database: Database) -> None: ...
async def rows(database: Database) -> AsyncIterator[int]:
    yield 1


@asynccontextmanager
async def fill() -> AsyncGenerator[Cache]:
    yield Cache()


databases = Resource(asynccontextmanager(connect))
caches = Resource(fill)

Resource(connect)  # refused [arg-type]: not decorated
Resource(open_database)  # refused [arg-type]: a coroutine function
Resource(connect_plainly)  # refused [arg-type]: a plain context manager
Resource(connect_to)  # refused [arg-type]: needs an address
Resource(connect_to("here"))  # refused [arg-type]: called already
Resource(Database)  # refused [arg-type]: no context manager
Resource(asynccontextmanager(connect), per="item")  # refused [arg-type]
Resource(asynccontextmanager(connect), "worker")  # refused [call-arg]: settings have names

caches.into(name)  # refused [arg-type]: takes a database
databases.into(reverse)  # refused [arg-type]: takes no resource
databases.into(rows)  # refused [arg-type]: takes no item
caches.into_first(rows)  # refused [arg-type]: takes a database
Processor(databases)  # refused [arg-type]: passed to nothing
Processor(databases.into(cached))  # refused [arg-type]: the cache is missing
Processor(databases.into(caches.into(cached)))  # refused [arg-type]: the wrong way round
Processor(databases.into(name_plainly))  # refused [arg-type]: a plain function
Processor(bind(databases.into(name), 3))  # refused [call-arg]: nothing to bind
Sink(databases.into(name))  # refused [arg-type]: gives str
InputRig(databases.into(save))  # refused [arg-type]: takes an input queue
Source(databases.into_first(name))  # refused [arg-type]: takes an item

namer = Processor(databases.into(name))
namer.cleanup(output=databases.into(save))  # refused [arg-type]: saves the input
namer.replace(databases.into(store))  # refused [arg-type]: takes str
plumber.connect(lines).to(Processor(databases.into(name)))  # refused [arg-type]: takes int
plumber.connect(numbers).to(Sink(databases.into(store)))  # refused [arg-type]: takes str
databases.per = "worker"  # refused [misc]: read-only
