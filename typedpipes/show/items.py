"""The item type of each edge of a blueprint, by the annotations of its coroutines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec, Part
from typedpipes.definition.compatibility import is_compatible
from typedpipes.definition.functions import plain_function
from typedpipes.definition.node import WAY_NAMES
from typedpipes.definition.signature import Signature, signature_of
from typedpipes.definition.sources import given_by
from typedpipes.definition.type_hints import (
    UNKNOWN,
    Found,
    Hint,
    format_type,
    make_union,
    substitute,
)
from typedpipes.drawing import IsOutcome
from typedpipes.fittings import Batch, Keep, Split
from typedpipes.processor import Failure, Processor
from typedpipes.promise import Function
from typedpipes.source import Source


class Items:
    """The item types of a blueprint, as text; `""` where there are no annotations.

    A node without annotations does not hide what its neighbour declares: where the start of
    an edge does not declare what it gives, the edge shows what its end takes.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._given: dict[str, Hint] = {}
        self._results: dict[str, Hint] = {}  # given, without failures among the outcomes
        self._taken: dict[str, Hint] = {}
        self._parts: dict[str, Part] = {}
        self._wanted: Mapping[str, Hint] = {
            node.name: _wanted(node.part) for node in blueprint.nodes
        }
        for node in blueprint.nodes:
            taken = self._combined(node)
            if _is_vague(taken) and self._wanted[node.name] is not UNKNOWN:
                taken = self._wanted[node.name]
            self._taken[node.name] = taken
            given = self._results[node.name] = _given(node.part, taken)
            if isinstance(node.part, Keep) and isinstance(node.part.test, IsOutcome):
                start = node.inputs[0].start
                failures = node.part.test.failures
                given = _generic(Failure, self._taken[start]) if failures else self._results[start]
            if node.outcomes and given is not UNKNOWN and taken is not UNKNOWN:
                given = make_union([given, _generic(Failure, taken)])
            self._given[node.name] = given
            self._parts[node.name] = node.part

    def of(self, node: NodeSpec) -> str:
        """Return what the node takes, all its inputs together."""
        return _format(self._taken[node.name])

    def along(self, edge: EdgeSpec, node: NodeSpec) -> str:
        """Return what goes along an edge that leads to the node."""
        return _format(self.hint_along(edge, node))

    def hint_along(self, edge: EdgeSpec, node: NodeSpec) -> Hint:
        """Return the same as a type; `UNKNOWN` where there are no annotations."""
        given = self._along(edge)
        if given is not UNKNOWN:
            return given
        wanted = self._wanted[node.name]
        if node.how == "zip":
            parts: Sequence[Hint] = get_args(wanted) if get_origin(wanted) is tuple else ()
            wanted = parts[node.inputs.index(edge)] if len(parts) == len(node.inputs) else UNKNOWN
        return wanted

    def hint_of_results(self, node: NodeSpec) -> Hint:
        """Return the type of the results of a node, also where its failures go on with them."""
        return self._results[node.name]

    def _along(self, edge: EdgeSpec) -> Hint:
        if edge.failures:
            return _generic(Failure, self._taken[edge.start])
        part = self._parts[edge.start]
        if isinstance(part, Split) and edge.way is not None:
            return _on_way(part, edge.way)
        return self._given[edge.start]

    def _combined(self, node: NodeSpec) -> Hint:
        inputs = [self._along(edge) for edge in node.inputs]
        if node.how == "zip":
            return _generic(tuple, *inputs)
        return make_union(inputs) if inputs else UNKNOWN


def _given(part: Part, taken: Hint) -> Hint:
    match part:
        case Processor():
            signature = _signature(part.coro)
            found: Found = {}
            is_compatible(taken, signature.takes, found)
            return substitute(signature.gives, found)
        case Source():
            return given_by(part)
        case Keep():
            narrowed = part.kind or plain_function("", part.test).narrows
            return taken if narrowed is UNKNOWN else narrowed
        case Batch():
            return _generic(list, taken)
        case _:
            return taken


def _on_way(split: Split, way: int) -> Hint:
    """Return what goes one way of a split, as its function declares it."""
    if split.kinds:
        return split.kinds[way]
    if split.function is None:
        return UNKNOWN
    return plain_function("", split.function).sends.get(WAY_NAMES[way], UNKNOWN)


def _wanted(part: Part) -> Hint:
    if isinstance(part, Processor):
        return substitute(_signature(part.coro).takes, {})
    return UNKNOWN


def _signature(function: Function) -> Signature:
    return signature_of(function) or Signature(function, "coroutine", (), {}, UNKNOWN)


def _generic(kind: Any, *arguments: Hint) -> Hint:  # noqa: ANN401  # made at run time
    return kind[arguments]


def _is_vague(hint: Hint) -> bool:
    return hint is UNKNOWN or any(map(_is_vague, get_args(hint)))


def _format(hint: Hint) -> str:
    return "" if hint is UNKNOWN else format_type(hint)
