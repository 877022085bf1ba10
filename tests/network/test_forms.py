"""How items travel: what arrives, which types have no form, and what the messages say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedpipes.network.errors import NotCarried
from typedpipes.network.form import Form, NoForm


class Colour(Enum):
    RED = "red"


class Point(NamedTuple):
    x: int
    y: float


class Named(TypedDict):
    name: str


@dataclass
class Tree:
    value: int
    children: list[Tree] = field(default_factory=list["Tree"])


@attrs.frozen
class Order:
    number: int
    when: datetime
    trees: tuple[Tree, ...] = ()


class Money:
    def __init__(self, cents: int) -> None:
        self.cents = cents

    def __repr__(self) -> str:
        return f"Money({self.cents})"


class MoneyCodec:
    def encode(self, item: Money, /) -> bytes:
        return str(item.cents).encode()

    def decode(self, data: bytes, /) -> Money:
        return Money(int(data))


@dataclass
class Place:
    path: Path


@dataclass
class Trip:
    stops: dict[str, list[Place]]


@pytest.mark.parametrize(
    ("hint", "item"),
    [
        (int, 2**63),
        (float, 3),
        (bytes, b"\x00\xff"),
        (str | None, None),
        (tuple[int, ...], (1, 2)),
        (set[str], {"a", "b", "c"}),
        (dict[int, str], {1: "one"}),
        (Colour, Colour.RED),
        (Point, Point(1, 2.5)),
        (Named, {"name": "x"}),
        (Tree, Tree(1, [Tree(2)])),
        (Order, Order(7, datetime(2026, 1, 1, tzinfo=UTC), (Tree(1),))),
    ],
)
def test_an_item_arrives_as_it_was_given(hint: object, item: object) -> None:
    form = Form(hint, {})

    arrives = form.decode(form.encode(item, "node"))

    assert arrives == item


@given(st.lists(st.one_of(st.integers(-(2**63), 2**64 - 1), st.text(), st.floats(), st.none())))
def test_any_items_of_plain_types_arrive(items: list[int | str | float | None]) -> None:
    form = Form(list[int | str | float | None], {})

    arrives = form.decode(form.encode(items, "node"))

    assert repr(arrives) == repr(items)


def test_an_object_of_any_class_travels_with_a_codec_also_inside_others() -> None:
    form = Form(dict[str, Money], {Money: MoneyCodec()})

    arrives = form.decode(form.encode({"price": Money(250)}, "node"))

    assert repr(arrives) == "{'price': Money(250)}"


@pytest.mark.parametrize(
    ("hint", "why"),
    [
        (Any, "it has no annotation"),
        (object, "it is of the class object"),
        (list[Any], "it may be anything"),
        (Money, "it is of the class Money"),
        (Trip, "the field 'path' of Place is of the class Path"),
        (asyncio.Future[int], "it is of the class Future"),
        (Callable[[int], int], "it is of the class Callable"),
        (dict[str, Exception], "it is of the class Exception"),
    ],
)
def test_a_type_without_a_form_is_refused_with_what_in_it_has_none(hint: object, why: str) -> None:
    with pytest.raises(NoForm) as caught:
        Form(hint, {})

    assert str(caught.value) == why


def test_a_union_whose_members_look_alike_is_refused() -> None:
    with pytest.raises(NoForm, match="more than one dataclass"):
        Form(Tree | Place, {Path: MoneyCodec()})


@pytest.mark.parametrize(
    ("hint", "item", "why"),
    [
        (int, "three", "Expected `int`, got `str`"),
        (int, 2**64, "can't serialize ints"),
        (Tree, Money(1), "there is no codec for Money"),
    ],
)
def test_an_item_that_is_not_what_the_edge_says_cannot_travel(
    hint: object, item: object, why: str
) -> None:
    form = Form(hint, {})

    with pytest.raises(NotCarried) as caught:
        form.encode(item, "parse")

    assert (caught.value.node, caught.value.item) == ("parse", item)
    assert why.lower() in str(caught.value).lower()


@given(st.binary())
def test_bytes_of_strangers_never_become_anything_else_than_the_type(data: bytes) -> None:
    form = Form(Tree, {})

    try:
        arrives = form._decode(data)
    except ValueError:
        return

    assert isinstance(arrives, Tree)
