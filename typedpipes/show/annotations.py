"""What a coroutine takes and gives, as it is annotated, and how a type is spelled."""

from __future__ import annotations

import builtins
import collections.abc
import functools
import inspect
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Hashable,
    Iterable,
    Mapping,
)
from functools import reduce
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

Hint: TypeAlias = Any
"""What may stand in an annotation. Any: types are no type that Python can name."""


class Unknown:
    """Stands for the type where nobody annotated it."""


_WRAPPINGS: set[object] = {Awaitable, Coroutine, AsyncIterable, AsyncIterator, AsyncGenerator}


def takes(function: Callable[..., object]) -> Hint:
    """Give the type of the first parameter."""
    try:
        first = next(iter(inspect.signature(function).parameters), "")
    except (TypeError, ValueError):  # written in C: it does not say
        return Unknown
    return _hints(function).get(first, Unknown)


def gives(function: Callable[..., object]) -> Hint:
    """Give the type of what comes out: of an awaitable its result, of a generator its items."""
    result = _hints(function).get("return", Unknown)
    if inspect.iscoroutinefunction(_bare(function)):
        return result
    if origin(result) in _WRAPPINGS:
        arguments = get_args(result)
        return arguments[-1 if origin(result) is Coroutine else 0]
    return Unknown if result in _WRAPPINGS else result


def promises(test: Callable[..., object]) -> Hint:
    """Give the type that a test declared with `TypeIs` narrows to."""
    result = _hints(test).get("return", Unknown)
    return get_args(result)[0] if "TypeIs" in str(origin(result)) else Unknown


def _bare(function: Callable[..., object]) -> Callable[..., object]:
    while isinstance(function, functools.partial):
        function = function.func
    return function if inspect.isroutine(function) else type(function).__call__


def _hints(function: Callable[..., object]) -> Mapping[str, Hint]:
    function = _bare(function)
    written = inspect.unwrap(function)
    try:
        names = _Names(getattr(written, "__globals__", {}))
        return get_type_hints(function, localns=names, include_extras=True)
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        return {}


class _Names(dict[str, Hint]):
    """What the names in annotations mean where the module knows them only while it is checked."""

    def __init__(self, known: Mapping[str, object]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, name: str) -> Hint:
        if name in self._known or hasattr(builtins, name):
            raise KeyError(name)
        for module in (collections.abc, typing):
            if hasattr(module, name):
                return getattr(module, name)
        return type(name, (_OnlyChecked,), {})


class _OnlyChecked:
    """A type that is imported only while it is checked."""

    @classmethod
    def __class_getitem__(cls, _: object) -> type:
        return cls


def solved(parameter: Hint, given: Hint) -> Mapping[Hint, Hint]:
    """Find what the type variables of a parameter stand for when it is given a type."""
    if isinstance(parameter, typing.TypeVar):
        return {parameter: given}
    found: dict[Hint, Hint] = {}
    if origin(parameter) == origin(given):
        for each, other in zip(get_args(parameter), get_args(given), strict=False):
            found |= solved(each, other)
    return found


def replaced(hint: Hint, meanings: Mapping[Hint, Hint]) -> Hint:
    """Put what is known in the place of type variables."""
    if isinstance(hint, typing.TypeVar):
        return meanings.get(hint, Unknown)
    free = getattr(hint, "__parameters__", ())
    if not free or isinstance(hint, type):
        return hint
    return hint[tuple(meanings.get(each, Unknown) for each in free)]


def origin(hint: Hint) -> object:
    """Give `list` of `list[int]`; None of what has no arguments."""
    return get_origin(hint)


def generic(kind: Hint, *arguments: Hint) -> Hint:
    """Give the generic type with these arguments."""
    return kind[arguments]


def union(hints: Iterable[Hint]) -> Hint:
    """Give the union of types; unknown if there are none."""
    several = iter(hints)
    return reduce(lambda one, other: one | other, several, next(several, Unknown))


def spelled(hint: Hint) -> str:
    """Write a type as one would in an annotation, without the names of modules.

    >>> spelled(dict[str, list[int] | None])
    'dict[str, list[int] | None]'
    """
    arguments = get_args(hint)
    match origin(hint):
        case None:
            return _name(hint)
        case typing.Union | types.UnionType:
            return " | ".join(map(spelled, arguments))
        case typing.Annotated:
            return spelled(arguments[0])
        case typing.Literal:
            return f"Literal[{', '.join(map(repr, arguments))}]"
        case kind:
            return f"{spelled(kind)}[{', '.join(map(spelled, arguments))}]"


def _name(hint: Hint) -> str:
    if not isinstance(hint, Hashable):  # the parameters of a callable, in a list
        return f"[{', '.join(map(spelled, hint))}]"
    plain: dict[object, str] = {
        Ellipsis: "...",
        None: "None",
        types.NoneType: "None",
        Unknown: "?",
    }
    if hint in plain:
        return plain[hint]
    name = getattr(hint, "__qualname__", None) or getattr(hint, "__name__", None) or str(hint)
    return str(name).rpartition("<locals>.")[2].removeprefix("typing.")
