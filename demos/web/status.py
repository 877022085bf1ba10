"""What `/status` tells: what the server does now, and what it did lately.

Any client may read it, so nothing in it comes from one of them: neither items nor names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from demos.web.protocol import By, Ended, RunReport
from demos.web.running import Running


class NodeStatus(Struct, frozen=True):
    """What became of the items of one node, which has no name here."""

    received: int
    completed: int
    failed: int
    dropped: int
    interrupted: int
    emitted: int
    left: int


class RunGoing(Struct, frozen=True):
    """A run that goes on, or is about to."""

    run: int
    results: int
    nodes: Sequence[NodeStatus]


class RunOver(Struct, frozen=True):
    """A run that has ended.

    Attributes:
        nodes: from upstream to downstream.
        cleaned_up: at how many nodes a cleanup coroutine has run.
        found: how many items these found in all.
    """

    run: int
    results: int
    by: By
    ending: Literal["running", "finished", "drained", "aborted", "failed"]
    duration: float
    nodes: Sequence[NodeStatus]
    cleaned_up: int
    found: int


class Status(Struct, frozen=True):
    """What the server does, and did.

    Attributes:
        may_hold: how many bytes the items inside all runs may take.
    """

    clients: int
    may_hold: int
    running: Sequence[RunGoing]
    ended: Sequence[RunOver]


def going(running: Running) -> RunGoing:
    """Tell of a run that goes on."""
    return RunGoing(running.number, running.client.given, _nodes(running.report()))


def over(running: Running, ended: Ended) -> RunOver:
    """Tell of a run that has ended."""
    return RunOver(
        run=ended.run,
        results=running.client.given,
        by=ended.by,
        ending=ended.report.ending,
        duration=ended.report.duration,
        nodes=_nodes(ended.report),
        cleaned_up=len(running.cleaned_up),
        found=sum(running.cleaned_up.values()),
    )


def _nodes(report: RunReport | None) -> Sequence[NodeStatus]:
    return [
        NodeStatus(
            received=node.received,
            completed=node.completed,
            failed=node.failed,
            dropped=node.dropped,
            interrupted=node.interrupted,
            emitted=node.emitted,
            left=node.unprocessed + node.undelivered,
        )
        for node in (report.processors if report else ())
    ]
