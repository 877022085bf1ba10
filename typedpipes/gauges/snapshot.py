"""A snapshot of a run: numbers only, so that taking one costs the same however much waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from attrs import field, frozen

from typedpipes.errors import WiringError
from typedpipes.outlet import Pausable
from typedpipes.queues import Doom
from typedpipes.report import Ending
from typedpipes.shorten import shorten

if TYPE_CHECKING:
    from typedpipes.gauges.rates import Rates

RunState: TypeAlias = Literal["not begun", "opening", "draining", "aborting"] | Ending
"""Where a run is: not begun, opening its resources, going on in one of three ways, or ended."""

RUN_STATES: Final[Sequence[RunState]] = (
    "not begun",
    "opening",
    "running",
    "draining",
    "aborting",
    "finished",
    "drained",
    "aborted",
    "failed",
)
"""All of them, in an order in which they may follow."""

Kind: TypeAlias = Literal["source", "processor", "fitting", "collector", "reader"]
"""What a node is. A `reader` is where a queue of `read` is read from."""

State: TypeAlias = Literal["busy", "idle", "backpressured", "paused", "ended"]
"""What a node does at a moment. It is `busy` if one of its workers is."""


# A look makes one for each node and edge, and a tuple is made three times as quickly as a frozen
# class of attrs.
class ProcessorGauges(NamedTuple):
    """What one node of the graph is doing, and has done since the run began.

    `busy + idle + backpressured + paused` is the duration of the run. A worker is in one of them
    at a time, and where there are many, each of the four is an average over the workers.

    Attributes:
        name: the name of the node.
        kind: what it is.
        state: what it does now.
        received: items taken from the input (for a source: made), as in the report.
        completed: as in the report, and so the next four.
        failed: items whose coroutine raised or ran out of time.
        dropped: items that were left out.
        interrupted: items in progress when it was stopped.
        in_flight: items in progress now.
        emitted: items given.
        workers: how many items it may work on at a time.
        busy: seconds in which it worked on items, or waited in their coroutine. A source is busy
            while it is asked for its next item.
        idle: seconds in which it waited for items, or had ended.
        backpressured: seconds in which there were items, and no room for what they become.
        paused: seconds in which a pause kept it from working, or the opening of resources.
        computing: those of the busy seconds, added up for all workers, in which it kept the event
            loop to itself. Of calls that suspend, or of many workers, those that compute for a
            millisecond are all measured, and quicker ones are estimated from a sample. An input
            rig has none.
        raised: how often its coroutine raised, by the name of the type of the exception.
    """

    name: str
    kind: Kind
    state: State = "idle"
    received: int = 0
    completed: int = 0
    failed: int = 0
    dropped: int = 0
    interrupted: int = 0
    in_flight: int = 0
    emitted: int = 0
    workers: int = 1
    busy: float = 0.0
    idle: float = 0.0
    backpressured: float = 0.0
    paused: float = 0.0
    computing: float = 0.0
    raised: Mapping[str, int] = {}


class EdgeGauges(NamedTuple):
    """How full one edge is.

    Attributes:
        start: the name of the node that gives; empty for what is put into a feed.
        end: the name of the node that takes.
        limit: the most items it holds; `None` for a feed without a bound.
        items: how many are inside now. On an edge to a zip that keeps its pairs, a gap in place of
            an item that was dropped counts as well, because it takes its room.
        failures: whether it takes the failures of `start` rather than its results.
    """

    start: str
    end: str
    limit: int | None
    items: int = 0
    failures: bool = False

    @property
    def name(self) -> str:
        """Its ends, as `parse -> store`; `parse -!> store` for failures, `-> orders` for a feed."""
        arrow = "-!>" if self.failures else "->"
        return f"{self.start} {arrow} {self.end}".lstrip()


@frozen
class Gauges:
    """What a run is doing now, in numbers.

    Unlike a report it has no items in it: what it costs depends on how many nodes there are, and
    not on what waits between them.

    Attributes:
        plumber: the name of the plumber.
        state: where the run is.
        began: when it began, by the monotonic clock of the process: it tells runs apart.
        duration: how long it has taken, in seconds, less what its cleanup coroutines took.
        loop_busy: for how many of these seconds the event loop was busy, with whatever it runs.
            It is what its thread has computed, or what nodes have kept it, if that is more.
        wedge: who waits for whom, if nothing can move any more although the run is not over. An
            idle run, in which more may come from outside, is not wedged.
        processors: one for every node, from upstream to downstream.
        edges: one for every edge, in the order of the nodes that they lead to.
        dooms: all dooms that were put, in order.
    """

    plumber: str
    state: RunState
    began: float = 0.0
    duration: float = 0.0
    loop_busy: float = 0.0
    wedge: str | None = None
    processors: Sequence[ProcessorGauges] = ()
    edges: Sequence[EdgeGauges] = ()
    dooms: Sequence[Doom] = ()
    _parts: Sequence[object] = field(default=(), repr=False, eq=False)

    @property
    def is_over(self) -> bool:
        """Whether the run has ended. Its cleanup coroutines may still run."""
        return self.state in ("finished", "drained", "aborted", "failed")

    def of(self, part: Pausable, /) -> ProcessorGauges:
        """Return the gauges of a processor or a source.

        Raises:
            WiringError: it is not part of the plumber.
        """
        for mine, gauges in zip(self._parts, self.processors, strict=True):
            if mine is part:
                return gauges
        raise WiringError(
            f"{shorten(part)} is no processor or source in the drawing of {self.plumber!r}, so "
            "there are no gauges of it. Look for the name of a node in `processors`."
        )

    def since(self, earlier: Gauges) -> Rates:
        """Return what changed since an earlier snapshot, per second, and what holds the run up.

        If that is of an earlier run, or of none, return what changed since this run began.
        """
        from typedpipes.gauges.comparing import compare  # noqa: PLC0415  # it needs this class

        return compare(earlier, self)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the parts: another process does not have these objects."""
        fields = (
            self.plumber,
            self.state,
            self.began,
            self.duration,
            self.loop_busy,
            self.wedge,
            self.processors,
            self.edges,
            self.dooms,
        )
        return Gauges, fields
