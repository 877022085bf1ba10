"""Types that are described by their members: protocols and dictionaries with named keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import NotRequired, Required, get_args, get_origin, get_type_hints

from attrs import frozen
from typing_extensions import ReadOnly, get_protocol_members

from typedpipes.definition.type_hints import Hint, substitute


def has_members(kind: type, protocol: type) -> bool:
    """Whether a class has what a protocol asks for, by the names alone."""
    names = {*_names(kind)}
    return "__getattr__" in names or get_protocol_members(protocol) <= names


_NOT_SHOWN = {"__lt__", "__le__", "__gt__", "__ge__"}
"""What `object` has and type checkers do not know of."""


def _names(kind: type) -> Iterator[str]:
    """Yield the names of what a class has, and of attributes that its methods may set."""
    for owner in kind.__mro__:
        yield from vars(owner).keys() - (_NOT_SHOWN if owner is object else set())
        yield from getattr(owner, "__annotations__", ())
        for member in vars(owner).values():
            if isinstance(member, FunctionType):
                yield from member.__code__.co_names


@frozen
class Key:
    """A key of a dictionary with named keys.

    Attributes:
        value: the type of its value.
        required: whether it is always there.
        fixed: whether its value cannot be set.
    """

    value: Hint
    required: bool
    fixed: bool


def keys_of(typed: Hint) -> Mapping[str, Key]:
    """Return the keys of a `TypedDict`, with the type arguments of a generic one put in.

    Raises:
        Exception: an annotation cannot be evaluated.
    """
    kind = get_origin(typed) or typed
    variables: Sequence[Hint] = getattr(kind, "__parameters__", ())
    found = dict(zip(variables, get_args(typed), strict=False))
    hints = get_type_hints(kind, include_extras=True)
    usual = getattr(kind, "__required_keys__", frozenset[str]())
    return {name: _key(hint, name in usual, found) for name, hint in hints.items()}


def _key(hint: Hint, required: bool, found: Mapping[Hint, Hint]) -> Key:
    fixed = False
    while (origin := get_origin(hint)) in (Required, NotRequired, ReadOnly):
        # An annotation that is a text shows only here whether its key is required.
        required = origin is Required or (required and origin is ReadOnly)
        fixed = fixed or origin is ReadOnly
        (hint,) = get_args(hint)
    return Key(substitute(hint, found), required, fixed)


def have_keys(
    given: Mapping[str, Key], taken: Mapping[str, Key], meet: Callable[[Hint, Hint], bool]
) -> bool:
    """Whether every dictionary with the given keys has those that are taken."""
    return all(name in given and _fits(given[name], key, meet) for name, key in taken.items())


def _fits(given: Key, taken: Key, meet: Callable[[Hint, Hint], bool]) -> bool:
    """Whether a key is one that may be read as the other, and be set and removed as that."""
    if not meet(given.value, taken.value):
        return False
    if taken.fixed:
        return given.required or not taken.required
    return not given.fixed and given.required == taken.required and meet(taken.value, given.value)
