"""Fittings in a definition: what they take, and the parts that they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any, TypeAlias

from typedpipes.definition.definition import Connection, Definition
from typedpipes.definition.functions import PlainFunction
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import WAY_NAMES, NodeDefinition
from typedpipes.definition.roles import TypedNode
from typedpipes.definition.signature import Signature
from typedpipes.definition.type_hints import UNKNOWN, format_type
from typedpipes.fittings import Batch, Collector, Keep, Relay, Split
from typedpipes.ways import sorted_by, sorted_by_class

# Any: the load-time rule compares types
Fitting: TypeAlias = Keep[Any] | Batch | Split | Relay | Collector[Any]


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
    for way in node.switch:
        if way not in {each.way for each in outputs}:
            what = f"nothing takes the items that are {way}. Say in `graph` where they go."
            mistakes.add(node.path, what, code="wiring")
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
    for connection in outputs:
        if function.sends and connection.way not in function.sends:
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
    if node.kind == "every":
        return Batch(node.name, node.most, buffer=node.buffer, every=node.every)
    if node.join:
        collected = Collector[object](node.name, node.buffer)
        return Relay(node.name) if outputs else collected
    return None if function is None else _with_function(node, function, outputs)


def _with_function(
    node: NodeDefinition, function: PlainFunction, outputs: Sequence[Connection]
) -> Fitting:
    name, call, buffer = node.name, function.function, node.buffer
    match node.kind:
        case "only":
            kind: Any = call  # Any: a class
            return Keep(name, lambda item: isinstance(item, kind), kind, buffer)
        case "switch":
            kinds: Any = [*function.sends.values()]  # Any: classes
            return Split(name, sorted_by_class(kinds), len(kinds), kinds=kinds, buffer=buffer)
        case "split":
            ways = _count(function.sends or {each.way: UNKNOWN for each in outputs})
            return Split(name, sorted_by(name, call, ways), ways, call, buffer=buffer)
        case _:
            return Keep(name, call, buffer=buffer)


def _count(ways: Mapping[str, object]) -> int:
    """Return how many ways there are up to the last of these, 2 or more."""
    return max([2, *(WAY_NAMES.index(way) + 1 for way in ways if way)])
