"""From a blueprint back to a definition, as plain data for TOML or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from attrs import frozen

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec
from typedpipes.definition.definition import WAY_NAMES
from typedpipes.definition.document import Document
from typedpipes.definition.functions import plain_function
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.type_hints import UNKNOWN
from typedpipes.definition.written_functions import WrittenFunctions
from typedpipes.drawing import IsOutcome
from typedpipes.fittings import Batch, Collector, Keep, Split
from typedpipes.fold import is_folded
from typedpipes.processor import Processor, Sink, usual_window
from typedpipes.promise import Function
from typedpipes.source import InputRig, Source, is_iterable, is_source

Table: TypeAlias = Literal["graph", "failures", "outcomes"]


def write(
    blueprint: Blueprint, coroutines: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Write a blueprint as a definition.

    Args:
        blueprint: the blueprint to write. Its parts are sources of functions, input rigs,
            processors, sinks, filters, batches and splits; a definition has no form for other
            parts. A collector is left out where it follows a last processor, filter or batch,
            which is collected anyway, under its own name.
        coroutines: the names of its functions; without it, they are written as import paths.

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
        "resources": functions.resources(),
        "nodes": nodes,
        "graph": writer.connections("graph"),
        "failures": writer.connections("failures"),
        "outcomes": writer.connections("outcomes"),
    }
    mistakes.raise_all()
    return {key: each for key, each in written.items() if each}


@frozen
class _Given:
    """What goes along an edge: from which node, and where a definition has it."""

    start: str
    table: Table
    way: str = ""


class _Writer:
    def __init__(
        self, blueprint: Blueprint, functions: WrittenFunctions, mistakes: Mistakes
    ) -> None:
        self._blueprint = blueprint
        self._functions = functions
        self._mistakes = mistakes
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

    def nodes(self) -> dict[str, object]:
        """Write all nodes."""
        return {node.name: self._node(node) for node in self._shown}

    def _node(self, node: NodeSpec) -> dict[str, object]:
        part = node.part
        if isinstance(part, Keep | Batch | Split):
            return self._fitting(node, part) | _how(node)
        function = _function(part)
        if is_folded(function):
            self._mistakes.add(("nodes", node.name), "a definition cannot name what it folds")
            return {}
        if function is None:
            what = f"this {type(part).__name__} has no coroutine that a definition could name"
            self._mistakes.add(("nodes", node.name), what)
            return {}
        if isinstance(part, Source | Processor) and part.cleanups != type(part.cleanups)():
            what = "a definition cannot name its cleanup coroutines"
            self._mistakes.add(("nodes", node.name), what)
        if node.prefer is not None:
            what = "a definition cannot name the input that its merge prefers"
            self._mistakes.add(("nodes", node.name), what)
        path = ("nodes", node.name)
        takes_item = isinstance(part, Processor | InputRig)  # or a queue
        written = self._functions.coroutine(function, path, takes_item=takes_item)
        written |= _how(node)
        if isinstance(part, Processor) and part.key is not None:
            written["keyed"] = self._functions.name(part.key, (*path, "keyed"))
        return written | (dict(_settings(part)) if isinstance(part, Processor) else {})

    def _fitting(self, node: NodeSpec, part: Keep[Any] | Batch | Split) -> dict[str, object]:
        written: dict[str, object] = {}
        path = ("nodes", node.name)
        if isinstance(part, Batch):
            written["batch"] = part.size
            if part.within is not None:
                written["within"] = part.within
            if part.every is not None:
                what = "a definition cannot name its intervals"
                self._mistakes.add(("nodes", node.name), what)
        elif isinstance(part, Keep) and part.kind is not None:
            written["only"] = self._functions.name(part.kind, (*path, "only"))
        elif isinstance(part, Keep):
            word = "keep" if plain_function("", part.test).narrows is UNKNOWN else "narrow"
            written[word] = self._functions.name(part.test, (*path, word))
        elif part.function is not None:
            written["split"] = self._functions.name(part.function, (*path, "split"))
        else:
            what = "a definition has no form for a switch. Split with a function instead."
            self._mistakes.add(("nodes", node.name), what)
        return written if part.buffer is None else {**written, "buffer": part.buffer}

    def _inputs(self, node: NodeSpec) -> Sequence[_Given]:
        return [self._given[id(edge)] for edge in node.inputs]

    def _is_implied(self, node: NodeSpec, last: set[str]) -> bool:
        """Whether a definition without the node would have it anyway."""
        return isinstance(node.part, Collector) and [
            (given.start in last, given.table) for given in self._inputs(node)
        ] == [(True, "graph")]

    def connections(self, table: Table) -> dict[str, object]:
        """Write the connections of one table, in the order of their inputs."""
        written: dict[str, dict[str, list[str]]] = {}
        for start in self._order(table):
            for node in self._shown:
                for given in self._inputs(node):
                    if (given.start, given.table) == (start, table):
                        ways = written.setdefault(start, {})
                        ways.setdefault(given.way, []).append(node.name)
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


def _how(node: NodeSpec) -> dict[str, object]:
    """Say how several inputs are taken, if not as a zip."""
    if node.how == "rejoin":
        return {"rejoin": True}
    return {"aggregate_inputs": False} if node.how == "merge" else {}


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
            return _Given(edge.start, "graph", WAY_NAMES[edge.way])
        return _Given(edge.start, "outcomes" if start.outcomes else "graph")

    return {id(edge): given(edge) for edge in blueprint.edges}


def _sieve(node: NodeSpec) -> IsOutcome | None:
    """Return what takes results or failures out of outcomes, if this does."""
    test = node.part.test if isinstance(node.part, Keep) else None
    return test if isinstance(test, IsOutcome) else None


def _function(part: object) -> Function | None:
    if is_source(part) and not is_iterable(part.items):
        return part.items
    coro: Function | None = getattr(part, "coro", None)  # of an input rig or a processor
    return coro


def _settings(part: Processor[object, object]) -> Iterator[tuple[str, object]]:
    """Yield the settings that differ from their defaults."""
    if part.workers != 1:
        yield "workers", part.workers
    if not isinstance(part, Sink):
        if not part.ordered:
            yield "ordered", False
        if part.window != usual_window(part.coro, part.workers):
            yield "window", part.window
    if part.buffer is not None:
        yield "buffer", part.buffer
    if part.timeout is not None:
        yield "timeout", part.timeout
