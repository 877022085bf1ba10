"""Whether the numbers of a report, in the middle of a run, are those that coroutines noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.properties.logs import Log
from tests.properties.world import World, keeps_no_log
from typedpipes import Counts, Feed, Processor, Source
from typedpipes.blueprint import NodeSpec
from typedpipes.fittings import Collector, Keep, Reader


def miscounted(world: World, node: NodeSpec, counts: Counts[object, object]) -> Iterator[str]:
    """Find what a report counts otherwise than the node itself, or than those around it."""
    noted = _noted(world, node, counts)
    told = {name: getattr(counts, name) for name in noted}
    if told != noted:
        yield f"{node.name}: noted {noted}, but the report says {told}"
    if min(counts.completed, counts.in_flight, counts.emitted) < 0:
        yield f"a number below 0: {numbers(counts)}"


def _noted(world: World, node: NodeSpec, counts: Counts[object, object]) -> Mapping[str, int]:
    """Return the numbers that are known of a node."""
    log = world.log(node)
    match node.part:
        case Processor(kind="coroutine") if not node.exchange:
            return _by_coroutine(log, counts)
        case Processor():
            return _by_generator(log, counts)
        case Collector() as collector:
            return {"completed": len(collector.items)}
        case Reader() as reader:
            return {"completed": len(world.delivered[world.end(reader).name])}
        case Source(items=list()) | Feed():
            pass
        case Source() | Keep() if not keeps_no_log(node):
            return {"completed": len(log.gave)}
        case _:
            pass
    return {}


def _by_coroutine(log: Log, counts: Counts[object, object]) -> Mapping[str, int]:
    return {
        "completed": len(log.returned),
        "failed": len(log.raised),
        "interrupted": len(log.stopped),
        "in_flight": log.in_hand() + counts.waiting_for_key,
    }


def _by_generator(log: Log, counts: Counts[object, object]) -> Mapping[str, int]:
    """Return the numbers of one whose items stay in hand as long as their results wait."""
    waiting = len(log.returned) - counts.completed
    return {} if 0 <= waiting <= counts.in_flight else {"completed": len(log.returned)}


def numbers(counts: Counts[object, object]) -> str:
    """Return the numbers of a node, without its items."""
    names = ("received", "completed", "failed", "dropped", "interrupted", "in_flight", "emitted")
    told = ", ".join(f"{name} {getattr(counts, name)}" for name in names)
    left = f"unprocessed {len(counts.unprocessed)}, undelivered {len(counts.undelivered)}"
    return f"{counts.name}: {told}, {left}"
