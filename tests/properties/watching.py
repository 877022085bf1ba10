"""Looking at a run between two turns of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from tests.properties.counting import miscounted
from tests.properties.world import World
from typedpipes import Gauges, Report
from typedpipes.engine.life import ENDED
from typedpipes.engine.node import Node
from typedpipes.engine.stage import StageNode
from typedpipes.flow.edge import Edge

HANGS_AFTER = 20_000
"""Turns of the event loop without a sign of life, until a run counts as one that hangs."""

TINY = 1e-6
"""Seconds that may be lost by rounding."""

MOST = 5
"""Complaints that are enough."""


class Watcher:
    """Watches a run until it is over, and cancels one that hangs.

    Attributes:
        signs: how many signs of life there were; those who see one count it.
        complaints: what was wrong.
    """

    def __init__(self, world: World) -> None:
        self.signs = 0
        self.complaints: list[str] = []
        self._world = world
        self._turns = self._quiet = self._before = 0

    def look(self, run: asyncio.Task[Report], nodes: Iterable[Node]) -> None:
        """Look at the run and its nodes, once a turn."""
        self._turns += 1
        self._quiet = 0 if self.signs != self._before else self._quiet + 1
        self._before = self.signs
        if self._quiet == HANGS_AFTER:
            self.complaints.append(f"it hangs:\n{self._world.plumber.report()}")
            run.cancel()
        elif self._quiet < 20 and len(self.complaints) < MOST and not run.done():
            self.complaints += overfull(nodes)
            if self._turns % 8 == 0:
                self.complaints += self._miscounted(nodes)
                self.complaints += misspent(self._world.plumber.gauges())

    def _miscounted(self, nodes: Iterable[Node]) -> Iterator[str]:
        report = self._world.plumber.report()
        if report.ending != "running":
            return
        if len(report.counts) != len(self._world.blueprint.nodes):
            yield f"not all nodes are in the report:\n{report}"
            return
        for node, drawn, counts in zip(
            nodes, self._world.blueprint.nodes, report.counts, strict=True
        ):
            if node.life is not ENDED:
                yield from miscounted(self._world, drawn, counts)


def edges_before(node: Node) -> Sequence[Edge[object]]:
    """Return the edges that a node reads from."""
    return node.inputs.edges if isinstance(node, StageNode) else ()


def left_in(node: Node) -> list[list[object]]:
    """Return what is in the edges that a node reads from."""
    return [list(edge.items) for edge in edges_before(node)]


def misspent(gauges: Gauges) -> Iterator[str]:
    """Find nodes whose seconds do not add up to those of the run, each in one state."""
    for each in gauges.processors:
        spent = (each.busy, each.idle, each.backpressured, each.paused)
        if min(spent) < 0 or abs(sum(spent) - gauges.duration) > TINY:
            yield f"the seconds of {each.name!r} are wrong, of {gauges.duration}: {each}"
        if not 0 <= each.computing <= each.busy * each.workers + TINY:
            yield f"{each.name!r} computed for longer than it was busy: {each}"


def overfull(nodes: Iterable[Node]) -> list[str]:
    """Find edges that hold more than their bound."""
    return [
        f"an edge to {node.name!r} holds {len(edge.items)} items, its bound is {edge.maxsize}"
        for node in nodes
        for edge in edges_before(node)
        if len(edge.items) > edge.maxsize
    ]
