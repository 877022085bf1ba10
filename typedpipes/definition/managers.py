"""Functions that return async context managers: what they take, and what these open."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import AsyncIterable, Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Any, Self, get_origin

from attrs import frozen

from typedpipes.definition.annotations import hints_of
from typedpipes.definition.bases import arguments_as, parameters_of
from typedpipes.definition.signature import Signature, keeps_types, layers, list_parameters
from typedpipes.definition.type_hints import UNKNOWN, Hint, substitute, unwrap
from typedpipes.promise import Function


@frozen
class Manager:
    """What a function that makes a resource says of itself.

    Attributes:
        signature: what it takes, and the type of what is open.
        returns: the type that it returns, if that is certainly no async context manager.
    """

    signature: Signature
    returns: Hint = UNKNOWN


def manager_of(make: Function) -> Manager:
    """Return what is known of a function that makes a resource; a class is such a function, too."""
    *wrappers, inner = layers(make)
    decorated = any(map(_is_of_contextlib, wrappers))
    copied = not all(keeps_types(each) or _is_of_contextlib(each) for each in wrappers)
    hints = hints_of(inner)
    returned = UNKNOWN if copied else unwrap(hints.get("return", UNKNOWN))
    gives = _first_of(returned, AsyncIterable) if decorated else _entered(returned)
    parameters = list_parameters(make, follow_wrapped=True) or ()
    signature = Signature(make, "coroutine", parameters, hints, unwrap(gives), copied)
    wrong = _iterates_plainly(returned) if decorated else _is_no_manager(returned)
    return Manager(signature, returned if wrong else UNKNOWN)


def _is_of_contextlib(function: Function) -> bool:
    """Whether `asynccontextmanager` made it, or `contextmanager`."""
    return getattr(function, "__globals__", None) is vars(contextlib)


def _entered(manager: Hint) -> Hint:
    """Return the type of what a context manager of this type is as, in `async with`."""
    kind = get_origin(manager) or manager
    if manager is UNKNOWN or not isinstance(kind, type):
        return UNKNOWN
    owner = next((each for each in kind.__mro__ if "__aenter__" in vars(each)), None)
    enter: Function | None = None if owner is None else vars(owner)["__aenter__"]
    if owner is None or enter is None or "return" not in (hints := hints_of(enter)):
        return _first_of(manager, AbstractAsyncContextManager)
    if (entered := hints["return"]) is Self:
        return manager
    if not inspect.iscoroutinefunction(enter):
        entered = _first_of(entered, Awaitable)
    arguments = arguments_as(manager, owner) or ()
    return substitute(entered, dict(zip(parameters_of(owner), arguments, strict=False)))


def _first_of(given: Hint, kind: type[Any]) -> Hint:  # Any: of all types
    """Return the first type argument of a class that the given type is one of."""
    return next(iter(arguments_as(given, kind) or ()), UNKNOWN)


def _iterates_plainly(returned: Hint) -> bool:
    return returned is not UNKNOWN and arguments_as(returned, AsyncIterable) is None


def _is_no_manager(returned: Hint) -> bool:
    kind = get_origin(returned) or returned
    if returned is UNKNOWN or not isinstance(kind, type):
        return False
    return not (hasattr(kind, "__aenter__") or hasattr(kind, "__getattr__"))
