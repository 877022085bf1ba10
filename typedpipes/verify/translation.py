"""From what mypy says of a line back to the node or the connection that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from typedpipes.definition import Connection, Definition, NodeDefinition
from typedpipes.verify.mypy import Remark
from typedpipes.verify.program import Program, Seen, Together

_TYPES = re.compile(r'incompatible type "(?P<taker>.+?)"; expected "(?P<giver>.+?)"')


@frozen
class Mistake:
    """A wrong node or connection.

    Attributes:
        where: the node, such as `nodes.reverse`, or the connection, `reverse -> store`.
        what: what is wrong.
        line: the line in the definition, if it is a text.
    """

    where: str
    what: str
    line: int | None


def mistakes(
    definition: Definition, program: Program, remarks: Sequence[Remark]
) -> Iterator[Mistake]:
    """Translate remarks on a program: one mistake for each wrong node or connection."""
    of_line: dict[int, list[Remark]] = {}
    for remark in remarks:
        of_line.setdefault(remark.line, []).append(remark)
    wrong: set[str] = set()
    zips: set[str] = set()  # the nodes that take a tuple which is wrong
    told: set[str] = set()
    unsure: list[tuple[Together, str]] = []
    for number, subject in program.subjects.items():
        said = [each for each in of_line.get(number, ()) if each.severity == "error"]
        if isinstance(subject, Seen):
            if any('is "Any"' in each.message for each in of_line.get(number, ())):
                wrong.add(subject.node.name)
                yield _of_node(definition, subject.node, _unseen(subject.node))
        elif not said:
            continue
        elif isinstance(subject, NodeDefinition):
            if subject.name not in wrong:
                wrong.add(subject.name)
                yield _of_node(definition, subject, said[0].message)
        elif isinstance(subject, Together):
            end = subject.connections[0].end
            if end not in wrong:
                zips.add(end)
                unsure.append((subject, said[0].message))
        elif subject.end not in wrong:
            message = next((each.message for each in said if "_of_" not in each.message), None)
            zipped = len(definition.inputs[subject.end]) > 1 and definition.nodes[
                subject.end
            ].aggregate_inputs
            if message is not None and (not zipped or subject.end in zips):
                told.add(subject.end)
                yield _of_connection(definition, subject, message)
    for together, message in unsure:
        if together.connections[0].end not in told:
            yield _of_tuple(definition, together, message)


def _of_node(definition: Definition, node: NodeDefinition, what: str) -> Mistake:
    return Mistake(f"nodes.{node.name}", what, definition.line_of(*node.path, "coro"))


def _unseen(node: NodeDefinition) -> str:
    return (
        f"mypy does not see the types of {node.coro!r}: it does not find the module, or the "
        "module is not typed"
    )


def _of_connection(definition: Definition, connection: Connection, message: str) -> Mistake:
    what = message
    if (types := _types(message)) is not None:
        verb = "fails with" if connection.failures else "gives"
        what = f"{connection.start} {verb} {types[0]}, {connection.end} takes {types[1]}"
    return Mistake(str(connection), what, definition.line_of(*connection.path))


def _of_tuple(definition: Definition, together: Together, message: str) -> Mistake:
    first, end = together.connections[0], together.connections[0].end
    starts = ", ".join(str(each).removesuffix(f" -> {end}") for each in together.connections)
    types = _types(message)
    what = message if types is None else f"together they give {types[0]}, {end} takes {types[1]}"
    return Mistake(f"{starts} -> {end}", what, definition.line_of(*first.path))


def _types(message: str) -> tuple[str, str] | None:
    """Find what is given and what is taken in mypy's words about `to`."""
    found = _TYPES.search(message)
    if found is None:
        return None
    given, taken = _first_argument(found["giver"]), _first_argument(found["taker"])
    return (given, taken) if given and taken else None


def _first_argument(kind: str) -> str:
    """Give `dict[str, int]` of `Stage[dict[str, int], None]`."""
    inside = kind[kind.find("[") + 1 : -1] if kind.endswith("]") else ""
    depth = 0
    for place, letter in enumerate(inside):
        if letter == "," and depth == 0:
            return inside[:place]
        depth += (letter in "[(") - (letter in "])")
    return inside
