"""From the tables of connections to connections: what leads where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from attrs import evolve

from typedpipes.definition.definition import Connection
from typedpipes.definition.document import is_list, is_mapping
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import WAY_NAMES, NodeDefinition
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
        elif table == "graph" and (known := _known_ways(nodes[start], ends, mistakes)):
            for way, each in _ways(ends, known, path, mistakes):
                for connection in _several(start, each, (*path, way), nodes, mistakes):
                    yield evolve(connection, way=way)
        else:
            yield from _several(start, ends, path, nodes, mistakes)


def _known_ways(node: NodeDefinition, ends: object, mistakes: Mistakes) -> Sequence[str]:
    """Return the ways of a node; any ways of one that could not be read."""
    if node.ways or not is_mapping(ends) or not mistakes.concern(*node.path):
        return node.ways
    return [name for name in ends if isinstance(name, str)]


def _ways(
    content: object, known: Sequence[str], path: Path, mistakes: Mistakes
) -> Iterator[tuple[str, object]]:
    """Yield where each way leads."""
    if not is_mapping(content):
        such_as = f'{{ {known[0]} = "store" }}'
        what = f"must be a table of ways, such as {such_as}, not {shorten(content)}"
        mistakes.add(path, what, code="shape")
        return
    ways = read_table(content, path, "the ways", mistakes)
    what = "a split" if known is WAY_NAMES else "a switch"
    refuse_unknown(ways, known, path, what, mistakes)
    yield from ((way, ends) for way, ends in ways.items() if way in known)


def _several(
    start: str,
    ends: object,
    path: Path,
    nodes: Mapping[str, NodeDefinition],
    mistakes: Mistakes,
) -> Iterator[Connection]:
    if isinstance(ends, str):
        yield from _ends(start, [(path, ends)], nodes, mistakes)
    elif ends is None or is_list(ends):
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


def refuse_preferences(
    nodes: Mapping[str, NodeDefinition], connections: Sequence[Connection], mistakes: Mistakes
) -> None:
    """Note the nodes that prefer what is none of several inputs that come as they are."""
    given: dict[str, list[str]] = {}
    for connection in connections:
        given.setdefault(connection.end, []).append(connection.given)
    for node in nodes.values():
        if node.prefer and (what := _why_not(node, given.get(node.name, ()))) is not None:
            mistakes.add((*node.path, "prefer"), what, code="wiring")


def _why_not(node: NodeDefinition, given: Sequence[str]) -> str | None:
    """Return why a node cannot prefer what it says, or `None` if it can."""
    if node.how != "merge":
        return "it prefers one of several inputs that come as they are: aggregate_inputs = false."
    if node.prefer not in given:
        there_are = f" There are {', '.join(given)}." if 0 < len(given) <= 10 else ""
        way_out = suggest(node.prefer, given) or there_are
        return f"{shorten(node.prefer)} does not lead here.{way_out}"
    if len(given) < 2:
        return "only one input leads here, so none can be preferred. Leave it out."
    return None
