"""The plain functions that a definition names: what they take and return."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import get_origin

from attrs import frozen

from typedpipes.definition.annotations import hints_of
from typedpipes.definition.definition import Definition
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.registry import NotOffered, Registry
from typedpipes.definition.type_hints import UNKNOWN, Hint, format_type, unwrap
from typedpipes.promise import Function


@frozen
class PlainFunction:
    """A plain function of one argument, under its name in a definition.

    Attributes:
        name: as written there.
        function: the function.
        takes: the type of its argument.
        returns: the type of what it returns.
    """

    name: str
    function: Function
    takes: Hint
    returns: Hint


def keys_of(
    definition: Definition, registry: Registry, mistakes: Mistakes
) -> Mapping[str, PlainFunction]:
    """Look up the functions that return keys, by the nodes that name one."""
    keys: dict[str, PlainFunction] = {}
    for name, node in definition.nodes.items():
        if node.keyed is None:
            continue
        try:
            key = _plain(node.keyed, registry.find_plain(node.keyed))
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


def _plain(name: str, function: Function) -> PlainFunction:
    if hasattr(function, "__wrapped__"):  # what a decorator copied may be wrong
        return PlainFunction(name, function, UNKNOWN, UNKNOWN)
    hints = hints_of(function)
    try:
        parameters = [*inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):  # of C code that does not tell
        parameters = []
    takes = hints.get(parameters[0].name, UNKNOWN) if parameters else UNKNOWN
    return PlainFunction(name, function, unwrap(takes), unwrap(hints.get("return", UNKNOWN)))


def _cannot_be_hashed(hint: Hint) -> bool:
    kind: object = get_origin(hint) or hint
    return isinstance(kind, type) and getattr(kind, "__hash__", None) is None
