"""Types that are written with the syntax of Python 3.12."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pytest

from typedpipes.definition.compatibility import is_compatible
from typedpipes.definition.type_hints import format_type

SYNTAX = """
type Row[T] = tuple[int, T]
type Tree = list[Tree] | str

class Box[T]: ...
class Item: ...
class Holds[T: Item]: ...

def first[T: Item](item: T) -> T: ...
"""
pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="older Pythons cannot read it")


@pytest.fixture
def names() -> Mapping[str, object]:
    found: dict[str, object] = {"__name__": __name__}
    exec(compile(SYNTAX, "syntax", "exec", dont_inherit=True), found)  # noqa: S102  # as above
    return found


@pytest.mark.parametrize(
    ("given", "taken", "meet"),
    [
        ("Row[bool]", "tuple[int, int]", True),
        ("Row[str]", "Row[int]", False),
        ("Tree", "Tree", True),
        ("list[Tree]", "Tree", True),
        ("int", "Tree", False),
        ("Box[bool]", "Box[int]", True),
        ("Box[int]", "Box[bool]", True),  # only type checkers know the variance
        ("Box[str]", "Box[int]", False),
        ("Item", "first.__annotations__['item']", True),
        ("int", "first.__annotations__['item']", False),
    ],
)
def test_what_meets(given: str, taken: str, meet: bool, names: dict[str, object]) -> None:
    one, other = (eval(each, names) for each in (given, taken))  # noqa: S307  # the texts above

    assert is_compatible(one, other, {}) is meet


def test_an_alias_is_shown_by_its_name(names: Mapping[str, object]) -> None:
    assert format_type(names["Tree"]) == "Tree"
