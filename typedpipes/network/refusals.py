"""What a run over a network does not do, by name: each with the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typedpipes.blueprint import Blueprint, NodeSpec, Part
from typedpipes.errors import WiringError
from typedpipes.exchange import Replies
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.fold import is_folded
from typedpipes.processor import Cleanups, Processor
from typedpipes.source import Feed, Source

_HERE = "Run this drawing with `plumber.run()`, in one process."


def refusals(blueprint: Blueprint) -> Iterator[WiringError]:
    """Yield an error for each node that a network run has no way to keep its promises for."""
    for node in blueprint.nodes:
        for what in _refused(node):
            yield WiringError(f"{what} over a network. {_HERE}", nodes=[node.name])


def _refused(node: NodeSpec) -> Iterator[str]:
    if node.prefer is not None:
        yield f"{node.name!r} prefers an input of its merge, which does not work"
    if isinstance(node.part, Processor | Source) and node.part.cleanups != Cleanups():
        yield f"{node.name!r} has a cleanup coroutine, and these are not called"
    yield from _refused_as(node.part, node.name)


def _refused_as(part: Part, name: str) -> Iterator[str]:
    match part:
        case Batch():
            yield f"{name!r} makes lists of items, which does not work"
        case Reader():
            yield f"code beside the run reads from {name!r}, which does not work"
        case Replies():
            yield f"{name!r} answers those who ask an exchange, which does not work"
        case Processor():
            yield from _refused_of(part, name)
        case Feed(ends_when_idle=True):
            yield f"{name!r} is filled by its own run until that is idle, which does not work"
        case Source() | Keep() | Split() | Collector() | Relay():
            pass


def _refused_of(processor: Processor[Any, Any], name: str) -> Iterator[str]:  # Any: any will do
    if is_folded(processor.coro):
        yield f"{name!r} folds its items into a state, which does not work"
    if processor.key is not None:
        yield f"{name!r} works by keys, which does not work"
