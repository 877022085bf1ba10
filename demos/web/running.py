"""One run of a client's pipeline: limited, watched, cleaned up and told about."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Literal

import msgspec

from demos.web.budget import most
from demos.web.drawing import Drawn
from demos.web.limits import Limits
from demos.web.protocol import By, Counts, DoomTold, Ended, Failed, Progress, RunReport
from demos.web.session import Session, session
from demos.web.stop import Stop
from typedpipes import (
    Gauges,
    InputQueue,
    OutputQueue,
    PipelineFailed,
    Processor,
    ProcessorFailed,
    Report,
    RunStateError,
    Source,
)
from typedpipes.cli.outcome import format_errors, format_json
from typedpipes.observe.snapshot import Snapshots

GLANCE = 0.2  # seconds between two looks at a run
WHAT_WAS_INSIDE = {
    "drained": "; what was inside flowed out",
    "aborted": "; what was inside did not flow out, and was aborted",
}


class Running:
    """A pipeline that runs for a client.

    Args:
        number: of the run, since the server started.
        drawn: what is run, once.
        client: who gets its results.
        limits: when it is ended.

    Attributes:
        budget: what its items may take.
        cleaned_up: the nodes whose cleanup coroutines have run, and what these found.
    """

    def __init__(self, number: int, drawn: Drawn, client: Session, limits: Limits) -> None:
        self.number = number
        self.budget = drawn.budget
        self.client = client
        self.cleaned_up: dict[str, int] = {}
        self._plumber = drawn.plumber
        self._lines = drawn.lines
        self._limits = limits
        self._cancelled = False
        self._snapshots = Snapshots(self._plumber.blueprint())
        for node in self._plumber.blueprint().nodes:
            clean = self._cleanup_of(node.name)
            if isinstance(node.part, Processor):
                node.part.cleanup(input=clean, output=clean)
            elif isinstance(node.part, Source):
                node.part.cleanup(output=clean)

    def _cleanup_of(
        self, name: str
    ) -> Callable[[InputQueue[object] | OutputQueue[object]], Awaitable[None]]:
        """Make a cleanup coroutine; one with things to give back would do it here."""

        async def clean(queue: InputQueue[object] | OutputQueue[object]) -> None:
            self.cleaned_up[name] = self.cleaned_up.get(name, 0) + len(queue.drain())

        return clean

    async def run(self) -> Ended:
        """Run it to its end, with the client's session as its context."""
        session.set(self.client)
        most.set(self.budget.item)
        self.client.given = 0
        limit = asyncio.get_running_loop().call_later(
            self._limits.seconds,
            self.stop,
            f"the time limit of {self._limits.seconds:g} s is reached",
            "time",
        )
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._watch())
                report, failed = await self._outcome()
                watching.cancel()
        finally:
            limit.cancel()
        return self._ended(report, failed)

    async def _outcome(self) -> tuple[Report, PipelineFailed | None]:
        try:
            return await self._plumber.run(grace=self._limits.grace), None
        except PipelineFailed as failed:
            return failed.report, failed

    async def _watch(self) -> None:
        """Tell how the run goes on, as long as it does, whenever the client has read the last."""
        earlier: Sequence[object] = ()
        last = 0
        async for gauges in self._plumber.watch(every=GLANCE):
            report, snapshot = seen(gauges), self._snapshots.take(gauges)
            if report.processors != earlier and self.client.has_read(last):
                last = await self.client.tell(Progress(report, snapshot))
                earlier = report.processors

    def stop(self, why: str, by: By, mode: Literal["drain", "abort"] = "drain") -> None:
        """End the run early."""
        self._plumber.doomsday.put_nowait(Stop(why, by, mode=mode))

    def cancel(self) -> None:
        """End the run as its client wants it: the first time drain it, the second abort it."""
        self.stop("you cancelled it", "cancel", "abort" if self._cancelled else "drain")
        self._cancelled = True

    def _ended(self, report: Report, failed: PipelineFailed | None) -> Ended:
        stop = next((doom for doom in report.dooms if isinstance(doom, Stop)), None)
        errors = () if failed is None else tuple(format_errors(failed))
        by: By = "itself"
        what = "it ran to its end"
        if stop is not None:
            by, what = stop.by, f"{stop.reason}{WHAT_WAS_INSIDE.get(report.ending, '')}"
        elif errors:
            by, what = "failure", errors[0]
        places = () if failed is None else tuple(self._places(failed))
        snapshot = self._snapshots.take(self._plumber.gauges())
        return Ended(self.number, by, what, told(report, errors), snapshot, places)

    def _places(self, failed: PipelineFailed) -> Iterator[Failed]:
        """Find the nodes that failed."""
        for error, what in zip(failed.exceptions, format_errors(failed), strict=True):
            if isinstance(error, ProcessorFailed):
                yield Failed(error.processor, what, self._lines.get(error.processor))

    def report(self) -> RunReport | None:
        """Tell what has become of every item up to now; nothing before the run has begun."""
        try:
            return told(self._plumber.report())
        except RunStateError:
            return None


def seen(gauges: Gauges) -> RunReport:
    """Write what a run does now as its report, without a look at the items."""
    before: dict[str, int] = defaultdict(int)
    behind: dict[str, int] = defaultdict(int)
    for edge in gauges.edges:
        before[edge.end] += edge.items
        behind[edge.start] = max(behind[edge.start], edge.items)  # of a fork: the same items
    return RunReport(
        gauges.plumber,
        "running",
        gauges.duration,
        dooms=[DoomTold(doom.reason, doom.mode) for doom in gauges.dooms],
        errors=(),
        processors=[
            Counts(
                name=each.name,
                received=each.received,
                completed=each.completed,
                failed=each.failed,
                dropped=each.dropped,
                interrupted=each.interrupted,
                emitted=each.emitted,
                unprocessed=each.interrupted + before[each.name],
                undelivered=behind[each.name],
            )
            for each in gauges.processors
        ],
    )


def told(report: Report, errors: Sequence[str] = ()) -> RunReport:
    """Write a report as clients get it."""
    return msgspec.json.decode(format_json(report, errors), type=RunReport)
