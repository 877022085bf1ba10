# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Every key and list item of a text is found in its line and column."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.definitions.drawings import ALMOST, as_toml, definitions, is_list, is_table, unhurried
from typedpipes.definition.lines import Path, places


@unhurried
@given(definitions())
def test_every_place_of_toml(definition: dict[str, object]) -> None:
    text, expected = as_toml(definition)
    assert tomllib.loads(text) == definition

    found = {path: position.line for path, position in places(text)}
    assert found.items() >= expected.items()


def paths(data: object, path: Path = ()) -> list[Path]:
    """Every path in plain data, as deep as they are looked for, in the order of the text."""
    inside: list[tuple[str | int, object]] = []
    if len(path) < 4 and is_table(data):
        inside = [*data.items()]
    elif len(path) < 4 and is_list(data):
        inside = [*enumerate(data)]
    found: list[Path] = []
    for key, each in inside:
        found += [(*path, key), *paths(each, (*path, key))]
    return found


@unhurried
@given(st.dictionaries(st.text(), ALMOST))
def test_every_place_of_json(data: dict[str, object]) -> None:
    text = json.dumps(data, indent=1)

    found = list(places(text))

    assert [path for path, _ in found] == paths(data)
    for path, (line, column) in found:
        if isinstance(path[-1], str):
            assert text.split("\n")[line - 1][column - 1 :].startswith(json.dumps(path[-1]))


@pytest.mark.parametrize(
    "text",
    [
        'a = """\nnot = "a key"\n"""\nb = 1',
        "a = '''\nb = 1\n'''\nb = 1",
        'a = "#" # b = 1\n\n\nb = 1',
        'a = [\n  1, # "]"\n]\nb = 1',
        'a = { c = "}" }\n\n\nb = 1',
        'a = """"quoted"""""\n\n\nb = 1',
        "a = 1979-05-27 07:32:00\na2 = 1.5e-3\na3 = 1\nb = 1",
        'a = "\\""\r\n\r\n\r\nb = 1',
    ],
)
def test_what_only_looks_like_a_key_is_none(text: str) -> None:
    assert tomllib.loads(text)["b"] == 1

    assert [position for path, position in places(text) if path == ("b",)] == [(4, 1)]


def test_keys_with_dots_and_quotes() -> None:
    text = "nodes.a.coro = 'x'\nnodes.\"b\\u0041\" . 'c.d' = 1\n[ nodes . e ]\n[[f]]"

    assert list(places(text)) == [
        (("nodes", "a", "coro"), (1, 1)),
        (("nodes", "bA", "c.d"), (2, 1)),
        (("nodes", "e"), (3, 1)),
        (("f",), (4, 1)),
    ]


def test_columns_are_counted_in_characters_also_behind_a_text_of_several_lines() -> None:
    text = '''a = ["é", """
x""", [
  1, 2]]'''

    assert list(places(text)) == [
        (("a",), (1, 1)),
        (("a", 0), (1, 6)),
        (("a", 1), (1, 11)),
        (("a", 2), (2, 7)),
        (("a", 2, 0), (3, 3)),
        (("a", 2, 1), (3, 6)),
    ]
