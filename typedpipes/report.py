"""The report of a run: what became of every item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Generic, Literal, Self, TypeAlias, overload

from attrs import evolve, field, frozen
from typing_extensions import TypeVar

from typedpipes.errors import TypedpipesError, WiringError
from typedpipes.fittings import Collector
from typedpipes.processor import Processor
from typedpipes.queues import Doom
from typedpipes.shorten import shorten
from typedpipes.source import Source

In = TypeVar("In")
Out = TypeVar("Out")
In_co = TypeVar("In_co", covariant=True)
Out_co = TypeVar("Out_co", covariant=True)


@frozen
class Counts(Generic[In_co, Out_co]):
    """What became of the items of one node.

    Always: `received = completed + failed + dropped + interrupted + in_flight`, and after
    a run nothing is in flight. The equation is no check: `completed` is derived from it, because
    counting it would cost a step for every item; and `emitted` is derived from `completed` where
    a node gives one item for each. The others are counted.

    Attributes:
        name: the name of the node.
        received: items taken from the input (for a source: made).
        completed: items whose coroutine returned: what the others leave of `received`.
        failed: items whose coroutine raised or ran out of time.
        dropped: items that `keep` or `only` left out, tuples that a zip left out because a part of
            them was dropped or failed, and items of a request whose asker has left.
        interrupted: items in progress when the node was stopped.
        in_flight: items in progress now.
        waiting_for_key: those of them that wait for an earlier item of their key.
        emitted: items given.
        cut_short: whether a zip ended here while one of its inputs still had items.
        unprocessed: the interrupted items, then what was left in the input.
        undelivered: items that were given and never taken by the next node.
    """

    name: str
    received: int = 0
    completed: int = 0
    failed: int = 0
    dropped: int = 0
    interrupted: int = 0
    in_flight: int = 0
    waiting_for_key: int = 0
    emitted: int = 0
    cut_short: bool = False
    unprocessed: Sequence[In_co] = field(default=(), repr=shorten)
    undelivered: Sequence[Out_co] = field(default=(), repr=shorten)


Ending: TypeAlias = Literal["running", "finished", "drained", "aborted", "failed"]

_SUMMED = (
    "received",
    "completed",
    "failed",
    "dropped",
    "interrupted",
    "in_flight",
    "waiting_for_key",
    "emitted",
)

_COLUMNS = ("received", "completed", "failed", "dropped", "interrupted", "in_flight", "emitted")


@frozen
class Report:
    """The report of a run, at its end or while it is running.

    Attributes:
        plumber: the name of the plumber.
        counts: what became of the items, for every node from upstream to downstream.
        ending: how it ended: by itself, drained, aborted, or with an error; `"running"` until
            then.
        dooms: all dooms that were put, in order.
        duration: how long the run has taken, in seconds.
        collected: what collectors hold, by name. A collector without a name goes by the node
            that it follows, or by `failures of` that node, `zip` or `merge`. If that is taken,
            `-2` and so on is appended, in the order in which they were drawn.
        segments: the names of the nodes in each segment (see `Joint.via`), by its full name.
    """

    plumber: str
    counts: Sequence[Counts[object, object]]
    ending: Ending = "running"
    dooms: Sequence[Doom] = ()
    duration: float = 0.0
    collected: Mapping[str, Sequence[object]] = field(
        factory=dict[str, Sequence[object]], repr=False
    )
    _parts: Sequence[object] = field(default=(), repr=False, eq=False)
    segments: Mapping[str, Sequence[str]] = field(factory=dict[str, Sequence[str]], repr=False)

    @overload
    def of(self, part: Processor[In, Out], /) -> Counts[In, Out]: ...
    @overload
    def of(self, part: Source[Out], /) -> Counts[Out, Out]: ...
    @overload
    def of(self, part: Collector[In], /) -> Counts[In, None]: ...
    def of(self, part: object, /) -> Counts[Any, Any]:  # Any: only the overloads are seen
        """Return the counts of a processor, a source or a collector.

        Raises:
            WiringError: it is not part of the plumber.
        """
        for mine, counts in zip(self._parts, self.counts, strict=True):
            if mine is part:
                return counts
        if not isinstance(part, Processor | Source | Collector):
            raise WiringError(
                "a report has counts of a processor, a source or a collector, not of "
                f"{shorten(part)}. Pass the object itself, or look for the name in `counts`."
            )
        raise WiringError(
            f"{part!r} is not in the drawing of {self.plumber!r}, so its report has no counts of it"
        )

    def of_segment(self, segment: str, /) -> Counts[object, object]:
        """Return the sum of a segment: an item counts at each of its nodes that it came to.

        Args:
            segment: its full name, such as `billing`, or `billing/prices` for one inside it.

        Raises:
            WiringError: the plumber has no such segment.
        """
        if segment not in self.segments:
            known = ", ".join(map(repr, self.segments)) or "none"
            raise WiringError(
                f"{shorten(segment)} is no segment of {self.plumber!r}; its segments are: {known}. "
                "For the counts of a processor, use `of`."
            )
        inside = [counts for counts in self.counts if counts.name in self.segments[segment]]
        return Counts(
            segment,
            **{name: sum(getattr(counts, name) for counts in inside) for name in _SUMMED},
            cut_short=any(counts.cut_short for counts in inside),
            unprocessed=tuple(item for counts in inside for item in counts.unprocessed),
            undelivered=tuple(item for counts in inside for item in counts.undelivered),
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the parts: another process does not have these objects."""
        fields = (self.plumber, self.counts, self.ending, self.dooms, self.duration, self.collected)
        return Report, (*fields, (), self.segments)

    def __str__(self) -> str:
        """Return a table with one line per node."""
        table = self._table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [self._heading()]
        for name, *cells in table:
            aligned = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
            lines.append("  ".join([name.ljust(widths[0]), *aligned]))
        return "\n".join([*lines, *self._remarks()])

    def _repr_html_(self) -> str:
        """Return the same table as HTML, for a notebook."""
        head, *rows = self._table()
        remarks = "<br>".join(map(escape, self._remarks()))
        return (
            f"<table><caption>{escape(self._heading())}</caption>{_row('th', head)}"
            f"{''.join(_row('td', row) for row in rows)}</table>{remarks}"
        )

    def _heading(self) -> str:
        return f"{self.plumber}: {self.ending}, {self.duration:.3f} s"

    def _table(self) -> Sequence[Sequence[str]]:
        """Return the headings, and the name and the numbers of each node."""
        rows: list[tuple[str, ...]] = [
            ("", *(column.replace("_", " ") for column in _COLUMNS), "unprocessed", "undelivered")
        ]
        sums = [evolve(self.of_segment(name), name=f"{name} (sum)") for name in self.segments]
        for counts in [*self.counts, *sums]:
            numbers = [getattr(counts, column) for column in _COLUMNS]
            numbers += [len(counts.unprocessed), len(counts.undelivered)]
            rows.append((counts.name, *(str(number) for number in numbers)))
        # A column of zeros is left out, except for the first two: received and completed.
        shown = [
            place
            for place in range(len(rows[0]))
            if place < 3 or any(row[place] != "0" for row in rows[1:])
        ]
        return [[row[place] for place in shown] for row in rows]

    def _remarks(self) -> Sequence[str]:
        """Return further remarks, one line each."""
        return [
            *(
                f"cut short: the zip before {counts.name!r}"
                for counts in self.counts
                if counts.cut_short
            ),
            *(f"doom ({doom.mode}): {doom.reason}" for doom in self.dooms),
        ]


def _row(kind: Literal["th", "td"], cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"


class PipelineFailed(ExceptionGroup[TypedpipesError], TypedpipesError):
    """A run failed: a group of the errors that made it fail.

    They are `ProcessorFailed`, `ResourceFailed`, `CleanupFailed` and `ProcessorHangs`.

    Attributes:
        report: what became of every item.
    """

    def __new__(cls, report: Report, errors: Sequence[TypedpipesError]) -> Self:
        """Group the errors of the run that the report is about."""
        return super().__new__(cls, f"the run of {report.plumber!r} failed", errors)

    def __init__(self, report: Report, errors: Sequence[TypedpipesError]) -> None:
        super().__init__(report.plumber, errors)
        self.report: Report = report

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the report and the errors that the group was made of."""
        return PipelineFailed, (self.report, self.exceptions)

    def derive(self, excs: Sequence[TypedpipesError], /) -> PipelineFailed:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # pyrefly: ignore[bad-override]  # only our errors are in here
        """Keep the kind of the group, and the report, when it is split."""
        return PipelineFailed(self.report, excs)
