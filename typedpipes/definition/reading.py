"""From plain data to a definition: its shape is checked, coroutines are not looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from types import NoneType
from typing import Any, get_type_hints

import msgspec
from typing_extensions import TypeIs

from typedpipes.definition.definition import MOST, Connection, Definition, NodeDefinition
from typedpipes.definition.document import Document, Readable, is_mapping, load_document
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.suggestion import suggest
from typedpipes.shorten import shorten

_SETTINGS = {
    "coro": "the name of a coroutine",
    "args": "a table of arguments, by name",
    "aggregate_inputs": "true (several inputs as one tuple) or false (as they come)",
    "keyed": "the name of a function",
    "workers": f"a whole number from 1 to {MOST}",
    "ordered": "true or false",
    "window": f"a whole number from 1 to {MOST}",
    "buffer": f"a whole number from 1 to {MOST}",
    "timeout": f"a number of seconds above 0, {MOST} at most",
}
_LONGEST_NAME = 100
_A_NAME = f"printable text of {_LONGEST_NAME} characters at most"
_JOINER = re.compile(r"(?<=[^\x00-\u024f])[\u200c\u200d](?=[^\x00-\u024f]|$)")
"""A zero-width joiner, or non-joiner, in a script that has them or between emoji. Between Latin
letters it would only make two names look the same."""
_HINTS = get_type_hints(NodeDefinition, include_extras=True)
CONNECTIONS = ("graph", "failures", "outcomes")
_TABLES = ("name", "nodes", *CONNECTIONS)


def read(readable: Readable) -> Definition:
    """Read a definition, and check what can be checked without its coroutines.

    Raises:
        DefinitionErrors: everything that is wrong with it.
    """
    source = load_document(readable)
    mistakes = Mistakes(source)
    definition = parse(source, mistakes)
    mistakes.raise_all()
    return definition


def parse(source: Document, mistakes: Mistakes) -> Definition:
    """Make a definition from what is right in a document, and note what is wrong."""
    tables = _table(source.content, (), "a definition", mistakes)
    _refuse_unknown(tables, _TABLES, (), "a definition", mistakes)
    named = _named(tables.get("nodes", {}), ("nodes",), mistakes)
    nodes = {name: _node(name, content, mistakes) for name, content in named}
    if tables.get("nodes", {}) == {}:
        mistakes.add(("nodes",), "there are no nodes. Name at least a source and what follows it.")
    connections = [
        connection
        for table in CONNECTIONS
        for connection in _connections(table, tables.get(table, {}), nodes, mistakes)
    ]
    _refuse_circle(connections, mistakes)
    return Definition(_title(tables, mistakes), nodes, connections, source)


def _title(tables: Mapping[str, object], mistakes: Mistakes) -> str:
    name = tables.get("name", "plumber")
    if isinstance(name, str) and _is_name(name):
        return name
    mistakes.add(("name",), f"the name must be {_A_NAME}, not {shorten(name)}")
    return "plumber"


def _table(table: object, path: Path, what: str, mistakes: Mistakes) -> Mapping[str, object]:
    """Return the entries of a table whose names are text, and note the others."""
    if not is_mapping(table):
        mistakes.add(path, f"{what} must be a table, not {shorten(table)}")
        return {}
    named: dict[str, object] = {}
    for name, each in table.items():
        if isinstance(name, str):
            named[name] = each
        else:
            mistakes.add(path, f"a name must be text, not {shorten(name)}")
    return named


def _named(table: object, path: Path, mistakes: Mistakes) -> Iterator[tuple[str, object]]:
    for name, each in _table(table, path, f"`{path[0]}`", mistakes).items():
        if _is_name(name):
            yield name, each
        else:
            what = f"the name of a node must be {_A_NAME}, not {shorten(name)}"
            mistakes.add((*path, name), what, code="shape")


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and _JOINER.sub("", name).isprintable()


def _refuse_unknown(
    table: Mapping[str, object], known: Sequence[str], path: Path, what: str, mistakes: Mistakes
) -> None:
    for key in table:
        if key not in known:
            way_out = suggest(key, known) or f" {what.capitalize()} has {', '.join(known)}."
            mistakes.add((*path, key), f"unknown key {shorten(key)}.{way_out}")


def _node(name: str, content: object, mistakes: Mistakes) -> NodeDefinition:
    path: Path = ("nodes", name)
    table = _table(content, path, "a node", mistakes)
    _refuse_unknown(table, tuple(_SETTINGS), path, "a node", mistakes)
    if is_mapping(content) and "coro" not in table:
        mistakes.add(path, 'a node needs a coroutine: coro = "..."')
    # Any: each has the type that NodeDefinition expects.
    settings: dict[str, Any] = {}
    for key in [each for each in _SETTINGS if each in table]:
        try:
            settings[key] = msgspec.convert(table[key], _HINTS[key])
        except (msgspec.ValidationError, RecursionError):
            mistakes.add((*path, key), f"must be {_SETTINGS[key]}, not {shorten(table[key])}")
    written = tuple(settings)
    settings.setdefault("coro", "")  # noted as a mistake above
    return NodeDefinition(name=name, settings=written, **settings)


def _connections(
    table: str, content: object, nodes: Mapping[str, NodeDefinition], mistakes: Mistakes
) -> Iterator[Connection]:
    for start, ends in _named(content, (table,), mistakes):
        path: Path = (table, start)
        if start not in nodes:
            _refuse_missing(start, path, nodes, mistakes)
        elif isinstance(ends, str):
            yield from _ends(start, [(path, ends)], nodes, mistakes)
        elif _is_list(ends):
            places = [((*path, number), end) for number, end in enumerate(ends or ())]
            yield from _ends(start, places, nodes, mistakes)
        else:
            what = f'must be a node or a list of nodes, such as ["store"], not {shorten(ends)}'
            mistakes.add(path, what, code="shape")


def _ends(
    start: str,
    ends: Sequence[tuple[Path, object]],
    nodes: Mapping[str, NodeDefinition],
    mistakes: Mistakes,
) -> Iterator[Connection]:
    seen: set[str] = set()
    for path, end in ends:
        if not isinstance(end, str):
            what = f"must be the name of a node, not {shorten(end)}"
            mistakes.add(path, what, code="shape")
        elif end not in nodes:
            _refuse_missing(end, path, nodes, mistakes)
        elif end in seen:
            what = f"{shorten(end)} is listed twice. Name each node once."
            mistakes.add(path, what, code="shape")
        else:
            table = path[0]
            yield Connection(start, end, path, table == "failures", table == "outcomes")
            seen.add(end)


def _is_list(content: object) -> TypeIs[Sequence[object] | None]:
    return isinstance(content, list | tuple | NoneType)


def _refuse_missing(
    name: str, path: Path, nodes: Mapping[str, NodeDefinition], mistakes: Mistakes
) -> None:
    way_out = suggest(name, nodes) or " Define it in `nodes`."
    mistakes.add(path, f"there is no node {shorten(name)}.{way_out}", code="unknown-node")


def _refuse_circle(connections: Sequence[Connection], mistakes: Mistakes) -> None:
    sorter = TopologicalSorter[str]()
    for connection in connections:
        sorter.add(connection.end, connection.start)
    try:
        sorter.prepare()
    except CycleError as error:
        around: list[str] = error.args[1]
        first = next(each for each in connections if [each.start, each.end] == around[:2])
        mistakes.add(
            first.path,
            "the graph goes in a circle. An item would never leave it. Remove one of these "
            "connections.",
            " -> ".join(around if len(around) < 20 else [*around[:10], "...", *around[-9:]]),
            code="wiring",
        )
