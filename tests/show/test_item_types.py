"""The item types on the edges of a picture, for each way in which they can be known."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

import pytest
from typing_extensions import TypeIs

from typedpipes import (
    Feed,
    First,
    Fold,
    InputRig,
    On,
    Outlet,
    OutputQueue,
    Plumber,
    Processor,
    Second,
    Sink,
    Source,
    bind,
    in_thread,
    switch,
)
from typedpipes.show.picture import Picture, picture

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")


async def length(word: str) -> int:
    return len(word)


async def unannotated(item: str) -> str:
    return item


unannotated.__annotations__.clear()


async def letters(word: str) -> AsyncIterator[str]:
    yield word


async def same(item: T) -> T:
    return item


async def doubled(item: T) -> tuple[T, T]:
    return item, item


async def last(pair: tuple[str, T]) -> T:
    return pair[1]


async def priced(word: str) -> Decimal:
    raise NotImplementedError


def promised(word: str) -> Awaitable[bytes]:
    return asyncio.sleep(0, word.encode())


def upper(word: str) -> bytes:
    return word.upper().encode()


async def repeated(word: str, times: int) -> list[str]:
    return [word] * times


async def store(item: object) -> None: ...


async def whatever(item: object) -> None: ...


whatever.__annotations__.clear()


async def rig(queue: OutputQueue[bytes]) -> None:
    await queue.put(b"")


def is_int(item: object) -> TypeIs[int]:
    return isinstance(item, int)


class Measure:
    async def __call__(self, word: str) -> complex:
        return complex(word)


class Box(Generic[T]):
    async def method(self, word: str) -> list[Box[T]]:
        return [self] * len(word)


def words() -> Iterator[str]:
    yield "one"


def drawn(plumber: Plumber) -> Picture:
    return picture(plumber.blueprint())


def types(plumber: Plumber) -> list[str]:
    return [arrow.items for arrow in drawn(plumber).arrows]


Coro = Callable[[str], Awaitable[object] | AsyncIterable[object]]
COROS: list[tuple[Coro, str]] = [
    (length, "int"),
    (letters, "str"),
    (promised, "bytes"),
    (in_thread(upper), "bytes"),
    (same, "str"),
    (doubled, "tuple[str, str]"),
    (priced, ""),
    (Measure(), "complex"),
    (Box[int]().method, "list[Box[int]]"),
    (functools.partial(length), "int"),
    (functools.partial(same), "str"),
    (unannotated, ""),
]


@pytest.mark.parametrize(("coro", "gives"), COROS)
def test_a_processor_gives_what_its_coroutine_is_annotated_with(coro: Coro, gives: str) -> None:
    plumber = Plumber()
    plumber.connect(Source(["one"])).to(Processor(coro, name="it")).collect()

    assert types(plumber) == ["str", gives]


RIG: InputRig[bytes] = InputRig(rig)
SOURCES: list[tuple[Outlet[object], str]] = [
    (Source(["one"]), "str"),
    (Source([1, "one"]), "int | str"),
    (Source(range(3)), "int"),
    (Source[str]([]), "str"),
    (Source(functools.partial(letters, "")), "str"),
    (Source(words()), ""),
    (RIG, "bytes"),
    (Feed[int](), "int"),
    (Feed(), ""),
]


@pytest.mark.parametrize(("source", "gives"), SOURCES)
def test_a_source_gives_what_is_known_of_its_items(source: Outlet[object], gives: str) -> None:
    plumber = Plumber()
    plumber.connect(source).to(Sink(whatever))

    assert types(plumber) == [gives]


def test_where_the_giver_says_nothing_the_taker_is_asked() -> None:
    plumber = Plumber()
    source = plumber.connect(Source(words()))
    copies = source.to(Processor[str, str](same))
    plumber.zip(source.to(Processor(unannotated)), copies).to(Processor(last)).to(
        Processor(bind(repeated, times=2))
    ).collect()

    by_end = {(arrow.start, arrow.end): arrow.items for arrow in drawn(plumber).arrows}

    assert by_end["unannotated", "zip before last"] == "str"
    assert by_end["zip before last", "last"] == "tuple[str, Any]"
    assert by_end["repeated", "collect repeated"] == "list[str]"


def test_zips_give_tuples_merges_unions_and_failures_their_item() -> None:
    plumber = Plumber()
    source = plumber.connect(Source(["one"]))
    measured = Processor(length)
    lengths = source.to(measured)
    plumber.zip(source, lengths).to(Sink(store, name="zipped"))
    plumber.merge(source, lengths, plumber.failures(measured)).to(Sink(store, name="merged"))

    arrows = {arrow.end: arrow.items for arrow in drawn(plumber).arrows}

    assert arrows["zipped"] == "tuple[str, int]"
    assert arrows["merged"] == "str | int | Failure[str]"


def test_fittings_change_the_type_as_they_do_for_a_checker() -> None:
    plumber = Plumber()
    source = plumber.connect(Source([1, "one", None]))
    source.only(str).collect()
    source.keep(is_int).collect()
    source.keep(bool).batch(2).collect()

    arrows = {arrow.start: arrow.items for arrow in drawn(plumber).arrows}

    assert arrows["only str"] == "str"
    assert arrows["keep is_int"] == "int"
    assert arrows["keep bool"] == "int | str | None"
    assert arrows["batch 2"] == "list[int | str | None]"


def test_a_zip_that_several_take_has_one_box() -> None:
    plumber = Plumber()
    source = plumber.connect(Source(["one"]))
    pairs = plumber.zip(source, source.to(Processor(length)))
    pairs.to(Sink(store, name="left"))
    pairs.to(Sink(store, name="right"))

    joins = [box.key for box in drawn(plumber).boxes if box.kind == "join"]

    assert joins == ["zip"]


class Pairs(Fold[T, tuple[T, T]]):
    def take(self, item: T, /) -> list[tuple[T, T]]:
        return [(item, item)]


class Lengths:
    def take(self, text: str, /) -> Iterator[int]:
        yield len(text)

    def tick(self) -> list[int]:
        return []

    def end(self) -> list[int]:
        return []


def make_lengths() -> Lengths:
    return Lengths()


@pytest.mark.parametrize(
    ("fold", "given"),
    [
        (Processor.folding(Pairs[str], name="fold"), "tuple[str, str]"),
        (Processor.folding(Lengths, name="fold"), "int"),
        (Processor.folding(functools.partial(Lengths), name="fold"), "int"),
        (Processor.folding(make_lengths, name="fold"), "int"),
        (Processor.folding(lambda: Lengths(), name="fold"), ""),  # noqa: PLW0108  # on purpose
    ],
)
def test_what_a_fold_gives_is_told_by_the_class_of_its_state(
    fold: Processor[str, object], given: str
) -> None:
    plumber = Plumber()
    plumber.connect(Source(["one"])).to(fold).collect()

    shown = arrows(picture(plumber.blueprint()))

    assert (shown["source -> fold"], shown["fold -> collect fold"]) == ("str", given)


def by_class(item: int | str) -> First[int] | Second[str]:
    return First(item) if isinstance(item, int) else Second(item)


async def double(number: int) -> int:
    return 2 * number


def test_what_goes_each_way_of_a_split_is_told_by_its_function() -> None:
    plumber = Plumber()
    numbers, words = plumber.connect(Source[int | str]([])).split(by_class)
    numbers.to(Processor(double)).rejoin(words.to(Processor(length))).collect()

    shown = arrows(picture(plumber.blueprint()))

    assert shown["split by_class -> double"] == "int"
    assert shown["split by_class -> length"] == "str"
    assert shown["double -> rejoin before collect rejoin"] == "int"


def test_what_goes_each_way_of_a_switch_is_of_the_class_of_its_case() -> None:
    plumber = Plumber()
    cases = switch(On(int, Processor(double)), On(str, Processor(length)))
    plumber.connect(Source[int | str]([])).to(cases).collect()

    shown = arrows(picture(plumber.blueprint()))

    assert shown["switch -> double"] == "int"
    assert shown["switch -> length"] == "str"


def test_outcomes_are_results_and_failures() -> None:
    plumber, processor = Plumber(), Processor(length)
    plumber.connect(Source(["a"])).to(processor).collect()
    plumber.outcomes(processor).collect()

    shown = arrows(picture(plumber.blueprint()))

    assert shown["length -> collect outcomes of length"] == "int | Failure[str]"
    assert shown["results of length -> collect results of length"] == "int"


def arrows(picture: Picture) -> dict[str, str]:
    return {f"{arrow.start} -> {arrow.end}": arrow.items for arrow in picture.arrows}
