"""Arguments in a definition: bound by keyword, made what the annotations ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date
from enum import Enum
from pathlib import Path, PurePath, PurePosixPath
from typing import Annotated, Literal

import pytest
from attrs import field, frozen
from msgspec import Meta

from tests.definitions import offered
from tests.definitions.offered import drawn
from tests.definitions.refusals import refused
from typedpipes import OutputQueue, Plumber, run


@pytest.fixture(autouse=True)
def nothing_is_stored() -> Iterator[None]:
    offered.stored.clear()
    yield
    offered.stored.clear()


def with_args(coro: str, args: dict[str, object]) -> dict[str, object]:
    return {
        "nodes": {"a": {"coro": "read_words"}, "b": {"coro": coro, "args": args}},
        "graph": {"a": ["b"]},
    }


def test_arguments_reach_a_source_an_input_rig_and_a_sink() -> None:
    definition = {
        "nodes": {
            "words": {"coro": "read_words", "args": {"limit": 1}},
            "numbers": {"coro": "put_numbers", "args": {"count": 1}},
            "save": {"coro": "save", "args": {"folder": "/here", "tags": ["x"]}},
            "store": {"coro": "store"},
        },
        "graph": {"words": ["save"], "numbers": ["store"]},
    }

    run(drawn(definition), signals=())

    assert sorted(offered.stored, key=str) == [(Path("/here/one"), ["x"]), 0]


def test_an_argument_that_is_missing() -> None:
    assert refused(with_args("save", {})) == [
        "nodes.b.args: 'save' needs the argument 'folder'. Give it in args."
    ]


def test_an_argument_that_is_unknown() -> None:
    assert refused(with_args("save", {"folder": "x", "tag": [], "zzz": 1})) == [
        "nodes.b.args.tag: 'save' has no argument 'tag'. Did you mean 'tags'?",
        "nodes.b.args.zzz: 'save' has no argument 'zzz'. It has folder, tags.",
    ]


def test_an_argument_for_one_that_has_none() -> None:
    assert refused(with_args("store", {"x": 1})) == [
        "nodes.b.args.x: 'store' has no argument 'x'. It has none."
    ]


def test_an_argument_of_the_wrong_type() -> None:
    assert refused(with_args("save", {"folder": 3, "tags": ["a", 1]})) == [
        "nodes.b.args.folder: 'save' takes Path here, not 3",
        "nodes.b.args.tags: 'save' takes list[str] | None here, not ['a', 1] "
        "(Expected `str`, got `int` - at `$[1]`)",
    ]


def test_an_argument_for_the_item() -> None:
    assert refused(with_args("save", {"folder": "x", "text": "y"})) == [
        "nodes.b.args.text: 'text' is what 'save' gets from its input. Leave it out of args."
    ]


def test_an_argument_that_is_taken_by_position_only() -> None:
    async def take(item: str, limit: int, /) -> None: ...

    definition = with_args("take", {"limit": 3})
    coroutines = {"take": take, "read_words": offered.read_words}

    assert refused(definition, coroutines=coroutines) == [
        "nodes.b.args.limit: 'take' has no argument 'limit'. It has none."
    ]


def test_any_name_for_one_that_takes_any() -> None:
    got: dict[str, int] = {}

    async def take(item: str, **numbers: int) -> None:
        got.update(numbers)

    coroutines = {"take": take, "read_words": offered.read_words}
    plumber = Plumber.from_definition(
        with_args("take", {"one": 1, "func": 2}), coroutines=coroutines
    )

    run(plumber, signals=())

    assert got == {"one": 1, "func": 2}
    assert refused(with_args("take", {"one": "1"}), coroutines=coroutines) == [
        "nodes.b.args.one: 'take' takes int here, not '1'"
    ]


class Colour(Enum):
    RED = "red"


@frozen
class Size:
    width: int
    height: int = 1


async def make(
    colour: Colour,
    size: Size,
    day: date,
    share: float,
    mode: Literal["fast", "slow"],
    percent: Annotated[int, Meta(le=100)],
    pair: tuple[int, str],
    anything: object = None,
) -> AsyncIterator[object]:
    yield colour, size, day, share, mode, percent, pair, anything


def made(**changed: object) -> dict[str, object]:
    args = {
        "colour": "red",
        "size": {"width": 3},
        "day": "2024-02-29",
        "share": 1,
        "mode": "fast",
        "percent": 50,
        "pair": [1, "a"],
        "anything": {"deep": [None]},
    }
    return {
        "nodes": {"a": {"coro": "make", "args": args | changed}, "b": {"coro": "store"}},
        "graph": {"a": ["b"]},
    }


COROUTINES: dict[str, object] = {"make": make, "store": offered.store}


def test_arguments_are_made_what_the_annotations_ask_for() -> None:
    run(Plumber.from_definition(made(), coroutines=COROUTINES), signals=())

    assert offered.stored == [
        (
            Colour.RED,
            Size(3),
            date(2024, 2, 29),
            1.0,
            "fast",
            50,
            (1, "a"),
            {"deep": [None]},
        )
    ]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("colour", "blue", "'make' takes Colour here, not 'blue' (Invalid enum value 'blue')"),
        (
            "size",
            {"width": "3"},
            "'make' takes Size here, not {'width': '3'} (Expected `int`, got `str` - at `$.width`)",
        ),
        (
            "day",
            "2023-02-29",
            "'make' takes date here, not '2023-02-29' (Invalid RFC3339 encoded date)",
        ),
        ("share", True, "'make' takes float here, not True"),
        (
            "mode",
            "medium",
            "'make' takes Literal['fast', 'slow'] here, not 'medium' (Invalid enum value 'medium')",
        ),
        ("percent", 101, "'make' takes int here, not 101 (Expected `int` <= 100)"),
    ],
)
def test_an_argument_that_cannot_be_made(name: str, value: object, message: str) -> None:
    assert refused(made(**{name: value}), coroutines=COROUTINES) == [
        f"nodes.a.args.{name}: {message}"
    ]


@pytest.mark.parametrize("kind", [Path, PurePath, PurePosixPath])
def test_a_path_of_any_kind(kind: type[PurePath]) -> None:
    async def save(text: str, folder: PurePath) -> None:
        offered.stored.append(folder / text)

    save.__annotations__["folder"] = kind
    coroutines = {**offered.OFFERED, "save": save}

    definition = with_args("save", {"folder": "/x"})

    run(Plumber.from_definition(definition, coroutines=coroutines), signals=())

    assert offered.stored == [kind("/x") / word for word in ("one", "two", "three")]
    assert type(offered.stored[0]) is type(kind())


def test_an_object_from_code_is_passed_as_it_is() -> None:
    class Session: ...

    session = Session()

    async def rig(queue: OutputQueue[object], session: Session) -> None:
        await queue.put(session)

    rig.__annotations__["session"] = Session
    definition = {
        "nodes": {"a": {"coro": "rig", "args": {"session": session}}, "b": {"coro": "store"}},
        "graph": {"a": ["b"]},
    }
    coroutines = {"rig": rig, "store": offered.store}

    run(Plumber.from_definition(definition, coroutines=coroutines), signals=())

    assert offered.stored == [session]


def test_a_field_that_a_dataclass_does_not_have() -> None:
    wrong = made(size={"width": 3, "hight": 2, "colour": "red"})

    assert refused(wrong, coroutines=COROUTINES) == [
        "nodes.a.args.size: Size has no field 'hight'. Did you mean 'height'?",
        "nodes.a.args.size: Size has no field 'colour'. It has width, height.",
    ]


@frozen
class Boxes:
    some: list[Size] = field(factory=list[Size])
    named: dict[str, Size] = field(factory=dict[str, Size])
    perhaps: Size | None = None


@pytest.mark.parametrize(
    "boxes",
    [
        {"some": [{"width": 3, "zzz": 2}]},
        {"named": {"a": {"width": 3, "zzz": 2}}},
        {"perhaps": {"width": 3, "zzz": 2}},
    ],
)
def test_a_field_that_a_dataclass_inside_of_another_does_not_have(boxes: object) -> None:
    async def pack(item: str, boxes: Boxes) -> None: ...

    coroutines = {"pack": pack, "read_words": offered.read_words}

    assert refused(with_args("pack", {"boxes": boxes}), coroutines=coroutines) == [
        "nodes.b.args.boxes: Size has no field 'zzz'. It has width, height."
    ]
