"""The progress of a run, as a table on a terminal that is redrawn several times a second."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from time import monotonic

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from typedpipes.plumber import Plumber
from typedpipes.report import Counts, Report

_GLANCE = 0.125
"""Seconds between two samples of the run."""
_MEMORY = 16
"""How many samples a rate is computed over."""
_BAR = 8
"""The width of the bar for how full an edge is, in characters."""
_DISPENSABLE = ("per second", "edge", "in flight", "in", "failed", "done")
"""The columns that a narrow terminal does without, the first one first."""
_WIDEST = 10_000
"""More characters than a table ever needs."""
_NEWS = {"drain": "draining ({}), a second signal aborts", "abort": "aborting ({})"}


async def follow(plumber: Plumber, console: Console, *, visible: bool = True) -> None:
    """Show the progress of a run until cancelled. Off a terminal, report only its dooms."""
    screen = Screen(plumber)
    announced = 0
    live = Live(
        console=console,
        auto_refresh=False,
        transient=True,
        # What the graph prints goes above the table, or to wherever it was redirected.
        redirect_stdout=sys.stdout.isatty(),
    )
    shown = visible and console.is_terminal
    with live if shown else nullcontext():
        while True:
            await asyncio.sleep(_GLANCE)
            report = plumber.report()
            for doom in report.dooms[announced:]:
                news = _NEWS[doom.mode].format(escape(doom.reason))
                console.print(f"typedpipes: {news}", highlight=False, soft_wrap=True)
            announced = len(report.dooms)
            if shown:
                live.update(screen.draw(report, monotonic(), console), refresh=True)


class Screen:
    """Draws successive reports of a run, and computes rates from the earlier ones."""

    def __init__(self, plumber: Plumber) -> None:
        self._rooms: Mapping[str, Sequence[int]] = {
            node.name: [edge.maxsize for edge in node.inputs] for node in plumber.blueprint().nodes
        }
        self._zips = {node.name for node in plumber.blueprint().nodes if node.how == "zip"}
        self._totals = {node.name: node.total for node in plumber.blueprint().nodes}
        self._earlier = deque[tuple[float, Report]](maxlen=_MEMORY)

    def draw(self, report: Report, now: float, console: Console) -> Table:
        """Lay out a report as a table with one row per node, from upstream to downstream.

        Columns that the console has no room for are left out.
        """
        self._earlier.append((now, report))
        columns = self._columns(report)
        left_out = iter(_DISPENSABLE)
        while True:
            table = _lay_out(columns, f"[bold]{escape(report.plumber)}[/]  {report.duration:.1f} s")
            wish = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
            name = next(left_out, None) if wish > console.width else None
            if name is None:
                return table
            del columns[name]

    def _columns(self, report: Report) -> dict[str, list[str | Text]]:
        """Return the cells of each column, by its heading."""
        places = range(len(report.counts))
        done: list[str | Text] = [
            self._tell_done(counts, report.duration) for counts in report.counts
        ]
        return {
            "processor": [escape(counts.name) for counts in report.counts],
            "in": [f"{counts.received:,}" for counts in report.counts],
            "out": [f"{counts.emitted or counts.completed:,}" for counts in report.counts],
            "failed": [
                Text(f"{counts.failed:,}", style="bold red") if counts.failed else ""
                for counts in report.counts
            ],
            "in flight": [str(counts.in_flight or "") for counts in report.counts],
            "per second": [f"{self._compute_rate(place):,.0f}" for place in places],
            "edge": [self._draw_fill(counts) for counts in report.counts],
            **({"done": done} if any(done) else {}),
        }

    def _tell_done(self, counts: Counts[object, object], seconds: float) -> str:
        """Return which share of a source is done and the time left at its speed, if known."""
        total = self._totals[counts.name]
        if not total:
            return ""
        share = min(counts.completed / total, 1.0)
        left = f", {format_time(seconds / share - seconds)} left" if 0 < share < 1 else ""
        return f"{share:.0%}{left}"

    def _compute_rate(self, place: int) -> float:
        (begin, first), (end, last) = self._earlier[0], self._earlier[-1]
        if end <= begin:
            return last.counts[place].completed / last.duration if last.duration else 0.0
        return (last.counts[place].completed - first.counts[place].completed) / (end - begin)

    def _draw_fill(self, counts: Counts[object, object]) -> Text:
        """Draw how full the input is; for a zip, how full its shortest edge is."""
        rooms = self._rooms[counts.name]
        if not rooms:
            return Text()
        room = min(rooms) if counts.name in self._zips else sum(rooms)
        share = min((len(counts.unprocessed) - counts.interrupted) / room, 1.0)
        eighths = round(share * _BAR)
        style = "red" if share > 0.9 else "yellow" if share > 0.5 else "green"
        return Text.assemble(
            ("━" * eighths, style), ("─" * (_BAR - eighths), "dim"), f" {share:4.0%}"
        )


def format_time(seconds: float) -> str:
    """Write a time that need not be exact: `45 s`, `3:20`, `2:03:20`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _lay_out(columns: Mapping[str, Sequence[str | Text]], title: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left", title=title)
    for heading in columns:
        left = heading in {"processor", "edge"}
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table
