"""Nodes of a drawing as a definition has them: by the key that says what each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from typedpipes.blueprint import NodeSpec
from typedpipes.definition.functions import plain_function
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import WAY_NAMES, Kind, NodeDefinition
from typedpipes.definition.type_hints import UNKNOWN
from typedpipes.definition.written_functions import WrittenFunctions
from typedpipes.exchange import Replies, Requests
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.fold import is_folded
from typedpipes.processor import Cleanups, Processor, Sink, usual_window
from typedpipes.promise import Function
from typedpipes.source import Feed, InputRig, Source, ThreadSource, is_iterable

_USUAL = NodeDefinition("", "")
_HOLDS = "so a definition has no form for it."
_FORMLESS: Mapping[type[object], str] = {
    Requests: f"code that asks has to hold this exchange, {_HOLDS} Draw it in code, in a plumber "
    "of its own.",
    Reader: f"code that reads has to hold this queue, {_HOLDS} Let a sink put the items into a "
    "queue of yours.",
}
"""Why a part cannot be written, and what to do. The replies of an exchange go with its requests."""


class WrittenNodes:
    """Writes nodes without their connections.

    Args:
        functions: writes their functions.
        mistakes: collects what cannot be written.

    Attributes:
        ways: the names of the ways of each split and switch that was written, by their names.
    """

    def __init__(self, functions: WrittenFunctions, mistakes: Mistakes) -> None:
        self._functions = functions
        self._mistakes = mistakes
        self.ways: dict[str, Sequence[str]] = {}

    def write(self, node: NodeSpec) -> dict[str, object]:
        """Write a node, but for what says how it takes several inputs."""
        match node.part:
            case Requests() | Reader():
                self._refuse(node, _FORMLESS[type(node.part)])
                return {}
            case Replies():
                return {}
            case Source():
                return self._source(node, node.part)
            case Processor():
                return self._processor(node, node.part)
            case Collector() | Relay():
                return {"join": True} | _buffer(node)
            case _:
                return self._fitting(node, node.part) | _buffer(node)

    def _source(self, node: NodeSpec, source: Source[Any]) -> dict[str, object]:  # Any: of any type
        by_name = isinstance(source, Feed) or self._functions.has(source)
        match source:
            case ThreadSource() if not by_name:
                written = self._called("in_thread", source.function, node, takes_item=False)
                written |= _ahead(source)
            case InputRig() if not by_name:
                written = self._called("coro", source.coro, node, takes_item=True)
            case Source(items=items) if not by_name and not is_iterable(items):
                written = self._called("coro", items, node, takes_item=False)
            case _:  # a feed, or a list: code holds it
                return {"source": self._name(source, node, "source")}
        self._refuse_cleanups(node, source.cleanups)
        return written if source.total is None else {**written, "total": source.total}

    def _processor(
        self, node: NodeSpec, processor: Processor[Any, Any]
    ) -> dict[str, object]:  # Any: as above
        self._refuse_cleanups(node, processor.cleanups)
        if is_folded(processor.coro):
            written = self._called("fold", processor.coro.make, node, takes_item=False)
            if processor.coro.every is not None:
                written["every"] = processor.coro.every
            return written | _buffer(node)
        written = self._called("coro", processor.coro, node, takes_item=True)
        if processor.key is not None:
            written["keyed"] = self._name(processor.key, node, "keyed")
        return written | dict(_settings(processor)) | _buffer(node)

    def _fitting(
        self, node: NodeSpec, part: Keep[Any] | Batch | Split
    ) -> dict[str, object]:  # Any: as above
        match part:
            case Keep(kind=None):
                word = "keep" if plain_function("", part.test).narrows is UNKNOWN else "narrow"
                return {word: self._name(part.test, node, word)}
            case Keep():
                return {"only": self._name(part.kind, node, "only")}
            case Batch():
                return _batch(part)
            case _:
                return self._split(node, part)

    def _split(self, node: NodeSpec, split: Split) -> dict[str, object]:
        if split.function is not None:
            self.ways[node.name] = WAY_NAMES
            return {"split": self._name(split.function, node, "split")}
        names = self.ways[node.name] = [self._name(kind, node, "switch") for kind in split.kinds]
        return {"switch": names}

    def _called(
        self, key: Kind, function: Function, node: NodeSpec, *, takes_item: bool
    ) -> dict[str, object]:
        path = ("nodes", node.name)
        return self._functions.called(key, function, path, takes_item=takes_item)

    def _name(self, named: object, node: NodeSpec, key: str) -> str:
        return self._functions.name(named, ("nodes", node.name, key))

    def _refuse_cleanups(self, node: NodeSpec, cleanups: Cleanups) -> None:
        if cleanups != Cleanups():
            self._refuse(node, "a definition cannot name its cleanup coroutines")

    def _refuse(self, node: NodeSpec, what: str) -> None:
        self._mistakes.add(("nodes", node.name), what)


def _ahead(source: ThreadSource[Any]) -> dict[str, object]:  # Any: as above
    """Return the settings of a source in a thread that differ from their defaults."""
    settings: dict[str, object] = {}
    if source.maxsize != _USUAL.maxsize:
        settings["maxsize"] = source.maxsize
    if source.grace != _USUAL.grace:
        settings["grace"] = source.grace
    return settings


def _batch(batch: Batch) -> dict[str, object]:
    if batch.every is not None:
        most = {} if batch.size == _USUAL.most else {"most": batch.size}
        return {"every": batch.every, **most}
    within = {} if batch.within is None else {"within": batch.within}
    return {"batch": batch.size, **within}


def _buffer(node: NodeSpec) -> dict[str, object]:
    """Return the bound of the edges that lead to a node, if the user set it."""
    bounds = [edge.maxsize for edge in node.inputs if edge.asked]
    return {"buffer": bounds[0]} if bounds else {}


def _settings(part: Processor[object, object]) -> Iterator[tuple[str, object]]:
    """Yield the settings that differ from their defaults."""
    if part.workers != 1:
        yield "workers", part.workers
    if not isinstance(part, Sink):
        if not part.ordered:
            yield "ordered", False
        if part.window != usual_window(part.coro, part.workers):
            yield "window", part.window
    if part.timeout is not None:
        yield "timeout", part.timeout
