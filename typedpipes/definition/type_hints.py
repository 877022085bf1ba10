"""Type hints: taken apart, put together, and formatted as a user would write them."""

from __future__ import annotations

import types
from collections.abc import MutableMapping, Sequence
from inspect import formatannotation
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin

from typing_extensions import TypeIs
from typing_extensions import TypeVar as TypeVarWithDefault

Hint: TypeAlias = object
"""What an annotation stands for: a class, a union, a generic alias ..."""

UNKNOWN: Hint = Any
"""Stands where there is no annotation, where it is `Any`, and where it cannot be evaluated."""

Found: TypeAlias = MutableMapping[Hint, Hint]
"""What type variables stand for, by variable."""

_LARGEST = 100
"""The most parts a substituted type may have: it grows along a chain of generic coroutines."""

_UNIONS = (Union, types.UnionType)
_VARIABLES = (TypeVar, TypeVarWithDefault)


def unwrap(hint: Hint) -> Hint:
    """Remove what does not matter for the type: metadata and type aliases."""
    while True:
        if get_origin(hint) is Annotated:
            hint = get_args(hint)[0]
        elif type(hint).__name__ == "TypeAliasType":  # from 3.12's `type` statement
            hint = getattr(hint, "__value__", UNKNOWN)
        else:
            return types.NoneType if hint is None else hint


def is_variable(hint: Hint) -> TypeIs[TypeVar]:
    """Whether it is a type variable."""
    return isinstance(hint, _VARIABLES)


def is_union(hint: Hint) -> bool:
    """Whether it is one of several types."""
    return get_origin(hint) in _UNIONS


def substitute(hint: Hint, found: Found) -> Hint:
    """Replace type variables by what they stand for; what is unknown or too large is `Any`."""
    whole = _put_in(hint, found)
    return UNKNOWN if whole is not hint and _is_large(whole) else whole


def _is_large(hint: Hint) -> bool:
    """Count the parts, up to a limit: where parts are shared, there may be 2**1000."""
    left = [hint]
    for _ in range(_LARGEST):
        if not left:
            return False
        left += get_args(left.pop())
    return True


def _put_in(hint: Hint, found: Found) -> Hint:
    hint = unwrap(hint)
    if is_variable(hint):
        return found.get(hint, UNKNOWN)
    parts = get_args(hint)
    if is_union(hint):
        return make_union([substitute(part, found) for part in parts])
    if not getattr(hint, "__parameters__", ()) or not parts:
        return hint
    whole: Any = hint  # Any: any generic alias, which takes as many as it has parameters
    return whole[tuple(found.get(each, UNKNOWN) for each in whole.__parameters__)]


def make_union(hints: Sequence[Hint]) -> Hint:
    """Make a union."""
    whole: Any = Union  # Any: made at run time, so no checker knows its members
    return whole[tuple(hints)]


def format_type(hint: Hint) -> str:
    """Write a type as a user would."""
    hint = unwrap(hint)
    origin, parts = get_origin(hint), get_args(hint)
    if hint in (None, types.NoneType):
        return "None"
    if hint is ...:
        return "..."
    if is_union(hint):
        return " | ".join(format_type(part) for part in parts)
    if isinstance(origin, type) and parts and not isinstance(parts[0], list):
        return f"{origin.__name__}[{', '.join(format_type(part) for part in parts)}]"
    return hint.__name__ if isinstance(hint, type) else formatannotation(hint)
