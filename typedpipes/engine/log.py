"""What a run writes to the log: a line for each event, with no items in it."""

from __future__ import annotations

import logging

from typedpipes.errors import (
    CleanupFailed,
    ProcessorFailed,
    ProcessorHangs,
    ResourceFailed,
    TypedpipesError,
    Wedged,
)
from typedpipes.queues import Doom
from typedpipes.report import Report

_LOGGER = logging.getLogger("typedpipes")
_LOGGER.addHandler(logging.NullHandler())  # else Python writes warnings to the standard error


class Log:
    """Writes the events of one run to the logger `typedpipes`, each with the plumber's name.

    Failures on a failures edge are at `DEBUG`, what is normal at `INFO`, an abort and
    a thread that is left behind at `WARNING`, and what makes the run fail at `ERROR`.
    """

    def __init__(self, plumber: str) -> None:
        self._plumber = plumber

    def begun(self, nodes: int) -> None:
        """Write that the run has begun."""
        _LOGGER.info("%s: run begun, %d nodes", self._plumber, nodes)

    def doom(self, doom: Doom) -> None:
        """Write that a doom came."""
        if doom.mode == "drain":
            _LOGGER.info("%s: drain: %s", self._plumber, doom.reason)
        else:
            _LOGGER.warning("%s: abort: %s", self._plumber, doom.reason)

    def error(self, error: TypedpipesError) -> None:
        """Write what failed, and makes the run fail."""
        _LOGGER.error("%s: %s", self._plumber, without_item(error))

    def failure(self, processor: str, error: Exception) -> None:
        """Write that an item failed, and goes to the failures edge of its processor."""
        if _LOGGER.isEnabledFor(logging.DEBUG):
            _LOGGER.debug("%s: %r failed: %s", self._plumber, processor, type(error).__name__)

    def left_behind(self, source: str, seconds: float) -> None:
        """Write that the thread of a source still blocks, and goes on without the run."""
        _LOGGER.warning(
            "%s: left the thread of %r behind: it still blocks after %g s",
            self._plumber,
            source,
            seconds,
        )

    def wedged(self, wedge: str) -> None:
        """Write that nothing can move any more."""
        _LOGGER.warning("%s: %s", self._plumber, wedge)

    def ended(self, report: Report) -> None:
        """Write that the run is over, and so are its cleanup coroutines."""
        _LOGGER.info("%s", summary(report))


def without_item(error: TypedpipesError) -> str:
    """Say what failed; items, and what errors say about them, are not for logs."""
    cause = type(error.__cause__).__name__
    match error:
        case ProcessorFailed():
            return f"{error.processor!r} failed: {cause}"
        case CleanupFailed():
            return f"the {error.kind} cleanup coroutine of {error.processor!r} failed: {cause}"
        case ResourceFailed():
            return f"the resource {error.resource!r} failed while {error.when}: {cause}"
        case ProcessorHangs():
            return f"{error.processor!r} hangs since it was cancelled"
        case Wedged():
            return error.wedge
        case _:
            return type(error).__name__


def summary(report: Report) -> str:
    """Return the sum of a report in a line."""
    failed = sum(counts.failed for counts in report.counts)
    interrupted = sum(counts.interrupted for counts in report.counts)
    waiting = sum(len(counts.unprocessed) for counts in report.counts) - interrupted
    return (
        f"{report.plumber}: {report.ending} after {report.duration:.3f} s, "
        f"{failed} failed, {interrupted} interrupted, {waiting} never taken"
    )
