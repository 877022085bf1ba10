"""The load-time rule: what a node gives must be what the next one takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from inspect import formatannotation
from typing import Any, get_args, get_origin

from typedpipes.definition.definition import Connection, Definition
from typedpipes.definition.hints import UNKNOWN, Found, Hint, plain, shown, substituted
from typedpipes.definition.meeting import meets
from typedpipes.definition.members import Member
from typedpipes.definition.mistakes import Mistakes
from typedpipes.processor import Failure


def compare(
    definition: Definition, members: Mapping[str, Member], mistakes: Mistakes, *, strict: bool
) -> None:
    """Compare the annotations at both ends of every connection.

    Args:
        definition: whose connections are meant. It has no circles.
        members: its nodes, without those of which nothing is known.
        mistakes: gets the connections whose ends do not meet.
        strict: whether an annotation that is missing is a mistake too.
    """
    rule = _Rule(members, mistakes)
    sorter = TopologicalSorter[str](dict.fromkeys(definition.nodes, ()))
    for connection in definition.connections:
        sorter.add(connection.end, connection.start)
    for name in sorter.static_order():
        if name in members:
            rule.judge(name, definition.inputs[name])
    if strict:
        for name, member in members.items():
            _refuse_unknown(member, definition.inputs[name], mistakes)


class _Rule:
    """Goes from upstream to downstream, because a generic coroutine gives what it was given."""

    def __init__(self, members: Mapping[str, Member], mistakes: Mistakes) -> None:
        self._members = members
        self._mistakes = mistakes
        self._takes: dict[str, Hint] = {}
        self._gives: dict[str, Hint] = {}

    def judge(self, name: str, inputs: Sequence[Connection]) -> None:
        """Compare what a node takes with what all its inputs give."""
        member = self._members[name]
        found: Found = {}
        taken = plain(member.takes) if inputs else UNKNOWN
        parts: Sequence[Hint] = get_args(taken)
        if self._may_be_either(member, inputs):
            pass  # which one was not said rightly, and that is told
        elif len(inputs) < 2 or not member.node.aggregate_inputs:
            for connection in inputs:
                self._judge_one(connection, taken, found)
        elif get_origin(taken) is tuple and len(parts) == len(inputs) and ... not in parts:
            for number, (connection, part) in enumerate(zip(inputs, parts, strict=True), 1):
                self._judge_one(connection, part, found, f" as item {number} of its tuple")
        else:
            self._judge_tuple(inputs, taken, found)
        self._takes[name] = substituted(taken, found)
        self._gives[name] = substituted(member.gives, found)

    def _may_be_either(self, member: Member, inputs: Sequence[Connection]) -> bool:
        """Whether it is not known if several inputs are a zip or a merge."""
        return len(inputs) > 1 and self._mistakes.concern(*member.node.path, "aggregate_inputs")

    def _given(self, connection: Connection) -> Hint:
        if not connection.failures:
            return self._gives.get(connection.start, UNKNOWN)
        kind: Any = Failure  # Any: made at run time
        return kind[self._takes.get(connection.start, UNKNOWN)]

    def _judge_one(
        self, connection: Connection, taken: Hint, found: Found, place: str = ""
    ) -> None:
        given = self._given(connection)
        if meets(given, taken, found):
            return
        one, other = _told_apart(given, substituted(taken, found))
        verb = "fails with" if connection.failures else "gives"
        self._mistakes.add(
            connection.path,
            f"{connection.start} {verb} {one}, {connection.end} takes {other}{place}. "
            f"Put a node between them that turns {one} into {other}.",
            str(connection),
        )

    def _judge_tuple(self, inputs: Sequence[Connection], taken: Hint, found: Found) -> None:
        parts: Any = tuple(self._given(each) for each in inputs)  # Any: made at run time
        given: Hint = tuple[parts]
        if meets(given, taken, found):
            return
        one, other = _told_apart(given, substituted(taken, found))
        starts = ", ".join(str(each).removesuffix(f" -> {each.end}") for each in inputs)
        end = inputs[0].end
        self._mistakes.add(
            inputs[0].path,
            f"together they give {one}, {end} takes {other}. Let it take this tuple, or set "
            "aggregate_inputs = false to take them as they come.",
            f"{starts} -> {end}",
        )


def _told_apart(given: Hint, taken: Hint) -> tuple[str, str]:
    one, other = shown(given), shown(taken)
    return (one, other) if one != other else (formatannotation(given), formatannotation(taken))


def _refuse_unknown(member: Member, inputs: Sequence[Connection], mistakes: Mistakes) -> None:
    node = member.node
    missing = [
        what
        for what, hint in (("takes", member.takes), ("gives", member.gives))
        if hint is UNKNOWN and (what == "gives" or inputs)
    ]
    if missing:
        mistakes.add(
            (*node.path, "coro"),
            f"{node.coro!r} does not say what it {' and '.join(missing)}. Annotate it.",
        )
