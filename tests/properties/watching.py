"""Looking at a run at every turn of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

from typedpipes import Plumber, Report
from typedpipes.engine.node import Node

HANGS_AFTER = 20_000
"""Turns of the event loop without a sign of life, until a run counts as one that hangs."""


class Watcher:
    """Watches a run until it is over, and cancels one that hangs.

    Attributes:
        signs: how many signs of life there were; whoever sees one counts it.
        complaints: what was wrong.
    """

    def __init__(self, plumber: Plumber) -> None:
        self.signs = 0
        self.complaints: list[str] = []
        self._plumber = plumber

    async def watch(self, run: asyncio.Task[Report], nodes: Collection[Node]) -> None:
        """Watch the run and its nodes until it is over."""
        turns = quiet = before = 0
        while quiet < HANGS_AFTER:
            await asyncio.sleep(0)
            turns += 1
            quiet = 0 if self.signs != before else quiet + 1
            before = self.signs
            if quiet < 20:
                self.complaints += overfull(nodes)
                if turns % 8 == 0:
                    self.complaints += unbalanced(self._plumber.report())
        self.complaints.append(f"it hangs:\n{self._plumber.report()}")
        run.cancel()


def left_in(node: Node) -> list[list[object]]:
    """Give what is in the buffers that a node reads from."""
    return [list(buffer.items) for buffer in node.intake.buffers]


def overfull(nodes: Iterable[Node]) -> list[str]:
    """Find edges that hold more than their bound."""
    return [
        f"an edge to {node.name!r} holds {len(buffer.items)} items, its bound is {buffer.maxsize}"
        for node in nodes
        for buffer in node.intake.buffers
        if len(buffer.items) > buffer.maxsize
    ]


def unbalanced(report: Report) -> list[str]:
    """Find nodes whose numbers do not add up."""
    return [
        f"the numbers do not add up: {counts}"
        for counts in report.counts
        if counts.received
        != counts.completed + counts.failed + counts.dropped + counts.interrupted + counts.in_flight
        or min(counts.completed, counts.in_flight, counts.emitted) < 0
    ]
