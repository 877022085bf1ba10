"""From what mypy says about a line back to the node or connection that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from attrs import frozen

from typedpipes.definition import Connection, Definition, NodeDefinition
from typedpipes.definition.definition import Kind
from typedpipes.definition.mistakes import format_path
from typedpipes.verify.mypy import Remark
from typedpipes.verify.program import Apart, Keyed, Made, Program, Seen, Subject, Together

_TYPES = re.compile(r'incompatible type "(?P<taker>.+?)"; expected "(?P<giver>.+?)"')
_NOWHERE = (None, None)
_RETURNS: Mapping[Kind, str] = {
    "keep": "bool",
    "narrow": "a TypeIs",
    "split": "First, Second and so on",
}
"""What the function of a fitting has to return."""
_ANY = 'Revealed type is "Any"'


@frozen
class Mistake:
    """A wrong node or connection.

    Attributes:
        where: the node, such as `nodes.reverse`, or the connection, `reverse -> store`.
        what: what is wrong.
        code: `connection`, or `coroutine` for a node.
        line: the line in the definition, if it is a text.
        column: the column in that line, in characters.
    """

    where: str
    what: str
    code: Literal["connection", "coroutine"]
    line: int | None
    column: int | None


def mistakes(
    definition: Definition, program: Program, remarks: Sequence[Remark]
) -> Iterator[Mistake]:
    """Translate remarks on a program: one mistake for each wrong node or connection."""
    wrong = _wrong(program, remarks)
    hopeless: set[str] = set()
    for subject, messages in wrong.items():
        match subject:
            case Seen(node) if any(_ANY in message for message in messages):
                hopeless.add(node.name)
                yield _of_node(definition, node, _unseen(node))
            case Made(node) if node.name not in hopeless:
                hopeless.add(node.name)
                yield _of_node(definition, node, messages[0])
            case Keyed(node) if node.name not in hopeless:
                yield _of_node(definition, node, _of_key(node, messages[0]), "keyed")
            case Together(connections) if connections[0].end not in hopeless:
                hopeless.add(connections[0].end)  # and with it everything about its items
                yield from _of_zip(definition, subject, wrong)
            case Connection() if subject.end not in hopeless and not _is_zipped(
                definition, subject
            ):
                yield _of_connection(definition, subject, messages[0])
            case _:
                pass  # it follows from another mistake


def _wrong(program: Program, remarks: Sequence[Remark]) -> Mapping[Subject, Sequence[str]]:
    """Return what is said of each subject that something is wrong with."""
    messages_of: dict[int, list[str]] = {}
    for remark in remarks:
        if remark.is_error or _ANY in remark.message:
            messages_of.setdefault(remark.line, []).append(remark.message)
    return {
        subject: messages_of[line]
        for line, subject in program.subjects.items()
        if line in messages_of
    }


def _is_zipped(definition: Definition, connection: Connection) -> bool:
    several = len(definition.inputs[connection.end]) > 1
    return several and definition.nodes[connection.end].how == "zip"


def _of_zip(
    definition: Definition, together: Together, wrong: Mapping[Subject, Sequence[str]]
) -> Iterator[Mistake]:
    """Yield which items of a tuple are wrong, or else that the whole tuple is."""
    items = [connection for connection in together.connections if connection in wrong]
    if items and Apart(together) not in wrong:
        for connection in items:
            yield _of_connection(definition, connection, wrong[connection][0])
    else:
        yield _of_tuple(definition, together, wrong[together][0])


def _of_key(node: NodeDefinition, message: str) -> str:
    types = _types(message)
    if types is None:
        return message
    if types[0] == types[1]:
        return f"its key {node.keyed!r} returns something that cannot be hashed"
    return f"{node.name} takes {types[0]}, and its key {node.keyed!r} takes {types[1]}"


def _of_node(
    definition: Definition, node: NodeDefinition, what: str, setting: str = "coro"
) -> Mistake:
    position = definition.position_of(*node.path, setting)
    return Mistake(format_path(node.path), what, "coroutine", *(position or _NOWHERE))


def _unseen(node: NodeDefinition) -> str:
    return (
        f"mypy does not see the types of {node.coro!r}: it cannot find the module, or the "
        "module is not typed"
    )


def _of_connection(definition: Definition, connection: Connection, message: str) -> Mistake:
    what, types, end = message, _types(message), definition.nodes[connection.end]
    if types is not None and types[0] == types[1] and end.kind in _RETURNS:
        what = f"{end.function!r} does not return {_RETURNS[end.kind]}"
        return _of_node(definition, end, what, end.kind)
    if types is not None:
        verb = "fails with" if connection.failures else "gives"
        what = f"{connection.start} {verb} {types[0]}, {connection.end} takes {types[1]}"
    position = definition.position_of(*connection.path)
    return Mistake(str(connection), what, "connection", *(position or _NOWHERE))


def _of_tuple(definition: Definition, together: Together, message: str) -> Mistake:
    first, end = together.connections[0], together.connections[0].end
    starts = ", ".join(str(each).removesuffix(f" -> {end}") for each in together.connections)
    types = _types(message)
    what = message if types is None else f"together they give {types[0]}, {end} takes {types[1]}"
    position = definition.position_of(*first.path)
    return Mistake(f"{starts} -> {end}", what, "connection", *(position or _NOWHERE))


def _types(message: str) -> tuple[str, str] | None:
    """Extract what is given and what is taken from mypy's message about `to`."""
    found = _TYPES.search(message)
    if found is None:
        return None
    given, taken = _first_argument(found["giver"]), _first_argument(found["taker"])
    return (given, taken) if given and taken else None


def _first_argument(kind: str) -> str:
    """Return `dict[str, int]` for `Stage[dict[str, int], None]` or a callable that takes it."""
    kind = kind.replace("Callable[[", "Callable[", 1)
    inside = kind[kind.find("[") + 1 : -1] if kind.endswith("]") else ""
    depth = 0
    for place, letter in enumerate(inside):
        depth += (letter in "[(") - (letter in "])")
        if depth < 0 or (letter == "," and depth == 0):
            return inside[:place]
    return inside
