"""What the census shows: progress while it works, a table and the failures at its end."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from demos.census.files import PythonFile, Text
from demos.census.tally import Count, Tally
from typedpipes import Failure, Plumber

ROWS = 20
GLANCE = 0.1  # seconds between two looks at the run
NEWS = {
    "drain": "Stopping: {}. What is inside flows out; a second signal aborts.",
    "abort": "Aborting: {}.",
}


async def follow(console: Console, plumber: Plumber, tally: Tally, files: int) -> None:
    """Show how a run goes on until it is over: a bar on a terminal, news only on a pipe."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    told = 0
    bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
    with bar:
        task = bar.add_task("counting", total=files)
        async for gauges in plumber.watch(every=GLANCE):
            for doom in gauges.dooms[told:]:
                bar.update(task, description="stopping")
                console.print(NEWS[doom.mode].format(escape(doom.reason)), highlight=False)
            told = len(gauges.dooms)
            bar.update(task, completed=tally.files)


def show(console: Console, tally: Tally, folder: Path) -> None:
    """Show the result: the largest packages, the sum, and what could not be counted."""
    console.print(table(tally))
    if tally.failures:
        files = "1 file" if len(tally.failures) == 1 else f"{len(tally.failures)} files"
        console.print(f"\n{files} could not be counted:", highlight=False)
    for failure in tally.failures:
        console.print(f"  {escape(describe(failure, folder))}", highlight=False, soft_wrap=True)


def table(tally: Tally) -> Table:
    """Lay the counts out, one row per package, the ones with most functions first."""
    table = Table("package", title="How typed is it?", title_justify="left", show_footer=False)
    for heading in ("files", "functions", "typed", "share"):
        table.add_column(heading, justify="right")
    counts = sorted(tally.packages.items(), key=lambda row: row[1].functions, reverse=True)
    for package, count in counts[:ROWS]:
        table.add_row(escape(package), *cells(count))
    if rest := counts[ROWS:]:
        table.add_row(f"{len(rest)} more", *cells(summed([count for _, count in rest])))
    table.add_section()
    table.add_row("total", *cells(tally.total), style="bold")
    return table


def cells(count: Count) -> tuple[str, str, str, str]:
    """Write a count as the cells of a row."""
    share = f"{count.typed / count.functions:.1%}" if count.functions else "-"
    return str(count.files), str(count.functions), str(count.typed), share


def summed(counts: list[Count]) -> Count:
    """Add counts up."""
    return Count(
        files=sum(count.files for count in counts),
        functions=sum(count.functions for count in counts),
        typed=sum(count.typed for count in counts),
    )


def describe(failure: Failure[PythonFile | Text], folder: Path) -> str:
    """Say in a line where a failure is and what it is."""
    file = failure.item.file if isinstance(failure.item, Text) else failure.item
    path = file.path.relative_to(folder)
    match failure.error:
        case SyntaxError(msg=reason, lineno=int(line)):
            return f"{path}:{line}: {reason}"
        case error:
            return f"{path}: {type(error).__name__}: {error}"
