"""From a blueprint back to a definition, as plain data for TOML or JSON."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import PurePath

import msgspec

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.coroutines import unbound
from typedpipes.definition.document import Document
from typedpipes.definition.mistakes import Mistakes
from typedpipes.fittings import Collector
from typedpipes.processor import Processor, Sink, usual_window
from typedpipes.promise import Function
from typedpipes.shorten import shorten
from typedpipes.source import Source, is_iterable, is_source


def write(
    blueprint: Blueprint, coroutines: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Write a blueprint as a definition.

    Args:
        blueprint: the blueprint to write. Its parts are sources of functions, input rigs,
            processors and sinks; a definition has no form for other parts. A collector is left
            out where it follows a last processor, which is collected anyway, under its own name.
        coroutines: the names of its functions; without it, they are written as import paths.

    Returns:
        The definition, as `Plumber.from_definition` takes it.

    Raises:
        DefinitionErrors: everything in it that cannot be written.
    """
    mistakes = Mistakes(Document(None))
    writer = _Writer(blueprint, coroutines, mistakes)
    written: dict[str, object] = {
        "name": blueprint.name,
        "nodes": writer.nodes(),
        "graph": writer.connections(failures=False),
        "failures": writer.connections(failures=True),
    }
    mistakes.raise_all()
    return {key: each for key, each in written.items() if each}


class _Writer:
    def __init__(
        self, blueprint: Blueprint, coroutines: Mapping[str, object] | None, mistakes: Mistakes
    ) -> None:
        self._blueprint = blueprint
        self._names = None if coroutines is None else tuple(coroutines.items())
        self._mistakes = mistakes
        starts = [edge.start for edge in blueprint.edges if not edge.failures]
        last = {
            node.name
            for node in blueprint.nodes
            if isinstance(node.part, Processor) and starts.count(node.name) == 1
        }
        self._shown = [node for node in blueprint.nodes if not _is_implied(node, last)]

    def nodes(self) -> dict[str, object]:
        """Write all nodes."""
        return {node.name: self._node(node) for node in self._shown}

    def _node(self, node: NodeSpec) -> dict[str, object]:
        part = node.part
        function = _function(part)
        if function is None:
            what = f"this {type(part).__name__} has no coroutine that a definition could name"
            self._mistakes.add(("nodes", node.name), what)
            return {}
        if isinstance(part, Source | Processor) and part.cleanups != type(part.cleanups)():
            what = "a definition cannot name its cleanup coroutines"
            self._mistakes.add(("nodes", node.name), what)
        if isinstance(part, Processor) and part.key is not None:
            self._mistakes.add(("nodes", node.name), "a definition cannot name its key")
        if node.outcomes:
            what = "a definition cannot connect its outcomes, only its results and its failures"
            self._mistakes.add(("nodes", node.name), what)
        if node.prefer is not None:
            what = "a definition cannot name the input that its merge prefers"
            self._mistakes.add(("nodes", node.name), what)
        function, values = unbound(function)
        written: dict[str, object] = {"coro": self._name(node, function)}
        if values:
            written["args"] = {name: self._plain(node, name, each) for name, each in values.items()}
        if node.how == "merge":
            written["aggregate_inputs"] = False
        return written | (dict(_settings(part)) if isinstance(part, Processor) else {})

    def _name(self, node: NodeSpec, function: Function) -> str:
        if self._names is None:
            if (path := _import_path(function)) is not None:
                return path
            what = (
                f"{shorten(function)} cannot be imported by its name. "
                "Give its name in `coroutines`."
            )
        else:
            for name, each in self._names:
                if each == function:
                    return name
            what = f"`coroutines` has no name for {shorten(function)}"
        self._mistakes.add(("nodes", node.name, "coro"), what)
        return ""

    def _plain(self, node: NodeSpec, name: str, value: object) -> object:
        try:
            return msgspec.to_builtins(value, enc_hook=_encode)
        except (TypeError, ValueError, RecursionError):
            what = f"{shorten(value)} cannot be written as plain data"
            self._mistakes.add(("nodes", node.name, "args", name), what)
            return None

    def connections(self, *, failures: bool) -> dict[str, list[str]]:
        """Write the connections from results or from failures, in the order of their inputs."""
        written: dict[str, list[str]] = {}
        for start in self._order(failures=failures):
            for node in self._shown:
                for edge in node.inputs:
                    if edge.start == start and edge.failures == failures:
                        written.setdefault(start, []).append(node.name)
        return written

    def _order(self, *, failures: bool) -> Sequence[str]:
        """Sort the nodes so that the inputs of every zip come in their order."""
        sorter = TopologicalSorter[str]({node.name: () for node in self._blueprint.nodes})
        for node in self._shown:
            for one, other in pairwise(node.inputs):
                if one.failures == other.failures == failures:
                    sorter.add(other.start, one.start)
        try:
            return list(sorter.static_order())
        except CycleError as error:
            names = ", ".join(dict.fromkeys(error.args[1]))
            self._mistakes.add((), f"some zips take {names} in one order, and some in another")
            return ()


def _is_implied(node: NodeSpec, last: set[str]) -> bool:
    """Whether a definition without the node would have it anyway."""
    return isinstance(node.part, Collector) and [
        (edge.start in last, edge.failures) for edge in node.inputs
    ] == [(True, False)]


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


def _import_path(function: Function) -> str | None:
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    try:
        found = inspect.getattr_static(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        return None
    return f"{module}:{name}" if found is function else None


def _encode(value: object) -> object:
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{shorten(value)} is not plain data")
