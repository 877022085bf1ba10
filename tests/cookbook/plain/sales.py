# sales.py, in plain asyncio
import asyncio
import csv
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path

from attrs import frozen
from psycopg import AsyncConnection

Connection = AsyncConnection[tuple[object, ...]]
SCHEMA = """
create table if not exists sales (file text, line int, amount numeric, primary key (file, line));
create table if not exists rejected (file text, line int, why text, primary key (file, line));
create table if not exists checkpoints (file text primary key, line int);
"""


@frozen
class Row:
    line: int
    values: list[str]


@frozen
class Rejected:
    line: int
    why: str


@frozen
class Sale:
    line: int
    amount: Decimal


@asynccontextmanager
async def connect(database: str) -> AsyncGenerator[Connection]:
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        yield connection


def read(file: Path, after: int) -> Iterator[Row]:
    with file.open(newline="") as opened:
        for line, values in enumerate(csv.reader(opened), start=1):
            if line > after:
                yield Row(line, values)


async def price(row: Row, connection: Connection) -> Sale:
    product, count = row.values
    found = await connection.execute("select price from prices where product = %s", [product])
    match await found.fetchone():
        case (Decimal() as unit,):
            return Sale(row.line, unit * int(count))
        case _:
            raise LookupError(f"{product} has no price")


async def store(rows: list[Sale | Rejected], file: str, connection: Connection) -> None:
    """Store rows and how far they go, all or nothing."""
    last = 0
    async with connection.transaction(), connection.cursor() as cursor:
        for row in rows:
            match row:
                case Sale(line=last, amount=amount):
                    values = [file, last, amount]
                    await cursor.execute("insert into sales values (%s, %s, %s)", values)
                case Rejected(line=last, why=why):
                    values = [file, last, why]
                    await cursor.execute("insert into rejected values (%s, %s, %s)", values)
        await cursor.execute(
            "insert into checkpoints values (%s, %s)"
            " on conflict (file) do update set line = excluded.line",
            [file, last],
        )
    print("stored up to line", last, flush=True)


async def try_to_price(row: Row, free: asyncio.Queue[Connection]) -> Sale | Rejected:
    connection = await free.get()
    try:
        return await price(row, connection)
    except (LookupError, ValueError) as error:
        return Rejected(row.line, str(error))
    finally:
        free.put_nowait(connection)


async def load(file: Path, database: str) -> None:
    async with connect(database) as connection:
        await connection.execute(SCHEMA)
        found = await connection.execute(
            "select line from checkpoints where file = %s", [file.name]
        )
        match await found.fetchone():
            case (int(last),):
                done = last
            case _:
                done = 0
        async with AsyncExitStack() as stack:
            free = asyncio.Queue[Connection]()
            for _ in range(8):
                free.put_nowait(await stack.enter_async_context(connect(database)))
            rows = read(file, done)
            while chunk := list(islice(rows, 100)):
                tried = await asyncio.gather(*(try_to_price(row, free) for row in chunk))
                await store(tried, file.name, connection)


if __name__ == "__main__":
    asyncio.run(load(Path(sys.argv[1]), sys.argv[2]))
