"""Type hints: taken apart, put together, and formatted as a user would write them."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping, MutableMapping, Sequence
from inspect import formatannotation
from typing import (
    Annotated,
    Any,
    ForwardRef,
    LiteralString,
    Self,
    TypeAlias,
    TypeGuard,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from typing_extensions import TypeAliasType, TypeIs
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
_TOLD = (TypeGuard, TypeIs)


def told_by(hint: Hint) -> Hint:
    """Return the type that a test with this result tells: the one in its `TypeIs`."""
    return get_args(hint)[0] if get_origin(hint) is TypeIs else UNKNOWN


def unwrap(hint: Hint) -> Hint:
    """Remove what does not matter for the type, such as metadata and aliases."""
    while True:
        origin = get_origin(hint) or hint
        if origin is Annotated:
            hint = get_args(hint)[0]
        elif is_alias(origin):
            hint = _value_of(origin, get_args(hint))
        elif hint is None:
            return types.NoneType
        elif hint is LiteralString:
            return str  # as for mypy
        elif origin in _TOLD:
            return bool
        else:
            return UNKNOWN if hint is Self or isinstance(hint, str | ForwardRef) else hint


def is_alias(hint: Hint) -> TypeIs[TypeAliasType]:
    """Whether it is an alias that a `type` statement made, or its like of typing-extensions."""
    return type(hint).__name__ == "TypeAliasType"


def _value_of(alias: TypeAliasType, arguments: Sequence[Hint]) -> Hint:
    try:
        value: Hint = alias.__value__
    except Exception:  # noqa: BLE001  # any expression, which may raise anything
        return UNKNOWN
    value = evaluate_text(value, alias)
    return substitute(value, dict(zip(alias.__type_params__, arguments, strict=False)))


def evaluate_text(hint: Hint, owner: TypeAliasType | TypeVar) -> Hint:
    """Return what a hint stands for that is a text in an alias or a type variable."""
    text = hint.__forward_arg__ if isinstance(hint, ForwardRef) else hint
    module = sys.modules.get(owner.__module__ or "")
    return evaluate(text, vars(module)) if isinstance(text, str) and module is not None else hint


def evaluate(annotation: object, namespace: Mapping[str, object]) -> Hint:
    """Return what a single annotation stands for; others may name what only checkers see."""
    stub = type("stub", (), {"__annotations__": {"it": annotation}})
    try:
        hints: Mapping[str, Hint] = get_type_hints(stub, dict(namespace), include_extras=True)
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        return UNKNOWN
    return hints["it"]


def is_variable(hint: Hint) -> TypeIs[TypeVar]:
    """Whether it is a type variable."""
    return isinstance(hint, _VARIABLES)


def is_union(hint: Hint) -> bool:
    """Whether it is one of several types."""
    return get_origin(hint) in _UNIONS


def substitute(hint: Hint, found: Mapping[Hint, Hint]) -> Hint:
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


def _put_in(hint: Hint, found: Mapping[Hint, Hint]) -> Hint:
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
    if is_alias(get_origin(hint) or hint):
        return formatannotation(hint)
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


def format_both(given: Hint, taken: Hint) -> tuple[str, str]:
    """Write two types that differ, in full where they look the same."""
    one, other = format_type(given), format_type(taken)
    return (one, other) if one != other else (formatannotation(given), formatannotation(taken))
