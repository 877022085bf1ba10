"""A definition from outside reaches nothing but the coroutines that are offered."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import frozen
from typing_extensions import TypeVar

from tests.definitions import offered
from tests.definitions.offered import OFFERED
from tests.definitions.refusals import refused
from typedpipes import Plumber

NAMES = [
    "__import__",
    "__builtins__",
    "__class__",
    "__init__",
    "__dict__",
    "__getitem__",
    "_private",
    "builtins",
    "builtins.eval",
    "builtins:eval",
    "builtins:exec",
    "os.system",
    "os:system",
    "subprocess:run",
    "asyncio:sleep",
    "asyncio.sleep",
    "asyncio:create_subprocess_shell",
    "store.__globals__",
    "store.__call__",
    "store:__globals__",
    "typedpipes:Plumber",
    "tests.definitions.offered:store",
    "{0.__class__}",
    "{store.__globals__}",
    "%(store)s",
    "${store}",
    "store()",
    "store ",
    " store",
    "STORE",
    "store\x00",
    "../store",
    "file:///etc/passwd",
    "lambda: 0",
    "ѕtore",  # noqa: RUF001  # the first letter is Cyrillic
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_not_in_the_mapping_reaches_nothing(name: str) -> None:
    (mistake,) = refused({"nodes": {"a": {"coro": name}}})

    assert "is not offered" in mistake or "import paths are off" in mistake


@pytest.mark.parametrize("name", NAMES)
def test_a_name_reaches_no_attribute_of_what_a_function_looks_into(name: str) -> None:
    async def store(item: object) -> None: ...

    namespace = SimpleNamespace(store=store, _private=store)

    (mistake,) = refused(
        {"nodes": {"a": {"coro": name}}}, coroutines=lambda n: getattr(namespace, n)
    )

    assert "is not offered" in mistake or "import paths are off" in mistake


def test_a_name_makes_nothing_in_a_mapping_that_makes_what_is_missing() -> None:
    makes: defaultdict[str, object] = defaultdict(lambda: asyncio.sleep)

    (mistake,) = refused({"nodes": {"a": {"coro": "x"}}}, coroutines=makes)

    assert "is not offered" in mistake
    assert not makes


def test_nothing_is_imported_while_import_paths_are_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trap_for_imports.py").write_text("raise SystemExit")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    refused({"nodes": {"a": {"coro": "trap_for_imports:f"}}})

    assert "trap_for_imports" not in sys.modules


def test_a_text_is_never_taken_for_a_path(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text('[nodes.a]\ncoro = "secret"\n')

    assert "secret" not in "".join(refused(str(file)))


@pytest.mark.parametrize("name", ["{0.__class__}", "{error}", "%s", "%(name)d", "${HOME}"])
def test_a_format_in_a_name_stays_as_it_is(name: str) -> None:
    assert name in refused({"nodes": {name: {"coro": "reverse"}}})[0]


@pytest.mark.parametrize("text", ["\n", "\r", "\x1b[31m", "\u202e", "\x00"])
def test_a_name_forges_no_line_and_no_colour_of_a_message(text: str) -> None:
    name = f"a{text}b"
    definition = {
        "nane": {},
        name: {},
        "nodes": {"a": {"coro": name, name: 1, "args": {name: 1}}, name: {"coro": name}},
        "graph": {name: [name], "a": [name]},
    }

    assert not [mistake for mistake in refused(definition) if text in mistake]
    assert not [mistake for mistake in refused(json.dumps(definition)) if text in mistake]


def test_a_huge_value_makes_no_huge_message() -> None:
    huge = "x" * 1_000_000
    nested: list[object] = []
    nested.append(nested)
    definition = {
        huge: huge,
        "nodes": {"a": {"coro": huge, "workers": huge, huge: huge}, "b": nested},
        "graph": {"a": [huge], huge: nested},
    }

    assert max(len(mistake) for mistake in refused(definition)) < 1000


def beginning(thing: object) -> dict[str, object]:
    """Describe a graph whose source gets an argument."""
    begin: dict[str, object] = {"coro": "begin", "args": {"thing": thing}}
    return {
        "nodes": {"begin": begin, "store": {"coro": "store"}},
        "graph": {"begin": ["store"]},
    }


class Secret:
    def __init__(self, *_: object) -> None:
        raise AssertionError("made from data")


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "kind", [Secret, Text, type, type[Secret], Plumber, Exception, Callable[[], int], bytearray]
)
@pytest.mark.parametrize(
    "value", [1, "one", ["one"], {"__class__": "Secret", "x": 1}, {"type": "Secret"}]
)
def test_data_makes_nothing_of_a_class_that_is_not_made_for_data(
    kind: object, value: object
) -> None:
    async def begin(thing: object) -> AsyncIterator[object]:
        yield thing

    begin.__annotations__["thing"] = kind
    (mistake,) = refused(beginning(value), {**OFFERED, "begin": begin})

    assert mistake.startswith("nodes.begin.args.thing: ")


@frozen
class Picky:
    text: str

    def __attrs_post_init__(self) -> None:
        raise ValueError(self.text)


@pytest.mark.parametrize("text", ["\x1b[31m", "a\nb", "x" * 1_000_000], ids=range(3))
def test_a_class_that_quotes_its_argument_forges_no_message(text: str) -> None:
    async def begin(thing: object) -> AsyncIterator[object]:
        yield thing

    begin.__annotations__["thing"] = Picky
    (mistake,) = refused(beginning({"text": text}), {**OFFERED, "begin": begin})

    assert mistake.isprintable()
    assert len(mistake) < 500


@pytest.mark.parametrize("name", ["self", "func", "__class__", "args", "keywords", "coro", "queue"])
def test_an_argument_reaches_nothing_but_the_parameters(name: str) -> None:
    definition = {
        "nodes": {
            "a": {"coro": "put_numbers", "args": {name: 1}},
            "b": {"coro": "store", "args": {name: 1}},
        },
        "graph": {"a": ["b"]},
    }

    mistakes = refused(definition)

    assert [mistake.split(":")[0] for mistake in mistakes] == [
        f"nodes.{node}.args.{name}" for node in "ab"
    ]


def test_what_is_offered_is_left_as_it_was() -> None:
    before = dict(vars(offered.reverse))

    refused({"nodes": {"a": {"coro": "reverse", "args": {"__dict__": {}, "__code__": 1}}}})

    assert dict(vars(offered.reverse)) == before


T = TypeVar("T")


async def pair(item: T) -> tuple[T, T]:
    return item, item


async def pass_on(item: T) -> T:
    return item


def row(coro: str, table: str) -> dict[str, object]:
    """Describe a thousand nodes, each of which takes what the one before gives, or fails with."""
    nodes: dict[str, object] = {str(number): {"coro": coro} for number in range(1000)}
    links = {str(number): [str(number + 1)] for number in range(999)}
    ends = {"begin": {"coro": "read_words"}, "end": {"coro": "store_number"}}
    graph = {"begin": ["0"], "999": ["end"]}
    if table == "graph":
        return {"nodes": nodes | ends, "graph": graph | links}
    return {"nodes": nodes | ends, "graph": graph, table: links}


@pytest.mark.parametrize(("coro", "table"), [("pair", "graph"), ("pass_on", "failures")])
def test_generic_coroutines_in_a_row_make_no_type_without_end(coro: str, table: str) -> None:
    coroutines = {**OFFERED, "pair": pair, "pass_on": pass_on}

    (mistake,) = refused(row(coro, table), coroutines)

    assert mistake.startswith("999 -> end: 999 gives ")
    assert "Any" in mistake
    assert len(mistake) < 5000
