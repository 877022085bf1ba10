"""From the nodes of a run to what its report tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from typedpipes.blueprint import Blueprint
from typedpipes.engine.node import Node
from typedpipes.fittings import items_of
from typedpipes.report import Counts


def account(
    node: Node,
) -> Counts[Any, Any]:  # Any: the item types of a node are known to the report's reader
    """Count what has become of the items of a node up to now."""
    return Counts(
        node.name,
        received=node.received,
        completed=node.completed,
        failed=node.failed,
        dropped=node.left_out,
        interrupted=len(node.interrupted),
        in_flight=node.in_flight,
        emitted=node.emitted,
        cut_short=node.cut_short,
        unprocessed=(*node.interrupted, *node.intake.peek()),
        undelivered=(*node.outflow.peek(), *node.held()),
    )


def collected(blueprint: Blueprint) -> Mapping[str, Sequence[object]]:
    """Give what the collectors hold, without copying it."""
    return {key: items_of(collector) for key, collector in blueprint.collectors.items()}
