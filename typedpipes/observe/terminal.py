"""A run on a terminal: a table that is redrawn several times a second, and a verdict.

It needs rich, which the extra `cli` brings.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from typedpipes.gauges import EdgeGauges, Gauges, ProcessorGauges, Rates
from typedpipes.observe.missing import missing
from typedpipes.plumber import Plumber
from typedpipes.queues import Doom

try:
    from rich.console import Console
    from rich.live import Live
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text
except ImportError as _error:
    raise missing(__name__, _error, "cli") from _error

_GLANCE = 0.125
"""Seconds between two looks at the run."""
_MEMORY = 16
"""How many looks a rate is computed over."""
_BAR = 8
"""The width of the bar for how full an edge is, in characters."""
_DISPENSABLE = ("per second", "edge", "in flight", "in", "failed", "done")
"""The columns that a narrow terminal does without, the first one first."""
_WIDEST = 10_000
"""More characters than a table ever needs."""
_NEWS = {"drain": "draining ({}), a second signal aborts", "abort": "aborting ({})"}


async def follow(plumber: Plumber, console: Console | None = None, *, visible: bool = True) -> None:
    """Show how a run goes on, until it is over.

    The table is gone then: what became of the items is in the report. Off a terminal only the dooms
    are written. Cancelled, it writes those that it has not written yet, and clears the table; the
    run goes on.

    Args:
        plumber: what runs.
        console: where to show it; the standard error, if none is named.
        visible: whether there is a table, and not the dooms only.

    Raises:
        RunStateError: the plumber has not run yet, or runs in another thread.
    """
    console = console or Console(stderr=True)
    screen = Screen(plumber)
    watching = plumber.watch(every=_GLANCE)
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
        try:
            async for gauges in watching:
                _announce(gauges.dooms[announced:], console)
                announced = len(gauges.dooms)
                if shown and not gauges.is_over:
                    live.update(screen.draw(gauges, console), refresh=True)
        finally:  # who waits for the run may go on, and cancel this, before it looks again
            _announce(plumber.gauges().dooms[announced:], console)


def _announce(dooms: Sequence[Doom], console: Console) -> None:
    for doom in dooms:
        news = _NEWS[doom.mode].format(escape(doom.reason))
        console.print(f"typedpipes: {news}", highlight=False, soft_wrap=True)


class Screen:
    """Draws successive gauges of a run, and what changed since some looks ago."""

    def __init__(self, plumber: Plumber) -> None:
        nodes = plumber.blueprint().nodes
        self._zips = {node.name for node in nodes if node.how == "zip"}
        self._totals = {node.name: node.total for node in nodes}
        self._earlier = deque([Gauges(plumber.name, "not begun")], maxlen=_MEMORY)

    def draw(self, gauges: Gauges, console: Console) -> Table:
        """Lay out gauges as a table with one row per node, from upstream to downstream.

        Below it is the verdict. Columns that the console has no room for are left out.
        """
        rates = gauges.since(self._earlier[0])
        self._earlier.append(gauges)
        columns = self._columns(gauges, rates)
        left_out = iter(_DISPENSABLE)
        while True:
            table = _lay_out(columns, f"[bold]{escape(gauges.plumber)}[/]  {gauges.duration:.1f} s")
            wish = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
            name = next(left_out, None) if wish > console.width else None
            if name is None:
                table.caption = rates.verdict and escape(rates.verdict)
                return table
            del columns[name]

    def _columns(self, gauges: Gauges, rates: Rates) -> dict[str, list[str | Text]]:
        """Return the cells of each column, by its heading."""
        nodes = gauges.processors
        done: list[str | Text] = [self._tell_done(node, gauges.duration) for node in nodes]
        return {
            "processor": [escape(node.name) for node in nodes],
            "in": [f"{node.received:,}" for node in nodes],
            "out": [f"{node.emitted or node.completed:,}" for node in nodes],
            "failed": [
                Text(f"{node.failed:,}", style="bold red") if node.failed else "" for node in nodes
            ],
            "in flight": [str(node.in_flight or "") for node in nodes],
            "per second": [f"{each.completed:,.0f}" for each in rates.processors],
            "edge": [self._draw_fill(node.name, gauges.edges) for node in nodes],
            **({"done": done} if any(done) else {}),
        }

    def _tell_done(self, node: ProcessorGauges, seconds: float) -> str:
        """Return which share of a source is done and the time left at its speed, if known."""
        total = self._totals[node.name]
        if not total:
            return ""
        share = min(node.completed / total, 1.0)
        left = f", {format_time(seconds / share - seconds)} left" if 0 < share < 1 else ""
        return f"{share:.0%}{left}"

    def _draw_fill(self, name: str, edges: Sequence[EdgeGauges]) -> Text:
        """Draw how full the input is; for a zip, how full its shortest edge is."""
        inside = [edge.items for edge in edges if edge.end == name]
        limits = [edge.limit for edge in edges if edge.end == name and edge.limit is not None]
        if len(limits) < len(inside) or not limits:
            return Text()
        join = min if name in self._zips else sum
        share = min(join(inside) / join(limits), 1.0)
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
    table = Table(box=None, pad_edge=False, header_style="dim", title=title)
    table.title_justify = table.caption_justify = "left"
    for heading in columns:
        left = heading in {"processor", "edge"}
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table
