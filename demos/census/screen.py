"""What the census shows at its end: a table, and the failures."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from demos.census.files import PythonFile, Text
from demos.census.tally import Count, Tally
from typedpipes import Failure

ROWS = 10


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
