"""What a run over a network does not do, by name: each with the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from typedpipes.blueprint import Blueprint, NodeSpec, Part
from typedpipes.errors import WiringError
from typedpipes.exchange import Replies
from typedpipes.fittings import Batch, Collector, Keep, Reader, Relay, Split
from typedpipes.fold import is_folded
from typedpipes.processor import Cleanups, Processor
from typedpipes.source import Feed, Source

_HERE: Final = "Run this drawing with `plumber.run()`, in one process."

Refusal: TypeAlias = tuple[str, str]
"""What does not work over a network, and the way out."""


def refusals(blueprint: Blueprint) -> Iterator[WiringError]:
    """Yield an error for each node that a network run has no way to keep its promises for."""
    for node in blueprint.nodes:
        for what, way_out in _refused(node):
            yield WiringError(f"{what} over a network. {way_out}", nodes=[node.name])


def _refused(node: NodeSpec) -> Iterator[Refusal]:
    if node.prefer is not None:
        yield (
            f"no process sees what waits for the others, so {node.name!r} cannot prefer an input "
            "of its merge",
            "Leave out `prefer`.",
        )
    if isinstance(node.part, Source) and node.part.cleanups != Cleanups():
        yield (
            f"the cleanup coroutines of the source {node.name!r} are not called",
            "Set them on the processors that it leads to: what these never took goes to their "
            "input cleanup.",
        )
    yield from _refused_as(node.part, node.name)


def _refused_as(part: Part, name: str) -> Iterator[Refusal]:
    match part:
        case Batch(every=every) if every is not None:
            yield (
                f"each process has a clock of its own, so {name!r} cannot make a list at each "
                "interval",
                "Use `batch` with `within`, which counts from the first item of each list.",
            )
        case Replies():
            yield f"{name!r} answers those who ask an exchange, which does not work", _HERE
        case Processor():
            yield from _refused_of(part, name)
        case Feed(ends_when_idle=True):
            yield (
                f"{name!r} is filled by its own run until that is idle, which does not work",
                _HERE,
            )
        case Source() | Keep() | Batch() | Split() | Collector() | Reader() | Relay():
            pass


def _refused_of(processor: Processor[Any, Any], name: str) -> Iterator[Refusal]:  # Any: any will do
    if is_folded(processor.coro):
        yield (
            f"the state of {name!r} would be lost with the process that has it, so folds do not "
            "work",
            "Read what it takes with `read`, and fold it in the process that submits the run.",
        )
    if processor.key is not None and processor.workers > 1:
        yield (
            f"no process sees the keys that the others have in hand, so {name!r} cannot work by "
            "keys with several workers",
            "Give it one worker; or split the items by key to several processors of one worker "
            "each, and rejoin them.",
        )
