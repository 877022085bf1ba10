"""From the tables of connections to connections: what leads where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from types import NoneType

from attrs import evolve
from typing_extensions import TypeIs

from typedpipes.definition.definition import WAY_NAMES, Connection, NodeDefinition
from typedpipes.definition.document import is_mapping
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.suggestion import suggest
from typedpipes.definition.tables import read_named, read_table, refuse_unknown
from typedpipes.shorten import shorten


def read_connections(
    table: str, content: object, nodes: Mapping[str, NodeDefinition], mistakes: Mistakes
) -> Iterator[Connection]:
    """Read the connections of one of the tables `graph`, `failures` and `outcomes`."""
    for start, ends in read_named(content, (table,), mistakes):
        path: Path = (table, start)
        if start not in nodes:
            _refuse_missing(start, path, nodes, mistakes)
        elif table == "graph" and nodes[start].kind == "split":
            for way, each in _ways(ends, path, mistakes):
                for connection in _several(start, each, (*path, way), nodes, mistakes):
                    yield evolve(connection, way=way)
        else:
            yield from _several(start, ends, path, nodes, mistakes)


def _ways(content: object, path: Path, mistakes: Mistakes) -> Iterator[tuple[str, object]]:
    """Return where each way of a split leads."""
    if not is_mapping(content):
        what = f'must be a table of ways, such as {{ first = "store" }}, not {shorten(content)}'
        mistakes.add(path, what, code="shape")
        return
    ways = read_table(content, path, "the ways", mistakes)
    refuse_unknown(ways, WAY_NAMES, path, "a split", mistakes)
    yield from ((way, ends) for way, ends in ways.items() if way in WAY_NAMES)


def _several(
    start: str,
    ends: object,
    path: Path,
    nodes: Mapping[str, NodeDefinition],
    mistakes: Mistakes,
) -> Iterator[Connection]:
    if isinstance(ends, str):
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


def refuse_circle(connections: Sequence[Connection], mistakes: Mistakes) -> None:
    """Note it if the connections go in a circle."""
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
