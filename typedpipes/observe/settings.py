"""The settings of a node, as they are shown to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typedpipes.blueprint import NodeSpec
from typedpipes.coroutines import name_of
from typedpipes.fittings import Batch
from typedpipes.processor import Processor, Sink
from typedpipes.show.picture import printable


def settings_of(node: NodeSpec) -> Mapping[str, str]:
    """Return the settings of a node by their names, without those that do not apply."""
    return {name: printable(value) for name, value in _settings(node)}


def _settings(node: NodeSpec) -> Iterator[tuple[str, str]]:
    part = node.part
    if isinstance(part, Processor):
        yield "calls", name_of(part.coro)
        yield "workers", f"{part.workers:,}"
        if part.workers > 1 and not isinstance(part, Sink):
            yield "ordered", "yes" if part.ordered else "no"
            yield "window", f"{part.window:,}"
        if part.key is not None:
            yield "keyed by", name_of(part.key)
        yield "timeout", "none" if part.timeout is None else f"{part.timeout:g} s"
    if isinstance(part, Batch):
        yield "batch", f"{part.size:,}"
    if len(node.inputs) > 1:
        yield "inputs", node.how
    if node.total is not None:
        yield "items", f"{node.total:,}"
    if node.segment:
        yield "segment", node.segment
