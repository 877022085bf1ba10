"""From plain data to a definition: its shape is checked, coroutines are not looked up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_type_hints

from typedpipes.definition.definition import CONNECTIONS, Definition
from typedpipes.definition.document import Document, Readable, is_mapping, load_document
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import (
    FITTINGS,
    KINDS,
    MOST,
    MOST_CASES,
    MOST_ITEMS,
    MOST_NAMES,
    Kind,
    NodeDefinition,
)
from typedpipes.definition.reading_connections import (
    read_connections,
    refuse_circle,
    refuse_preferences,
)
from typedpipes.definition.reading_resources import read_resources
from typedpipes.definition.reading_segments import read_segments
from typedpipes.definition.tables import (
    A_NAME,
    is_name,
    read_named,
    read_settings,
    read_table,
    refuse_unknown,
)
from typedpipes.shorten import shorten

_COUNT = f"a whole number from 1 to {MOST}"
_SECONDS = f"a number of seconds above 0, {MOST} at most"
_SETTINGS = {
    "coro": "the name of a coroutine",
    "fold": "the name of what makes the state of a fold",
    "in_thread": "the name of a function",
    "source": "the name of a source",
    "keep": "the name of a function",
    "narrow": "the name of a function",
    "only": "the name of a class",
    "batch": _COUNT,
    "every": _SECONDS,
    "split": "the name of a function",
    "switch": f"a list of the names of 2 to {MOST_CASES} classes",
    "join": "true",
    "args": "a table of arguments, by name",
    "resource": f"the name of a resource, or a list of {MOST_NAMES} names at most",
    "total": f"a whole number from 0 to {MOST_ITEMS}",
    "maxsize": _COUNT,
    "grace": _SECONDS,
    "within": _SECONDS,
    "most": _COUNT,
    "aggregate_inputs": "true (several inputs as one tuple) or false (as they come)",
    "rejoin": "true (several inputs in the order before their split) or false",
    "prefer": "the name of a node that leads here",
    "keyed": "the name of a function",
    "workers": _COUNT,
    "ordered": "true or false",
    "window": _COUNT,
    "buffer": _COUNT,
    "timeout": _SECONDS,
}
_INPUTS = ("aggregate_inputs", "rejoin", "prefer", "buffer")
_WORK = ("keyed", "workers", "ordered", "window", "timeout")
_BESIDE: Mapping[Kind, Collection[str]] = {
    "coro": ("args", "resource", "total", *_WORK, *_INPUTS),
    "fold": ("args", "every", *_INPUTS),
    "in_thread": ("args", "resource", "total", "maxsize", "grace"),
    "source": (),
    **dict.fromkeys(FITTINGS, _INPUTS),
    "batch": ("within", *_INPUTS),
    "every": ("most", *_INPUTS),
}
"""The keys that a node may have beside the one that says what it is."""

_HINTS = get_type_hints(NodeDefinition, include_extras=True)
_TABLES = ("name", "segments", "resources", "nodes", *CONNECTIONS)


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
    tables = read_table(source.content, (), "a definition", mistakes)
    refuse_unknown(tables, _TABLES, (), "a definition", mistakes)
    named = read_named(tables.get("nodes", {}), ("nodes",), mistakes)
    nodes = {name: _node(name, content, mistakes) for name, content in named}
    if tables.get("nodes", {}) == {}:
        mistakes.add(("nodes",), "there are no nodes. Name at least a source and what follows it.")
    connections = [
        connection
        for table in CONNECTIONS
        for connection in read_connections(table, tables.get(table, {}), nodes, mistakes)
    ]
    refuse_circle(connections, mistakes)
    if not any(map(mistakes.concern, CONNECTIONS)):
        refuse_preferences(nodes, connections, mistakes)
    resources = read_resources(tables.get("resources", {}), nodes, mistakes)
    segments = read_segments(tables.get("segments", []), nodes, mistakes)
    return Definition(_title(tables, mistakes), nodes, connections, source, resources, segments)


def _title(tables: Mapping[str, object], mistakes: Mistakes) -> str:
    name = tables.get("name", "plumber")
    if isinstance(name, str) and is_name(name):
        return name
    mistakes.add(("name",), f"the name must be {A_NAME}, not {shorten(name)}")
    return "plumber"


def _node(name: str, content: object, mistakes: Mistakes) -> NodeDefinition:
    path: Path = ("nodes", name)
    table = read_table(content, path, "a node", mistakes)
    refuse_unknown(table, tuple(_SETTINGS), path, "a node", mistakes)
    kind = _kind(table, path, mistakes) if is_mapping(content) else "coro"
    for key in table:
        if key in _SETTINGS and key not in (*_BESIDE[kind], *KINDS):
            what = f"a node with {kind} has no use for it. Leave it out."
            mistakes.add((*path, key), what, code="shape")
    if "aggregate_inputs" in table and "rejoin" in table:
        what = "aggregate_inputs and rejoin both say how several inputs are taken. Set one."
        mistakes.add((*path, "rejoin"), what)
    useful = {key: what for key, what in _SETTINGS.items() if key in (kind, *_BESIDE[kind])}
    # Any: each has the type that NodeDefinition expects.
    settings: dict[str, Any] = read_settings(table, useful, _HINTS, path, mistakes)
    written = tuple(settings)
    settings.setdefault("coro", "")  # noted as a mistake above
    node = NodeDefinition(name=name, settings=written, **settings)
    if kind == "join" and "join" in written and not node.join:
        mistakes.add((*path, "join"), "must be true, not False")
    for number, case in enumerate(node.switch):
        if case in node.switch[:number]:
            what = f"{shorten(case)} is listed twice. Name each class once."
            mistakes.add((*path, "switch", number), what, code="shape")
    return node


def _kind(table: Mapping[str, object], path: Path, mistakes: Mistakes) -> Kind:
    """Return which key says what a node is."""
    kinds: Sequence[Kind] = [kind for kind in KINDS if kind in table]
    if not kinds:
        mistakes.add(path, 'a node needs a coroutine: coro = "..."')
    for other in kinds[1:]:
        if other not in _BESIDE[kinds[0]]:
            what = f"the node has {kinds[0]} already, and is one of these. Make it two nodes."
            mistakes.add((*path, other), what, code="shape")
    return kinds[0] if kinds else "coro"
