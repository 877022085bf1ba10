"""What `/status` tells: what the server does now, and what it did lately."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from demos.web.protocol import By, Ended, RunReport
from demos.web.running import Running


class RunGoing(Struct, frozen=True):
    """A run that goes on, or is about to."""

    run: int
    results: int
    report: RunReport | None


class RunOver(Struct, frozen=True):
    """A run that has ended.

    Attributes:
        cleaned_up: how many items the cleanup coroutines found, by node.
    """

    run: int
    results: int
    by: By
    what: str
    cleaned_up: dict[str, int]
    report: RunReport


class Status(Struct, frozen=True):
    """What the server does, and did."""

    clients: int
    running: Sequence[RunGoing]
    ended: Sequence[RunOver]


def going(running: Running) -> RunGoing:
    """Tell of a run that goes on."""
    return RunGoing(running.number, running.client.given, running.report())


def over(running: Running, ended: Ended) -> RunOver:
    """Tell of a run that has ended."""
    return RunOver(
        run=ended.run,
        results=running.client.given,
        by=ended.by,
        what=ended.what,
        cleaned_up=running.cleaned_up,
        report=ended.report,
    )
