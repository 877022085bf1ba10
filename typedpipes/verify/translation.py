"""From what mypy says about a line back to the node or connection that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from attrs import frozen

from typedpipes.definition import Connection, Definition, NodeDefinition
from typedpipes.definition.mistakes import format_path
from typedpipes.definition.node import Kind, ResourceDefinition
from typedpipes.verify.mypy import Remark
from typedpipes.verify.program import (
    Apart,
    Keyed,
    Made,
    Opened,
    Passed,
    Program,
    Seen,
    Subject,
    Together,
)

_TYPES = re.compile(r'incompatible type "(?P<taker>.+?)"; expected "(?P<giver>.+?)"')
_CALLABLES = re.compile(
    r'incompatible type "(?P<taker>Callable\[\[.+?)"; expected "(?P<giver>Callable\[\[.+?)"'
)
"""What is passed a resource, and what could be: it has that as its second parameter."""
_FOLDS = re.compile(r'expected "Callable\[\[.*\], (?P<giver>Fold\[.+\])\]"')
"""What makes a fold, and what could: that takes what is given."""
_NOWHERE = (None, None)
_RETURNS: Mapping[Kind, str] = {
    "keep": "bool",
    "narrow": "a TypeIs",
    "split": "First, Second and so on",
}
"""What the function of a fitting has to return."""
_MADE: Mapping[Kind, str] = {
    "fold": "makes no Fold",
    "in_thread": "returns no iterable",
    "source": "is no source",
}
"""What is wrong with what a node names, if its line does not take that."""
_ANY = 'Revealed type is "Any"'


@frozen
class Mistake:
    """A wrong node, resource or connection.

    Attributes:
        where: the node or resource, such as `nodes.reverse`, or the connection, `reverse -> store`.
        what: what is wrong.
        code: `connection`, or for others `resource` or `coroutine`.
        line: the line in the definition, if it is a text.
        column: the column in that line, in characters.
    """

    where: str
    what: str
    code: Literal["connection", "coroutine", "resource"]
    line: int | None
    column: int | None


def mistakes(
    definition: Definition, program: Program, remarks: Sequence[Remark]
) -> Iterator[Mistake]:
    """Translate remarks on a program: one mistake for each wrong place."""
    wrong = _wrong(program, remarks)
    yield from _of_resources(definition, wrong)
    hopeless: set[str] = set()
    for subject, messages in wrong.items():
        match subject:
            case Seen(NodeDefinition() as node) if _is_unseen(messages):
                hopeless.add(node.name)
                yield _of_node(definition, node, _unseen(node))
            case Passed(node=node) | Made(node) if node.name not in hopeless:
                hopeless.add(node.name)
                yield _of_making(definition, subject, messages[0])
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


def _of_resources(
    definition: Definition, wrong: Mapping[Subject, Sequence[str]]
) -> Iterator[Mistake]:
    for subject, messages in wrong.items():
        match subject:
            case Seen(ResourceDefinition() as resource) if _is_unseen(messages):
                yield _of_resource(definition, resource, _unseen(resource))
            case Opened(resource):
                yield _of_resource(definition, resource, _of_opening(resource, messages[0]))
            case _:
                pass  # it is about the graph


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


def _of_node(definition: Definition, node: NodeDefinition, what: str, setting: str = "") -> Mistake:
    position = definition.position_of(*node.path, setting or node.kind)
    return Mistake(format_path(node.path), what, "coroutine", *(position or _NOWHERE))


def _of_resource(definition: Definition, resource: ResourceDefinition, what: str) -> Mistake:
    position = definition.position_of(*resource.path, "make")
    return Mistake(format_path(resource.path), what, "resource", *(position or _NOWHERE))


def _of_opening(resource: ResourceDefinition, message: str) -> str:
    if not message.startswith('Argument 1 to "Resource"'):
        return message
    return f"what {resource.make!r} returns is no async context manager"


def _of_making(definition: Definition, subject: Made | Passed, message: str) -> Mistake:
    if isinstance(subject, Passed):
        return _of_passing(definition, subject, message)
    node = subject.node
    if node.kind in _MADE and message.startswith('Argument 1 to "'):
        message = f"{node.function!r} {_MADE[node.kind]}"
    return _of_node(definition, node, message)


def _of_passing(definition: Definition, passed: Passed, message: str) -> Mistake:
    """Say what a coroutine takes where it is passed a resource."""
    node, what = passed.node, message
    found = _CALLABLES.search(message)
    if found is not None and len(given := _arguments(found["giver"])) > 1:
        taken = _arguments(found["taker"])
        # Before the resource is an item, or the queue of an input rig: nothing in a source.
        is_source = not (definition.inputs[node.name] or taken[0].startswith("OutputQueue["))
        what = f"{node.function!r} has no parameter for the resource {passed.name!r}"
        if any(of_resource := taken[0 if is_source else 1 :]):
            is_one = f"the resource {passed.name!r} is {given[1]}"
            what = f"{is_one}, {node.function!r} takes {of_resource[0]}"
    position = definition.position_of(*node.path, "resource", passed.number)
    return Mistake(format_path(node.path), what, "resource", *(position or _NOWHERE))


def _is_unseen(messages: Sequence[str]) -> bool:
    return any(_ANY in message for message in messages)


def _unseen(node: NodeDefinition | ResourceDefinition) -> str:
    return (
        f"mypy does not see the types of {node.function!r}: it cannot find the module, or the "
        "module is not typed"
    )


def _of_connection(definition: Definition, connection: Connection, message: str) -> Mistake:
    types, end = _types(message), definition.nodes[connection.end]
    if types is not None and types[0] == types[1] and end.kind in _RETURNS:
        what = f"{end.function!r} does not return {_RETURNS[end.kind]}"
        return _of_node(definition, end, what, end.kind)
    verb = "fails with" if connection.failures else "gives"
    what = _of_types(f"{connection.start} {verb}", end, message)
    position = definition.position_of(*connection.path)
    return Mistake(str(connection), what, "connection", *(position or _NOWHERE))


def _of_tuple(definition: Definition, together: Together, message: str) -> Mistake:
    first, end = together.connections[0], together.connections[0].end
    starts = ", ".join(each.given for each in together.connections)
    what = _of_types("together they give", definition.nodes[end], message)
    position = definition.position_of(*first.path)
    return Mistake(f"{starts} -> {end}", what, "connection", *(position or _NOWHERE))


def _of_types(given: str, end: NodeDefinition, message: str) -> str:
    """Say which types disagree, beginning with what is given."""
    if end.kind == "fold" and (folds := _FOLDS.search(message)) is not None:
        return f"{given} {_first_argument(folds['giver'])}, and {end.function!r} folds none of that"
    types = _types(message)
    return message if types is None else f"{given} {types[0]}, {end.name} takes {types[1]}"


def _types(message: str) -> tuple[str, str] | None:
    """Extract what is given and what is taken from mypy's message about `to`."""
    found = _TYPES.search(message)
    if found is None:
        return None
    given, taken = _first_argument(found["giver"]), _first_argument(found["taker"])
    return (given, taken) if given and taken else None


def _first_argument(kind: str) -> str:
    """Return `dict[str, int]` for `Stage[dict[str, int], None]` or a callable that takes it."""
    return _arguments(kind)[0]


def _arguments(kind: str) -> list[str]:
    """Return the type arguments of a class, or what a callable takes: one empty text if nothing."""
    kind = kind.replace("Callable[[", "Callable[", 1)
    inside = kind[kind.find("[") + 1 : -1] if kind.endswith("]") else ""
    arguments, depth = [""], 0
    for letter in inside:
        depth += (letter in "[(") - (letter in "])")
        if depth < 0:
            break
        if letter == "," and depth == 0:
            arguments.append("")
        else:
            arguments[-1] += letter
    return [argument.strip() for argument in arguments]
