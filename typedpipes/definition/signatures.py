"""The signatures of what nodes name that are no fittings: looked up, and passed resources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from typedpipes.definition.definition import Definition
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import FITTINGS, Kind
from typedpipes.definition.registry import NotOffered, Registry
from typedpipes.definition.resources import Passing
from typedpipes.definition.signature import (
    Signature,
    signature_in_thread,
    signature_of,
    signature_of_fold,
)
from typedpipes.definition.sources import given_by


def find_signatures(
    definition: Definition, registry: Registry, passing: Passing, mistakes: Mistakes
) -> Mapping[str, Signature]:
    """Look up what all nodes name, and pass it their resources."""

    @cache  # many nodes may share a coroutine
    def look_up(kind: Kind, name: str) -> Signature | None:
        return _look_up(kind, name, registry)

    signatures: dict[str, Signature] = {}
    for name, node in definition.nodes.items():
        if node.kind in FITTINGS or not node.function:
            continue
        try:
            signature = look_up(node.kind, node.function)
        except NotOffered as error:
            mistakes.add((*node.path, node.kind), str(error))
            continue
        if signature is None:
            wrapper = "a `def`" if node.kind == "in_thread" else "an `async def`"
            what = f"{node.function!r} has no signature. Wrap it in {wrapper}."
            mistakes.add((*node.path, node.kind), what)
        elif (passed := passing.to(node, signature)) is not None:
            signatures[name] = passed.with_arguments(node.args)
    _refuse_twice(definition, mistakes)
    return signatures


def _look_up(kind: Kind, name: str, registry: Registry) -> Signature | None:
    match kind:
        case "fold":
            return signature_of_fold(registry.find_fold(name))
        case "in_thread":
            return signature_in_thread(registry.find_iterated(name))
        case "source":
            source = registry.find_source(name)
            return Signature(lambda: source, "generator", (), {}, given_by(source))
        case _:
            return signature_of(registry.find(name))


def _refuse_twice(definition: Definition, mistakes: Mistakes) -> None:
    """Note the sources made in code that several nodes name: each is in a drawing once."""
    named: dict[str, str] = {}
    for name, node in definition.nodes.items():
        if node.source is not None and named.setdefault(node.source, name) != name:
            what = f"{node.source!r} is {named[node.source]!r} already. Connect from that."
            mistakes.add((*node.path, "source"), what)
