"""From a blueprint back to a definition, as plain data for TOML or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from attrs import frozen

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec
from typedpipes.definition.definition import CONNECTIONS, Connection, Table
from typedpipes.definition.document import Document
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.written_functions import WrittenFunctions
from typedpipes.definition.written_nodes import WrittenNodes
from typedpipes.drawing import IsOutcome
from typedpipes.fittings import Batch, Collector, Keep
from typedpipes.naming import outer_names
from typedpipes.processor import Processor


def write(
    blueprint: Blueprint, coroutines: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Write a blueprint as a definition.

    Args:
        blueprint: the blueprint to write. What code has to hold, such as an exchange, has no form
            in a definition. A collector without settings is left out where it follows a last
            processor, filter or batch, which is collected anyway.
        coroutines: the names of its functions, classes and sources; without it, functions and
            classes are written as import paths.

    Returns:
        The definition, as `Plumber.from_definition` takes it.

    Raises:
        DefinitionErrors: everything in it that cannot be written.
    """
    mistakes = Mistakes(Document(None))
    functions = WrittenFunctions(coroutines, mistakes)
    writer = _Writer(blueprint, functions, mistakes)
    nodes = writer.nodes()
    written: dict[str, object] = {
        "name": blueprint.name,
        "segments": writer.segments(),
        "resources": functions.resources(),
        "nodes": nodes,
        **{table: writer.connections(table) for table in CONNECTIONS},
    }
    mistakes.raise_all()
    return {key: each for key, each in written.items() if each}


@frozen
class _Given:
    """What goes along an edge: from which node, and where a definition has it."""

    start: str
    table: Table
    way: int | None = None


class _Writer:
    def __init__(
        self, blueprint: Blueprint, functions: WrittenFunctions, mistakes: Mistakes
    ) -> None:
        self._blueprint = blueprint
        self._mistakes = mistakes
        self._nodes = WrittenNodes(functions, mistakes)
        self._given = _given(blueprint)
        starts = [given.start for given in self._given.values() if given.table != "failures"]
        last = {
            node.name
            for node in blueprint.nodes
            if isinstance(node.part, Processor | Keep | Batch) and starts.count(node.name) == 1
        }
        self._shown = [
            node for node in blueprint.nodes if not (_sieve(node) or self._is_implied(node, last))
        ]
        self._names = _names(self._shown)

    def nodes(self) -> dict[str, object]:
        """Write all nodes."""
        return {
            self._names[node.name]: self._nodes.write(node) | self._how(node)
            for node in self._shown
        }

    def _how(self, node: NodeSpec) -> dict[str, object]:
        """Say how several inputs are taken, if not as a zip."""
        if node.how == "rejoin":
            return {"rejoin": True}
        if node.how != "merge":
            return {}
        if node.prefer is None:
            return {"aggregate_inputs": False}
        preferred = self._inputs(node)[node.prefer]
        connection = Connection(
            preferred.start,
            node.name,
            (),
            failures=preferred.table == "failures",
            outcomes=preferred.table == "outcomes",
            way=self._way(preferred),
        )
        return {"aggregate_inputs": False, "prefer": connection.given}

    def _way(self, given: _Given) -> str:
        return "" if given.way is None else self._nodes.ways[given.start][given.way]

    def segments(self) -> list[str]:
        """Write the names of all segments, by which a definition knows the nodes in each."""
        found: dict[str, None] = {}
        for node in self._shown:
            if node.segment:
                found |= dict.fromkeys((node.segment, *outer_names(node.segment)))
        for node in self._shown:
            inside = next((name for name in outer_names(node.name) if name in found), "")
            if inside != node.segment:
                what = f"it is not in the segment {inside!r}, as its name says. Rename one of them."
                self._mistakes.add(("nodes", node.name), what)
        return [*found]

    def _inputs(self, node: NodeSpec) -> Sequence[_Given]:
        return [self._given[id(edge)] for edge in node.inputs]

    def _is_implied(self, node: NodeSpec, last: set[str]) -> bool:
        """Whether a definition without the node would have it anyway."""
        if not isinstance(node.part, Collector) or node.part.named or node.inputs[0].asked:
            return False
        return [(each.start in last, each.table) for each in self._inputs(node)] == [
            (True, "graph")
        ]

    def connections(self, table: Table) -> dict[str, object]:
        """Write the connections of one table, in the order of their inputs."""
        written: dict[str, dict[str, list[str]]] = {}
        for start in self._order(table):
            for node in self._shown:
                for given in self._inputs(node):
                    if (given.start, given.table) == (start, table):
                        ways = written.setdefault(start, {})
                        ways.setdefault(self._way(given), []).append(self._names[node.name])
        return {start: ways.get("", ways) for start, ways in written.items()}

    def _order(self, table: Table) -> Sequence[str]:
        """Sort the nodes so that the inputs of every zip come in their order."""
        sorter = TopologicalSorter[str]({node.name: () for node in self._blueprint.nodes})
        for node in self._shown:
            for one, other in pairwise(self._inputs(node)):
                if one.table == other.table == table:
                    sorter.add(other.start, one.start)
        try:
            return list(sorter.static_order())
        except CycleError as error:
            names = ", ".join(dict.fromkeys(error.args[1]))
            self._mistakes.add((), f"some zips take {names} in one order, and some in another")
            return ()


def _names(nodes: Sequence[NodeSpec]) -> Mapping[str, str]:
    """Return the names in the definition, of collectors the keys of what they collect."""
    names = {node.name: node.name for node in nodes if not isinstance(node.part, Collector)}
    collectors = [node for node in nodes if isinstance(node.part, Collector)]
    keys = {node.name: node.name if node.key in names else node.key for node in collectors}
    return {**names, **keys}


def _given(blueprint: Blueprint) -> Mapping[int, _Given]:
    """Find what goes along each edge, by its `id`.

    What is sieved out of outcomes comes from their processor.
    """
    nodes = {node.name: node for node in blueprint.nodes}

    def given(edge: EdgeSpec) -> _Given:
        start = nodes[edge.start]
        if (sieve := _sieve(start)) is not None:
            return _Given(start.inputs[0].start, "failures" if sieve.failures else "graph")
        if edge.failures:
            return _Given(edge.start, "failures")
        if edge.way is not None:
            return _Given(edge.start, "graph", edge.way)
        return _Given(edge.start, "outcomes" if start.outcomes else "graph")

    return {id(edge): given(edge) for edge in blueprint.edges}


def _sieve(node: NodeSpec) -> IsOutcome | None:
    """Return what takes results or failures out of outcomes, if this does."""
    test = node.part.test if isinstance(node.part, Keep) else None
    return test if isinstance(test, IsOutcome) else None
