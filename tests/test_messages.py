"""How messages name items and errors: in few words, whatever these are."""

from __future__ import annotations

import asyncio
import pickle
import traceback
import tracemalloc
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import attrs
import pytest

from tests.support import functions
from tests.support.unchecked import unchecked
from typedpipes import (
    CleanupFailed,
    Failure,
    PipelineFailed,
    Plumber,
    Processor,
    ProcessorHangs,
    Sink,
    Source,
    in_process,
)

MOST = 200
"""How many characters an item or an error takes in a message."""
HUGE = 5_000_000


class Unbound:
    """As a row whose session is closed."""

    def __repr__(self) -> str:
        raise RuntimeError("not bound to a session")


class Exiting:
    def __repr__(self) -> str:
        raise SystemExit(3)


class Cancelling:
    def __repr__(self) -> str:
        raise asyncio.CancelledError


class Numeric:
    def __repr__(self) -> str:
        number: str = unchecked(3)
        return number


class Endless:
    def __repr__(self) -> str:
        return repr(self)


class Named:
    def __repr__(self) -> str:
        return "a name of its own " * 1000


@dataclass
class Upload:
    name: str
    content: bytes
    password: str = field(default="hidden", repr=False)


@attrs.frozen
class Message:
    name: str
    content: bytes
    password: str = attrs.field(default="hidden", repr=False)
    card: str = attrs.field(default="hidden", repr=lambda _: "***")


class Blob(NamedTuple):
    name: str
    content: bytes


class Row(dict[str, object]):
    """Has no `__repr__` of its own."""


def nested(depth: int) -> object:
    item: object = 1
    for _ in range(depth):
        item = [item]
    return item


async def refuse(item: object) -> None:
    raise ValueError("no connection")


async def refuse_with_the_item(item: object) -> None:
    raise ValueError(item)


async def failure_of(item: object) -> PipelineFailed:
    plumber = Plumber("store")
    plumber.connect(Source([item])).to(Sink(refuse))
    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()
    return failed.value


@contextmanager
def little_memory() -> Generator[None]:
    """Fail if what is done takes memory for more than the first parts of a huge item."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (Unbound(), "<Unbound object>"),
        (Exiting(), "<Exiting object>"),
        (Cancelling(), "<Cancelling object>"),
        (Numeric(), "<Numeric object>"),
        (Endless(), "<Endless object>"),
        ([1, Unbound()], "[1, <Unbound object>]"),
        (OSError(Unbound()), "OSError(<Unbound object>)"),
        (nested(100_000), "[[[[[...]]]]]"),
        (2**100_000, "<int of 100001 bits>"),
        (Upload("a", b""), "Upload(name='a', content=b'')"),
        (Message("a", b""), "Message(name='a', content=b'', card=***)"),
        (Blob("a", b""), "Blob(name='a', content=b'')"),
        (Row(a=1), "{'a': 1}"),
        (dict.fromkeys(range(9)), "{0: None, 1: None, 2: None, 3: None, ...}"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
async def test_an_item_is_named_whatever_its_repr_does(item: object, name: str) -> None:
    failed = await failure_of(item)

    (error,) = failed.exceptions
    assert str(error) == f"'refuse' failed on {name}: ValueError('no connection')"


@pytest.mark.parametrize(
    "make",
    [
        lambda: bytes(HUGE),
        lambda: bytearray(HUGE),
        lambda: "x" * HUGE,
        lambda: [1] * HUGE,
        lambda: tuple([1] * HUGE),
        lambda: dict.fromkeys(range(HUGE // 100)),
        lambda: OrderedDict.fromkeys(range(HUGE // 100)),
        lambda: Row.fromkeys(map(str, range(HUGE // 100))),
        lambda: set(range(HUGE // 100)),
        lambda: frozenset(range(HUGE // 100)),
        lambda: Upload("a", bytes(HUGE)),
        lambda: Message("a", bytes(HUGE)),
        lambda: Blob("a", bytes(HUGE)),
        lambda: {"blob": [Upload("a", bytes(HUGE))]},
        lambda: ValueError(bytes(HUGE)),
        lambda: Failure(bytes(HUGE), ValueError(bytes(HUGE)), "store"),
        lambda: [[["x" * 1000] * 1000] * 1000] * 1000,
        Named,
    ],
)
async def test_a_huge_item_takes_few_words_and_no_time(make: Callable[[], object]) -> None:
    failed = await failure_of(make())

    with little_memory():
        (told,) = map(str, failed.exceptions)
        shown = "".join(traceback.format_exception(failed))

    assert len(told) <= len("'refuse' failed on : ValueError('no connection')") + MOST
    assert told in shown
    assert len(shown) < 10_000


async def test_the_error_of_a_user_is_named_in_few_words_too() -> None:
    plumber = Plumber("store")
    plumber.connect(Source([bytes(HUGE)])).to(Sink(refuse_with_the_item))
    with pytest.raises(PipelineFailed) as failed:
        await plumber.run()

    with little_memory():
        (told,) = map(str, failed.value.exceptions)

    assert told.startswith("'refuse_with_the_item' failed on b'")
    assert len(told) <= len("'refuse_with_the_item' failed on : ") + 2 * MOST


async def test_the_repr_of_an_error_does_not_show_the_item_and_a_pickled_one_keeps_it() -> None:
    failed = await failure_of("my password")

    again = pickle.loads(pickle.dumps(failed))  # noqa: S301  # our own bytes

    assert "ProcessorFailed('refuse')" in repr(failed)
    assert "my password" not in repr(failed)
    assert again.exceptions[0].item == "my password"
    assert str(again.exceptions[0].__cause__) == "no connection"


def test_the_other_errors_of_a_run_are_shown_without_items_too() -> None:
    hangs = ProcessorHangs("store", bytes(HUGE), 0.5)
    cleanup = CleanupFailed("store", "input", ValueError(bytes(HUGE)))

    with little_memory():
        told = [str(hangs), str(cleanup)]

    assert (repr(hangs), repr(cleanup)) == (
        "ProcessorHangs('store', 0.5)",
        "CleanupFailed('store', 'input')",
    )
    assert all(len(each) < 2 * MOST for each in told)


async def test_a_failure_and_a_report_show_items_in_few_words() -> None:
    refusing = Processor(refuse_with_the_item)
    plumber = Plumber("store")
    plumber.connect(Source([bytes(HUGE)])).to(refusing).to(Sink(refuse))
    failures = plumber.failures(refusing).collect()
    report = await plumber.run()
    failed = await failure_of(bytes(HUGE))

    with little_memory():
        shown = [repr(failures.items[0]), repr(report), repr(failed.report)]

    assert (
        len(shown[0]) <= len("Failure(item=, error=, processor='refuse_with_the_item')") + 2 * MOST
    )
    assert all(len(each) < 2000 for each in shown)


async def test_an_error_that_a_child_process_cannot_send_is_named_in_few_words() -> None:
    with pytest.raises(RuntimeError, match=r"^'fail_at_length' raised Costly") as raised:
        await in_process(functions.fail_at_length)(1)

    assert len(str(raised.value)) < 4 * MOST
