"""The plain functions and classes that a definition names: what they take and return."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import get_args, get_origin

from attrs import Factory, frozen

from typedpipes.definition.annotations import hints_of
from typedpipes.definition.compatibility import is_compatible
from typedpipes.definition.definition import Definition
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import WAY_NAMES, Kind, NodeDefinition
from typedpipes.definition.registry import NotOffered, Registry
from typedpipes.definition.type_hints import (
    UNKNOWN,
    Hint,
    format_type,
    is_union,
    make_union,
    told_by,
    unwrap,
)
from typedpipes.promise import Function
from typedpipes.ways import WAYS


@frozen
class PlainFunction:
    """A plain function of one argument, under its name in a definition.

    Attributes:
        name: as written there.
        function: the function; or a class, of `only`.
        takes: the type of its argument.
        returns: the type of what it returns.
        narrows: the type that it recognizes: the one in its `TypeIs`, or the class.
        sends: what it sends each way, by the name of the way, if it says so.
    """

    name: str
    function: Function
    takes: Hint = UNKNOWN
    returns: Hint = UNKNOWN
    narrows: Hint = UNKNOWN
    sends: Mapping[str, Hint] = Factory(dict[str, Hint])


def keys_of(
    definition: Definition, registry: Registry, mistakes: Mistakes
) -> Mapping[str, PlainFunction]:
    """Look up the functions that return keys, by the nodes that name one."""
    keys: dict[str, PlainFunction] = {}
    for name, node in definition.nodes.items():
        if node.keyed is None:
            continue
        try:
            key = plain_function(node.keyed, registry.find_plain(node.keyed))
        except NotOffered as error:
            mistakes.add((*node.path, "keyed"), str(error))
            continue
        if _cannot_be_hashed(key.returns):
            what = (
                f"{node.keyed!r} returns {format_type(key.returns)}, which cannot be hashed, so it "
                "is no key. Return a str, an int or a tuple of such."
            )
            mistakes.add((*node.path, "keyed"), what)
        keys[name] = key
    return keys


def function_of(
    node: NodeDefinition, registry: Registry, mistakes: Mistakes
) -> PlainFunction | None:
    """Look up what a fitting names; `None` if that is nothing, and for a mistake."""
    if node.switch:
        return _switch(node, registry, mistakes)
    name = node.function
    if not name:
        return None
    try:
        if node.kind == "only":
            kind = registry.find_class(name)
            return PlainFunction(name, kind, narrows=kind)
        function = plain_function(name, registry.find_plain(name))
    except NotOffered as error:
        mistakes.add((*node.path, node.kind), str(error))
        return None
    if (what := _why_not(node.kind, function)) is not None:
        mistakes.add((*node.path, node.kind), what)
    return function


def _switch(node: NodeDefinition, registry: Registry, mistakes: Mistakes) -> PlainFunction | None:
    """Look up the classes of a switch, for what sorts items by them."""
    kinds: dict[str, type[object]] = {}
    for number, name in enumerate(node.switch):
        try:
            kinds[name] = registry.find_class(name)
        except NotOffered as error:
            mistakes.add((*node.path, "switch", number), str(error))
    if len(kinds) < len(node.switch):
        return None
    return PlainFunction(node.name, isinstance, make_union([*kinds.values()]), sends=kinds)


def _why_not(kind: Kind, function: PlainFunction) -> str | None:
    """Return what is wrong with what a function returns, if anything is."""
    name, returns = function.name, function.returns
    if kind == "narrow" and function.narrows is UNKNOWN:
        return f"{name!r} does not return a TypeIs, so it narrows nothing. Use keep."
    if kind == "keep" and not is_compatible(returns, bool, {}):
        return f"{name!r} returns {format_type(returns)}, and a test returns bool."
    if kind == "split" and returns is not UNKNOWN and not function.sends:
        return f"{name!r} returns {format_type(returns)}, and no First, Second and so on."
    return None


def plain_function(name: str, function: Function) -> PlainFunction:
    """Return a function with what it takes and returns, as far as it says so."""
    if hasattr(function, "__wrapped__"):  # what a decorator copied may be wrong
        return PlainFunction(name, function)
    hints = hints_of(function)
    try:
        parameters = [*inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):  # of C code that does not tell
        parameters = []
    takes = hints.get(parameters[0].name, UNKNOWN) if parameters else UNKNOWN
    returns = hints.get("return", UNKNOWN)
    sends = _sent(unwrap(returns))
    return PlainFunction(name, function, unwrap(takes), unwrap(returns), told_by(returns), sends)


def _sent(returned: Hint) -> Mapping[str, Hint]:
    """Return what a function with this result sends each way of a split."""
    each = get_args(returned) if is_union(returned) else (returned,)
    kinds = {get_origin(kind): kind for kind in each}
    return {
        name: get_args(kinds[way])[0]
        for name, way in zip(WAY_NAMES, WAYS, strict=True)
        if way in kinds
    }


def _cannot_be_hashed(hint: Hint) -> bool:
    kind: object = get_origin(hint) or hint
    return isinstance(kind, type) and getattr(kind, "__hash__", None) is None
