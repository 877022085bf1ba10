"""Fittings in a definition: what they take, and the parts that they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any, TypeAlias

from typedpipes.definition.definition import (
    WAY_NAMES,
    Connection,
    Definition,
    NodeDefinition,
)
from typedpipes.definition.functions import PlainFunction
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.roles import TypedNode
from typedpipes.definition.signature import Signature
from typedpipes.definition.type_hints import UNKNOWN, format_type
from typedpipes.fittings import Batch, Keep, Split
from typedpipes.ways import sorted_by

Fitting: TypeAlias = Keep[Any] | Batch | Split  # Any: the load-time rule compares types


def recognize_fitting(
    node: NodeDefinition,
    function: PlainFunction | None,
    definition: Definition,
    mistakes: Mistakes,
) -> TypedNode | None:
    """Return what a fitting takes, as if it were a coroutine; what it gives depends on that.

    Return `None` if it cannot be connected so, which is noted in `mistakes`.
    """
    before = len(mistakes)
    outputs = definition.outputs[node.name]
    if not definition.inputs[node.name]:
        what = "nothing is connected to it. Say in `graph` what leads to it."
        mistakes.add(node.path, what, code="wiring")
    for connection in outputs:
        if connection.failures or connection.outcomes:
            what = f"{node.name} is no processor, so no items fail in it. Remove the connection."
            mistakes.add(connection.path, what, str(connection), code="wiring")
    if node.split is not None and function is not None:
        _refuse_other_ways(function, outputs, mistakes)
    if len(mistakes) > before:
        return None
    item = Parameter("item", Parameter.POSITIONAL_ONLY)
    hints = {} if function is None else {"item": function.takes}
    called: Callable[..., object] = bool if function is None else function.function
    signature = Signature(called, "coroutine", (item,), hints, UNKNOWN)
    return TypedNode(node, signature, "fitting", function=function)


def _refuse_other_ways(
    function: PlainFunction, outputs: Sequence[Connection], mistakes: Mistakes
) -> None:
    ways = function.ways()
    for connection in outputs:
        if ways and connection.way not in ways:
            mistakes.add(
                connection.path,
                f"{function.name!r} sends nothing the {connection.way} way: it returns "
                f"{format_type(function.returns)}. Leave it out.",
                str(connection),
            )


def make_fitting(typed: TypedNode, outputs: Sequence[Connection]) -> Fitting | None:
    """Return the part, or `None` if its function is missing, which is noted already."""
    node, function = typed.node, typed.function
    if node.batch is not None:
        return Batch(node.name, node.batch, node.within, node.buffer)
    if function is None:
        return None
    if node.split is not None:
        ways = _count(function.ways() or {each.way: UNKNOWN for each in outputs})
        sort = sorted_by(node.name, function.function, ways)
        return Split(node.name, sort, ways, function.function, buffer=node.buffer)
    if node.only is None:
        return Keep(node.name, function.function, buffer=node.buffer)
    kind: Any = function.function  # Any: a class
    return Keep(node.name, lambda item: isinstance(item, kind), kind, node.buffer)


def _count(ways: Mapping[str, object]) -> int:
    """Return how many ways there are up to the last of these, 2 or more."""
    return max([2, *(WAY_NAMES.index(way) + 1 for way in ways if way)])
