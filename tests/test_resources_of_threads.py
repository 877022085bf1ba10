"""Plain functions in threads that each hold a resource."""

from __future__ import annotations

import asyncio
import inspect
import re
import sqlite3
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from pathlib import Path

import pytest

from tests.support.unchecked import unchecked
from typedpipes import (
    Doom,
    InputQueue,
    PipelineFailed,
    Plumber,
    Processor,
    Sink,
    Source,
    WiringError,
    in_thread,
)

Owner = int


class Book:
    """Opens resources, and writes down which thread did what."""

    def __init__(self) -> None:
        self.opened: list[Owner] = []
        self.closed: list[Owner] = []

    @contextmanager
    def open(self) -> Generator[Owner]:
        owner = threading.get_ident()
        self.opened.append(owner)
        try:
            yield owner
        finally:
            assert threading.get_ident() == owner
            self.closed.append(owner)


def whose(number: int, owner: Owner) -> tuple[int, bool]:
    return number, owner == threading.get_ident()


def our_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name.startswith("typedpipes ")]


async def test_each_thread_opens_and_closes_its_own() -> None:
    book, plumber = Book(), Plumber()
    at_once = threading.Barrier(2)

    def together(number: int, owner: Owner) -> tuple[int, bool]:
        at_once.wait()
        return whose(number, owner)

    processor = Processor(in_thread(together, resource=book.open), workers=2)
    results = plumber.connect(Source(range(6))).to(processor).collect()

    await plumber.run()

    assert results.items == tuple((number, True) for number in range(6))
    assert len(set(book.opened)) == len(book.opened) == 2
    assert sorted(book.closed) == sorted(book.opened)
    assert our_threads() == []


async def test_a_thread_that_is_free_is_used_again() -> None:
    book, plumber = Book(), Plumber()
    processor = Processor(in_thread(whose, resource=book.open))
    results = plumber.connect(Source(range(20))).to(processor).collect()

    await plumber.run()

    assert len(results.items) == 20
    assert len(book.opened) == 1


async def test_a_connection_that_belongs_to_its_thread_stores_all_rows(tmp_path: Path) -> None:
    file = tmp_path / "rows.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("create table rows (number integer)")

    @contextmanager
    def connection() -> Generator[sqlite3.Connection]:
        database = sqlite3.connect(file)  # refuses other threads
        try:
            yield database
        finally:
            database.close()

    def store(number: int, database: sqlite3.Connection) -> None:
        with database:
            database.execute("insert into rows values (?)", (number,))

    plumber = Plumber()
    plumber.connect(Source(range(50))).to(Sink(in_thread(store, resource=connection), workers=2))

    await plumber.run()

    with closing(sqlite3.connect(file)) as database:
        stored = database.execute("select sum(number) from rows").fetchone()
    assert stored == (sum(range(50)),)


async def test_a_cleanup_coroutine_uses_it_before_it_is_closed() -> None:
    book, plumber = Book(), Plumber()
    hold = in_thread(whose, resource=book.open)
    closed_before: list[bool] = []

    async def clean(queue: InputQueue[int]) -> None:
        await hold(1)
        closed_before.append(bool(book.closed))

    plumber.connect(Source([1])).to(Processor(hold).cleanup(input=clean)).collect()

    await plumber.run()

    assert closed_before == [False]
    assert book.closed == book.opened


async def test_a_call_fails_that_finds_none_and_the_next_tries_again() -> None:
    tries: list[int] = []

    @contextmanager
    def flaky() -> Generator[int]:
        tries.append(len(tries))
        if len(tries) < 3:
            raise ConnectionError("busy")
        yield len(tries)

    plumber = Plumber()
    processor = Processor(in_thread(whose, resource=flaky))
    results = plumber.connect(Source(range(5))).to(processor).collect()
    failures = plumber.failures(processor).collect()

    await plumber.run()

    assert [failure.item for failure in failures.items] == [0, 1]
    assert {str(failure.error) for failure in failures.items} == {"busy"}
    assert [number for number, _ in results.items] == [2, 3, 4]
    assert len(tries) == 3


async def test_a_call_that_fails_leaves_it_open() -> None:
    book, plumber = Book(), Plumber()

    def fail(number: int, owner: Owner) -> int:
        raise ValueError(number)

    processor = Processor(in_thread(fail, resource=book.open))
    plumber.connect(Source([1, 2])).to(processor).collect()
    failures = plumber.failures(processor).collect()

    await plumber.run()

    assert [str(failure.error) for failure in failures.items] == ["1", "2"]
    assert len(book.opened) == 1


async def test_an_error_of_closing_makes_the_run_fail() -> None:
    @contextmanager
    def broken() -> Generator[int]:
        yield 1
        raise OSError("disk full")

    plumber = Plumber()
    plumber.connect(Source([1])).to(Processor(in_thread(whose, resource=broken))).collect()

    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    [error] = failed.value.exceptions
    assert (
        str(error) == "the resource 'broken' of 'whose' could not be closed: OSError('disk full')"
    )


async def test_a_call_that_is_aborted_returns_before_its_resource_is_closed() -> None:
    book, plumber = Book(), Plumber()
    called, may_return = threading.Event(), threading.Event()
    events: list[str] = []

    def slow(number: int, owner: Owner) -> int:
        called.set()
        may_return.wait()
        events.append("returned" if not book.closed else "closed before")
        return number

    plumber.connect(Source([1])).to(Processor(in_thread(slow, resource=book.open))).collect()
    running = asyncio.create_task(plumber.run())
    await asyncio.to_thread(called.wait)

    plumber.doomsday.put_nowait(Doom("fire", mode="abort"))
    await asyncio.sleep(0)
    may_return.set()
    await running

    assert events == ["returned"]
    assert book.closed == book.opened


async def test_a_call_sees_the_context_variables_of_its_caller() -> None:
    variable: ContextVar[str] = ContextVar("variable")
    book = Book()

    def look(number: int, owner: Owner) -> str:
        return variable.get()

    async def call(number: int) -> str:
        variable.set(f"caller {number}")
        return await in_thread(look, resource=book.open)(number)

    plumber = Plumber()
    results = plumber.connect(Source([1, 2])).to(Processor(call)).collect()

    await plumber.run()

    assert results.items == ("caller 1", "caller 2")


async def test_outside_of_a_run_each_call_opens_and_closes_its_own() -> None:
    book = Book()
    hold = in_thread(whose, resource=book.open)

    assert await hold(1) == (1, True)
    assert await hold(2) == (2, True)

    assert len(book.opened) == 2
    assert book.closed == book.opened


async def test_stop_iteration_in_a_call_is_an_error() -> None:
    def stop(number: int, owner: Owner) -> int:
        raise StopIteration

    with pytest.raises(RuntimeError, match="'stop' raised StopIteration"):
        await in_thread(stop, resource=Book().open)(1)


def test_its_signature_does_not_name_the_resource() -> None:
    assert str(inspect.signature(in_thread(whose, resource=Book().open))).startswith(
        "(number: 'int')"
    )


def test_what_cannot_be_called_or_takes_none_is_refused() -> None:
    def alone(number: int) -> int:
        return number

    with pytest.raises(WiringError, match="in_thread with a resource calls 'alone' with 2 arg"):
        in_thread(unchecked(alone), resource=Book().open)
    with pytest.raises(WiringError, match=re.escape("the resource of in_thread must be a")):
        unchecked(in_thread)(whose, resource="database")
