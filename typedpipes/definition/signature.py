"""The signature of a coroutine function: its parameters, and what it takes and gives."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Coroutine,
    Mapping,
    Sequence,
)
from contextlib import suppress
from typing import Any, get_args, get_origin, get_overloads, get_type_hints

from attrs import frozen

from typedpipes.coroutines import kind_of
from typedpipes.definition.type_hints import UNKNOWN, Hint, unwrap
from typedpipes.processor import Failure
from typedpipes.promise import Function, Kind, bare, called
from typedpipes.queues import OutputQueue


@frozen
class Signature:
    """The signature of a coroutine function.

    Attributes:
        function: the coroutine function.
        kind: whether it gives one result per call or any number.
        parameters: its parameters; the first takes the item, or the queue of an input rig.
        hints: the type hints, by parameter, without those that are unknown.
        gives: the type of its results.
    """

    function: Function
    kind: Kind
    parameters: Sequence[inspect.Parameter]
    hints: Mapping[str, Hint]
    gives: Hint

    @property
    def first(self) -> inspect.Parameter | None:
        """The parameter that takes the item, if there is one."""
        kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
        first = self.parameters[0] if self.parameters else None
        return None if first is None or first.kind in kinds else first

    @property
    def takes(self) -> Hint:
        """The type of the items."""
        return UNKNOWN if self.first is None else unwrap(self.hints.get(self.first.name, UNKNOWN))

    @property
    def puts(self) -> Hint | None:
        """The type of the items that an input rig puts into its queue; `None` for others."""
        if (get_origin(self.takes) or self.takes) is not OutputQueue:
            return None
        return next(iter(get_args(self.takes)), UNKNOWN)


def signature_of(function: Function) -> Signature | None:
    """Return the signature of a coroutine function, or `None` if it has none, as in C code."""
    kind = kind_of(function, "a definition")
    try:
        parameters = tuple(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    hints = _hints(function)
    # What an overloaded one gives depends on what it takes: only type checkers know.
    returned = UNKNOWN if get_overloads(called(function)) else hints.get("return", UNKNOWN)
    return Signature(function, kind, parameters, hints, _result(function, kind, unwrap(returned)))


def _result(function: Function, kind: Kind, returned: Hint) -> Hint:
    origin, arguments = get_origin(returned) or returned, get_args(returned)
    if kind == "generator":
        generators = (AsyncIterator, AsyncIterable, AsyncGenerator)
        return arguments[0] if origin in generators and arguments else UNKNOWN
    if any(map(inspect.iscoroutinefunction, (called(function), inspect.unwrap(bare(function))))):
        return returned
    promises = (Awaitable, Coroutine, asyncio.Future, asyncio.Task)
    return arguments[-1] if origin in promises and arguments else UNKNOWN


def _hints(function: Function) -> Mapping[str, Hint]:
    function = called(function)
    try:
        hints: Mapping[str, Hint] = get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001  # an annotation may be any expression and raise anything
        hints = _each_alone(function)
    return {name: hint for name, hint in hints.items() if hint is not Any and _is_type(hint)}


def _each_alone(function: Function) -> Mapping[str, Hint]:
    """Evaluate the annotations one by one: some names may exist for type checkers only."""
    namespace = getattr(inspect.unwrap(function), "__globals__", {})
    hints: dict[str, Hint] = {}
    for name, annotation in getattr(function, "__annotations__", {}).items():
        stub = type("stub", (), {"__annotations__": {name: annotation}})
        with suppress(Exception):  # as above: this one stays unknown
            hints |= get_type_hints(stub, globalns=namespace, include_extras=True)
    return hints


def _is_type(hint: Hint) -> bool:
    """Whether it can be compared: not `P.args` of a decorator, and not a mistake like `-> 3`."""
    kind: Any = Failure  # Any: made at run time
    try:
        hash(kind[hint])
    except TypeError:
        return False
    return True
