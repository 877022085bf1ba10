"""The load-time rule: what a node gives must be what the next one takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any, get_args, get_origin

from typedpipes.definition.compatibility import is_compatible
from typedpipes.definition.definition import Connection, Definition
from typedpipes.definition.functions import PlainFunction
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.roles import TypedNode
from typedpipes.definition.type_hints import (
    UNKNOWN,
    Found,
    Hint,
    format_both,
    make_union,
    substitute,
    unwrap,
)
from typedpipes.processor import Failure


def check_connections(
    definition: Definition,
    typed_nodes: Mapping[str, TypedNode],
    mistakes: Mistakes,
    *,
    strict: bool,
) -> None:
    """Compare the annotations at both ends of every connection.

    Args:
        definition: the definition whose connections to check. It has no cycles.
        typed_nodes: its nodes, without those that could not be recognized.
        mistakes: collects the connections whose ends do not meet.
        strict: whether a missing annotation is a mistake too.
    """
    checker = _Checker(typed_nodes, mistakes)
    sorter = TopologicalSorter[str](dict.fromkeys(definition.nodes, ()))
    for connection in definition.connections:
        sorter.add(connection.end, connection.start)
    for name in sorter.static_order():
        if name in typed_nodes:
            checker.check(name, definition.inputs[name])
    if strict:
        for name, typed in typed_nodes.items():
            _refuse_unknown(typed, definition.inputs[name], mistakes)


class _Checker:
    """Goes from upstream to downstream: what a generic coroutine gives depends on its input."""

    def __init__(self, typed_nodes: Mapping[str, TypedNode], mistakes: Mistakes) -> None:
        self._nodes = typed_nodes
        self._mistakes = mistakes
        self._takes: dict[str, Hint] = {}
        self._gives: dict[str, Hint] = {}

    def check(self, name: str, inputs: Sequence[Connection]) -> None:
        """Compare what a node takes with what all its inputs give."""
        typed = self._nodes[name]
        found: Found = {}
        # Hints that a decorator copied may be wrong; mypy knows what it takes and gives.
        taken = unwrap(typed.takes) if inputs and not typed.signature.copied else UNKNOWN
        parts: Sequence[Hint] = get_args(taken)
        if self._may_be_either(typed, inputs):
            pass  # `aggregate_inputs` is invalid, which is noted already
        elif len(inputs) < 2 or typed.node.how != "zip":
            for connection in inputs:
                self._check_one(connection, taken, found)
        elif get_origin(taken) is tuple and len(parts) == len(inputs) and ... not in parts:
            for number, (connection, part) in enumerate(zip(inputs, parts, strict=True), 1):
                self._check_one(connection, part, found, f" as item {number} of its tuple")
        else:
            self._check_tuple(inputs, taken, found)
        self._takes[name] = substitute(taken, found)
        if typed.key is not None:
            self._check_key(typed, typed.key, self._takes[name])
        self._gives[name] = self._passed_on(typed, inputs)
        if typed.role != "fitting":
            gives = UNKNOWN if typed.signature.copied else typed.gives
            self._gives[name] = substitute(gives, found)

    def _passed_on(self, typed: TypedNode, inputs: Sequence[Connection]) -> Hint:
        """Return what a fitting gives, which depends on what it is given."""
        if typed.function is not None and typed.function.narrows is not UNKNOWN:
            return typed.function.narrows
        given: Any = tuple(self._given(each) for each in inputs)  # Any: made at run time
        whole: Hint = UNKNOWN
        if given and typed.node.how == "zip" and len(given) > 1:
            whole = tuple[given]
        elif given:
            whole = make_union(given)
        kind: Any = list  # Any: as above
        return kind[whole] if typed.node.kind in ("batch", "every") else whole

    def _may_be_either(self, typed: TypedNode, inputs: Sequence[Connection]) -> bool:
        """Whether it is unknown if several inputs are a zip or a merge."""
        return len(inputs) > 1 and self._mistakes.concern(*typed.node.path, "aggregate_inputs")

    def _given(self, connection: Connection) -> Hint:
        if connection.way:
            sort = (
                self._nodes[connection.start].function if connection.start in self._nodes else None
            )
            return UNKNOWN if sort is None else sort.sends.get(connection.way, UNKNOWN)
        gives = self._gives.get(connection.start, UNKNOWN)
        if not (connection.failures or connection.outcomes):
            return gives
        kind: Any = Failure  # Any: made at run time
        failure = kind[self._takes.get(connection.start, UNKNOWN)]
        return failure if connection.failures else make_union([gives, failure])

    def _check_key(self, typed: TypedNode, key: PlainFunction, taken: Hint) -> None:
        found: Found = {}
        if is_compatible(taken, key.takes, found):
            return
        one, other = format_both(taken, substitute(key.takes, found))
        self._mistakes.add(
            (*typed.node.path, "keyed"),
            f"{typed.node.name} takes {one}, and its key {key.name!r} takes {other}. Name a "
            f"function that takes {one}.",
            code="connection",
        )

    def _check_one(
        self, connection: Connection, taken: Hint, found: Found, place: str = ""
    ) -> None:
        given = self._given(connection)
        if is_compatible(given, taken, found):
            return
        one, other = format_both(given, substitute(taken, found))
        verb = "fails with" if connection.failures else "gives"
        self._mistakes.add(
            connection.path,
            f"{connection.start} {verb} {one}, {connection.end} takes {other}{place}. "
            f"Put a node between them that turns {one} into {other}.",
            str(connection),
        )

    def _check_tuple(self, inputs: Sequence[Connection], taken: Hint, found: Found) -> None:
        parts: Any = tuple(self._given(each) for each in inputs)  # Any: made at run time
        given: Hint = tuple[parts]
        if is_compatible(given, taken, found):
            return
        one, other = format_both(given, substitute(taken, found))
        starts = ", ".join(each.given for each in inputs)
        end = inputs[0].end
        self._mistakes.add(
            inputs[0].path,
            f"together they give {one}, {end} takes {other}. Let it take this tuple, or set "
            "aggregate_inputs = false to take them as they come.",
            f"{starts} -> {end}",
        )


def _refuse_unknown(typed: TypedNode, inputs: Sequence[Connection], mistakes: Mistakes) -> None:
    node = typed.node
    if typed.role == "fitting":
        return
    missing = [
        what
        for what, hint in (("takes", typed.takes), ("gives", typed.gives))
        if hint is UNKNOWN and (what == "gives" or inputs)
    ]
    if missing:
        mistakes.add(
            (*node.path, node.kind),
            f"{node.function!r} does not say what it {' and '.join(missing)}. Annotate it.",
        )
