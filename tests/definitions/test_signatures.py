"""What the load-time rule knows of functions that are decorated, objects or classes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import wraps
from itertools import pairwise
from typing import Concatenate, Generic, ParamSpec

import pytest
from attrs import field, frozen
from typing_extensions import TypeVar

from tests.definitions.refusals import refused
from typedpipes import Plumber, in_thread

Item = TypeVar("Item")
Result = TypeVar("Result")
Params = ParamSpec("Params")


async def numbers() -> AsyncIterator[int]:
    yield 1


async def up_to(last: int) -> AsyncIterator[int]:
    for number in range(last):
        yield number + 1


async def store(text: str) -> None: ...


def listed(coro: Callable[Params, Awaitable[Result]]) -> Callable[Params, Awaitable[list[Result]]]:
    @wraps(coro)
    async def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> list[Result]:
        return [await coro(*args, **kwargs)]

    return wrapper


def prefixed(
    coro: Callable[Concatenate[str, Params], Awaitable[Result]],
) -> Callable[Params, Awaitable[Result]]:
    @wraps(coro)
    async def wrapper(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        return await coro("no ", *args, **kwargs)

    return wrapper


@listed
async def spell(number: int) -> str:
    return str(number)


@prefixed
async def label(prefix: str, number: int, *, unit: str) -> str:
    return f"{prefix}{number} {unit}"


class Delay(Generic[Item]):
    async def __call__(self, item: Item) -> Item:
        return item

    async def later(self, item: Item) -> Item:
        return item


class NumberDelay(Delay[int]): ...


@frozen
class Name:
    text: str = field(converter=str)


def described(*coroutines: Callable[..., object], **arguments: str) -> Mapping[str, object]:
    """Describe a chain of `numbers` and these; the first of these gets the arguments."""
    names = [*offered(*coroutines)]
    nodes: dict[str, dict[str, object]] = {name: {"coro": name} for name in names}
    nodes["n1"]["args"] = arguments
    return {"nodes": nodes, "graph": {one: [other] for one, other in pairwise(names)}}


def offered(*coroutines: Callable[..., object]) -> Mapping[str, object]:
    return {f"n{number}": coro for number, coro in enumerate((numbers, *coroutines))}


async def results(*coroutines: Callable[..., object], **arguments: str) -> list[object]:
    """Run such a chain, and return what comes out."""
    definition = described(*coroutines, **arguments)
    plumber = Plumber.from_definition(definition, coroutines=offered(*coroutines))
    report = await plumber.run()
    return [item for items in report.collected.values() for item in items]


async def test_annotations_that_a_decorator_copied_are_not_believed() -> None:
    async def joined(words: list[str]) -> str:
        return " ".join(words)

    assert await results(spell, joined) == ["1"]


async def test_a_decorator_may_make_something_of_nothing() -> None:
    @listed
    async def skip(number: int) -> None: ...

    async def count(nothing: list[None]) -> int:
        return len(nothing)

    assert await results(skip, count) == [1]


def test_copied_annotations_are_enough_where_annotations_are_asked_for() -> None:
    Plumber.from_definition(described(spell), coroutines=offered(spell), strict=True)


async def test_a_decorator_may_take_an_argument_away() -> None:
    assert await results(label, unit="km") == ["no 1 km"]


def test_an_argument_that_neither_takes_is_refused() -> None:
    (mistake,) = refused(described(spell, colour="red"), offered(spell))

    assert mistake.startswith("nodes.n1.args.colour: 'n1' has no argument 'colour'")


async def test_a_class_of_c_code_works_in_a_thread() -> None:
    assert await results(in_thread(str)) == ["1"]


async def test_a_source_may_be_a_lambda() -> None:
    plumber = Plumber.from_definition(
        {"nodes": {"a": {"coro": "a"}, "b": {"coro": "b"}}, "graph": {"a": ["b"]}},
        coroutines={"a": lambda: up_to(1), "b": spell},
    )

    report = await plumber.run()

    assert report.collected == {"b": [["1"]]}


async def test_a_class_takes_what_it_is_made_of_and_gives_its_objects() -> None:
    async def text_of(name: Name) -> str:
        return name.text

    assert await results(in_thread(Name), text_of) == ["1"]
    assert refused(described(in_thread(Name), store), offered(in_thread(Name), store)) == [
        "n1 -> n2: n1 gives Name, n2 takes str. Put a node between them that turns Name into str."
    ]


@pytest.mark.parametrize("delay", [Delay[int](), NumberDelay(), NumberDelay().later])
def test_an_object_of_a_generic_class_knows_its_types(delay: Callable[..., object]) -> None:
    (mistake,) = refused(described(delay, store), offered(delay, store))

    assert mistake.startswith("n1 -> n2: n1 gives int, n2 takes str.")


def test_a_task_is_what_it_ends_with() -> None:
    def begin(number: int) -> asyncio.Task[bytes]:
        raise NotImplementedError

    (mistake,) = refused(described(begin, store), offered(begin, store))

    assert mistake.startswith("n1 -> n2: n1 gives bytes, n2 takes str.")
