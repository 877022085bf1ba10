"""The signature of a coroutine function: its parameters, and what it takes and gives."""

from __future__ import annotations

import inspect
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from inspect import iscoroutinefunction
from types import FunctionType
from typing import Any, get_args, get_origin, get_overloads

from attrs import evolve, frozen

from typedpipes.coroutines import kind_of
from typedpipes.definition.annotations import hints_of
from typedpipes.definition.bases import arguments_as
from typedpipes.definition.folds import folded_by, made_by
from typedpipes.definition.type_hints import UNKNOWN, Hint, is_union, make_union, unwrap
from typedpipes.fold import is_folded
from typedpipes.promise import Function, Kind, bare, called
from typedpipes.queues import OutputQueue

_ITEM = "__item"
"""The parameter of a fold that takes the item; what makes its state may have an `item`."""


@frozen
class Signature:
    """The signature of a coroutine function.

    Attributes:
        function: the coroutine function; what makes a fold, or returns a source made in code.
        kind: whether it gives one result per call or any number.
        parameters: its parameters; the first takes the item, or the queue of an input rig.
        hints: the type hints, by parameter, without those that are unknown.
        gives: the type of its results.
        copied: whether a decorator copied the hints from what it wraps. It may take and give
            anything else.
    """

    function: Function
    kind: Kind
    parameters: Sequence[inspect.Parameter]
    hints: Mapping[str, Hint]
    gives: Hint
    copied: bool = False

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

    def with_arguments(self, names: Collection[str]) -> Signature:
        """Return the signature that goes with these arguments.

        A decorator may change the call: where what it wraps does not take an item and these
        arguments, or these arguments alone, the parameters of the decorator count. Its
        `**kwargs` take no names that are not known.
        """
        whole = inspect.Signature(self.parameters, __validate_parameters__=False)
        if not self.copied or any(_fits(whole, count, names) for count in (1, 0)):
            return self
        own = list_parameters(self.function, follow_wrapped=False)
        if own is None or not {*names} <= {each.name for each in (*self.parameters, *own)}:
            return self
        return evolve(self, parameters=own, hints={})


def _fits(signature: inspect.Signature, count: int, names: Collection[str]) -> bool:
    try:
        signature.bind(*[None] * count, **dict.fromkeys(names))
    except TypeError:
        return False
    return True


def signature_of(function: Function) -> Signature | None:
    """Return the signature of a coroutine function, or `None` if it has none, as in C code."""
    if is_folded(function):
        return signature_of_fold(function.make)
    kind = kind_of(function, "a definition")
    return _read(function, kind, Awaitable if kind == "coroutine" else AsyncIterable)


def signature_in_thread(function: Function) -> Signature | None:
    """Return the same of a plain function whose iterable is read in a thread: it takes no item."""
    return _read(function, "generator", Iterable)


def _read(function: Function, kind: Kind, promise: type[Any]) -> Signature | None:
    """Return the signature of a function that promises results inside of this type.

    `promise` is generic in the results. Any: they are what is looked for.
    """
    parameters = list_parameters(function, follow_wrapped=True)
    if parameters is None:  # perhaps the wrapper tells
        parameters = list_parameters(function, follow_wrapped=False)
    if parameters is None:
        return None
    *wrappers, inner = layers(function)
    hints = hints_of(inner)
    gives = unwrap(hints.get("return", UNKNOWN))
    if _is_overloaded(called(inner)):
        gives = UNKNOWN  # it depends on what is taken, so only type checkers know
    elif kind == "generator" or not any(map(iscoroutinefunction, map(called, (*wrappers, inner)))):
        gives = _inside(gives, promise)
    copied = not all(map(keeps_types, wrappers))
    return Signature(function, kind, parameters, hints, gives, copied)


def signature_of_fold(make: Function) -> Signature:
    """Return the signature of a fold: its state takes items, what makes it takes the rest."""
    taken, given = folded_by(made_by(make))
    first = inspect.Parameter(_ITEM, inspect.Parameter.POSITIONAL_ONLY)
    parameters = [first, *(list_parameters(make, follow_wrapped=True) or ())]
    hints = {**hints_of(bare(make)), _ITEM: taken}
    return Signature(make, "generator", parameters, hints, given)


def list_parameters(
    function: Function, *, follow_wrapped: bool
) -> Sequence[inspect.Parameter] | None:
    """Return the parameters of a function; `None` if it does not tell, being written in C."""
    try:
        found = inspect.signature(function, follow_wrapped=follow_wrapped)
    except (TypeError, ValueError):
        return None
    return tuple(found.parameters.values())


def layers(function: Function) -> Iterator[Function]:
    """Yield a function, what it wraps, and so on."""
    layer: Function | None = function
    while callable(layer):
        yield (layer := bare(layer))
        layer = getattr(layer, "__wrapped__", None)


def keeps_types(function: Function) -> bool:
    """Whether typedpipes made it, as `bind`, `in_thread` and `into` do, which keep the types."""
    module = str(getattr(function, "__globals__", {}).get("__name__"))
    return module.partition(".")[0] == __name__.partition(".")[0]


def _inside(returned: Hint, promise: type[Any]) -> Hint:  # Any: as above
    """Return the type of what is awaited or iterated over."""
    if is_union(returned):
        return make_union([_inside(each, promise) for each in get_args(returned)])
    return next(iter(arguments_as(returned, promise) or ()), UNKNOWN)


def _is_overloaded(function: Function) -> bool:
    function = getattr(function, "__func__", function)
    return isinstance(function, FunctionType) and bool(get_overloads(function))
