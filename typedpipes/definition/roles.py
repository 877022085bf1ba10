"""The role of a node, by its coroutine: a source, an input rig, a processor or a sink."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from types import NoneType
from typing import Any, Literal, TypeAlias

from attrs import frozen

from typedpipes.blueprint import Part
from typedpipes.coroutines import is_sure
from typedpipes.definition.arguments import convert_arguments
from typedpipes.definition.definition import Connection, Definition
from typedpipes.definition.functions import PlainFunction
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import NodeDefinition
from typedpipes.definition.signature import Signature
from typedpipes.definition.type_hints import UNKNOWN, Hint
from typedpipes.errors import WiringError
from typedpipes.processor import Processor, Sink
from typedpipes.source import InputRig, Source

Role: TypeAlias = Literal["source", "input rig", "processor", "sink", "fitting"]

_SETTINGS: Mapping[Role, Sequence[str]] = {
    "source": ("total",),
    "input rig": ("total",),
    "processor": ("workers", "ordered", "window", "buffer", "timeout", "keyed"),
    "sink": ("workers", "buffer", "timeout", "keyed"),
    "fitting": ("buffer",),
}
"""The settings that nodes with a coroutine have by their role."""

_OF_ROLES = {setting for each in _SETTINGS.values() for setting in each}


@frozen
class TypedNode:
    """A node whose role is known, and what its coroutine takes and gives.

    Attributes:
        node: as written in the definition.
        signature: the signature of its coroutine.
        role: what kind of part it is.
        key: the function that returns the key of an item, if it is keyed.
        function: the function of a fitting, if it has one.
    """

    node: NodeDefinition
    signature: Signature
    role: Role
    key: PlainFunction | None = None
    function: PlainFunction | None = None

    @property
    def takes(self) -> Hint:
        """The type of the items it takes."""
        return self.signature.takes

    @property
    def gives(self) -> Hint:
        """The type of the items it gives."""
        if self.role == "input rig":
            return UNKNOWN if self.signature.puts is None else self.signature.puts
        return self.signature.gives


def recognize(
    node: NodeDefinition, signature: Signature, definition: Definition, mistakes: Mistakes
) -> TypedNode | None:
    """Recognize the role of a node, by its signature and by what is connected to it.

    Return `None` if it has none, which is noted in `mistakes`.
    """
    inputs = definition.inputs[node.name]
    role = _role(node, signature, is_taker=bool(inputs))
    if role is None:
        what = f"nothing is connected to it{_no_giver(node)}. Say in `graph` what leads to it."
        mistakes.add(node.path, what, code="wiring")
        return None
    if inputs and role in {"source", "input rig"}:
        _refuse_inputs(role, signature, inputs, mistakes)
        return None
    if role == "sink" and signature.copied and _gives_on(definition.outputs[node.name]):
        role = "processor"  # its decorator makes something of the `None` that it wraps
    for setting in node.settings if node.kind == "coro" else ():
        if setting in _OF_ROLES and setting not in _SETTINGS[role]:
            what = f"{node.name} has no use for it: it is {_A[role]}. Leave it out."
            mistakes.add((*node.path, setting), what)
    return TypedNode(node, signature, role)


_A: Mapping[Role, str] = {
    "source": "a source",
    "input rig": "an input rig",
    "processor": "a processor",
    "sink": "a sink",
    "fitting": "a fitting",
}


def _role(node: NodeDefinition, signature: Signature, *, is_taker: bool) -> Role | None:
    match node.kind:
        case "fold":
            return "processor" if is_taker else None
        case "in_thread" | "source":
            return "source"
        case _:
            return _taker(signature) if is_taker else _giver(node, signature)


def _no_giver(node: NodeDefinition) -> str:
    return (
        "" if node.kind == "fold" else f", and {node.coro!r} is neither a source nor an input rig"
    )


def _taker(signature: Signature) -> Role:
    if signature.first is not None and signature.puts is None:
        gives_nothing = signature.kind == "coroutine" and signature.gives in (None, NoneType)
        return "sink" if gives_nothing else "processor"
    return "source" if signature.puts is None else "input rig"


def _refuse_inputs(
    role: Role, signature: Signature, inputs: Sequence[Connection], mistakes: Mistakes
) -> None:
    why = f"it is {_A[role]}. Remove the connection."
    if role == "source" and signature.kind == "coroutine":
        why = "its coroutine has no parameter that can be passed by position. Give it one."
    for connection in inputs:
        what = f"{connection.end} takes no items: {why}"
        mistakes.add(connection.path, what, str(connection), code="wiring")


def _gives_on(outputs: Sequence[Connection]) -> bool:
    return any(not (each.failures or each.outcomes) for each in outputs)


def takes_items(node: NodeDefinition, signature: Signature, definition: Definition) -> bool:
    """Whether the first parameter is for an item or a queue, as far as can be known."""
    return _role(node, signature, is_taker=bool(definition.inputs[node.name])) != "source"


def _giver(node: NodeDefinition, signature: Signature) -> Role | None:
    first = signature.first
    if signature.kind == "generator":
        return None if first is not None and _waits_for(first, node) else "source"
    if first is None and not is_sure(signature.function):
        return "source"  # a lambda, for instance: what it gives is looked at when it is called
    # Without an annotation, its argument can only be the queue: no items come here.
    unknown = first is not None and signature.takes is UNKNOWN
    return "input rig" if unknown or signature.puts is not None else None


def _waits_for(first: Parameter, node: NodeDefinition) -> bool:
    optional = first.default is not first.empty or first.kind is first.VAR_POSITIONAL
    return not optional and first.name not in node.args


def make_part(typed: TypedNode, outputs: Sequence[Connection], mistakes: Mistakes) -> Part | None:
    """Return the part, or `None` if anything is wrong with the node."""
    before = len(mistakes)
    values = convert_arguments(typed.node, typed.signature, mistakes, item=typed.role != "source")
    for connection in outputs:
        if (what := _why_not(connection, typed.role)) is not None:
            what = f"{what} Remove the connection."
            mistakes.add(connection.path, what, str(connection), code="wiring")
    if typed.role in {"source", "input rig"} and not outputs:
        what = "nothing takes what it gives. Say in `graph` where that goes."
        mistakes.add(typed.node.path, what, code="wiring")
    if len(mistakes) > before:
        return None
    try:
        return _make(typed, values)
    except WiringError as error:
        mistakes.add((*typed.node.path, typed.node.kind), str(error), code="wiring")
        return None


def _why_not(connection: Connection, role: Role) -> str | None:
    """Return why there cannot be such a connection, or `None` if there can."""
    apart = connection.failures or connection.outcomes
    if apart and role in {"source", "input rig"}:
        return f"{connection.start} takes no items, so no items fail in it."
    if role == "sink" and not apart:
        return f"{connection.start} gives nothing: it is a sink."
    return None


def _make(typed: TypedNode, values: Mapping[str, object]) -> Part:
    node = typed.node
    # Any: the load-time rule compares the types of connected coroutines.
    coro: Callable[..., Any] = typed.signature.function
    if values:
        coro = functools.partial(coro, **values)
    match node.kind:
        case "source":
            source: Source[Any] = coro()  # Any: as above
            return source
        case "in_thread":
            return Source.in_thread(
                coro, name=node.name, total=node.total, maxsize=node.maxsize, grace=node.grace
            )
        case "fold":
            return Processor.folding(coro, every=node.every, name=node.name, buffer=node.buffer)
        case _:
            pass
    if typed.role == "source":
        return Source(coro, name=node.name, total=node.total)
    if typed.role == "input rig":
        return InputRig(coro, name=node.name, total=node.total)
    settings: dict[str, Any] = {  # Any: checked by the annotations of NodeDefinition
        setting: getattr(node, setting)
        for setting in _SETTINGS[typed.role]
        if setting in node.settings and setting != "keyed"
    }
    make = Sink[Any] if typed.role == "sink" else Processor[Any, Any]
    made = make(coro, name=node.name, **settings)
    return made if typed.key is None else made.keyed(typed.key.function)
