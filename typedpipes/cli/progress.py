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
                live.update(screen.draw(report, monotonic()), refresh=True)


class Screen:
    """Draws successive reports of a run, and computes rates from the earlier ones."""

    def __init__(self, plumber: Plumber) -> None:
        self._rooms: Mapping[str, Sequence[int]] = {
            node.name: [pipe.maxsize for pipe in node.inputs] for node in plumber.blueprint().nodes
        }
        self._zips = {node.name for node in plumber.blueprint().nodes if node.how == "zip"}
        self._earlier = deque[tuple[float, Report]](maxlen=_MEMORY)

    def draw(self, report: Report, now: float) -> Table:
        """Lay out a report as a table with one row per node, from upstream to downstream."""
        self._earlier.append((now, report))
        table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
        table.title = f"[bold]{escape(report.plumber)}[/]  {report.duration:.1f} s"
        table.add_column("processor")
        for heading in ("in", "out", "failed", "in flight", "per second"):
            table.add_column(heading, justify="right")
        table.add_column("edge")
        for place, counts in enumerate(report.counts):
            table.add_row(
                escape(counts.name),
                f"{counts.received:,}",
                f"{counts.emitted or counts.completed:,}",
                Text(f"{counts.failed:,}", style="bold red") if counts.failed else "",
                str(counts.in_flight or ""),
                f"{self._compute_rate(place):,.0f}",
                self._draw_fill(counts),
            )
        return table

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
