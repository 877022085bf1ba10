"""The results as a table: for a terminal, or in Markdown."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import verdict
from benchmarks.contestant import Contestant
from benchmarks.race import Result

HEAD = ("workload", "target")
MISSED = "✗"
LEGEND = (
    "Lower is better. `x`: times what the plain loop needs for the same; its own column says "
    f"what it needs for an item. {MISSED}: typedpipes misses a target. "
    "-: no way to draw it, or not asked."
)


def cells(result: Result, contestants: Sequence[Contestant], missed: bool) -> list[str]:
    """One line of the table."""
    workload = result.workload
    line = [workload.title, verdict.wanted(workload)]
    for contestant in contestants:
        cell = cell_of(result, contestant.name)
        mark = f" {MISSED}" if missed and contestant.name == verdict.OURS else ""
        line.append(cell + mark)
    return line


def cell_of(result: Result, name: str) -> str:
    if name in result.failures:
        return "failed"
    if name not in result.figures:
        return "-"
    if name == result.workload.reference and result.reference is not None:
        return verdict.show(result.reference, "ns")
    return verdict.show(result.figures[name], result.workload.unit)


def rows(results: Sequence[Result], contestants: Sequence[Contestant]) -> list[list[str]]:
    ours = verdict.ours(results)
    return [
        cells(result, contestants, missed=any(verdict.misses(result, ours))) for result in results
    ]


def for_terminal(results: Sequence[Result], contestants: Sequence[Contestant]) -> None:
    """Prints as wide as the table is: a pipe has no width of its own."""
    table = Table(box=box.SIMPLE, pad_edge=False)
    for at, title in enumerate((*HEAD, *(one.title for one in contestants))):
        table.add_column(title, justify="left" if at < len(HEAD) else "right", no_wrap=True)
    for row in rows(results, contestants):
        table.add_row(*row)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    unlimited = console.options.update(max_width=10_000)
    console.width = max(console.width, console.measure(table, options=unlimited).maximum)
    console.print(machine())
    console.print(table)
    console.print(LEGEND)
    for line in after(results, contestants):
        console.print(f"  {line}")


def as_markdown(results: Sequence[Result], contestants: Sequence[Contestant]) -> str:
    heads = [*HEAD, *(one.title for one in contestants)]
    rules = [":--"] * len(HEAD) + ["--:"] * len(contestants)
    lines = [heads, rules, *rows(results, contestants)]
    return "\n".join(
        [
            machine(),
            "",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
            LEGEND,
            "",
            *(f"- {line}" for line in after(results, contestants)),
        ]
    )


def after(results: Sequence[Result], contestants: Sequence[Contestant]) -> list[str]:
    """What a reader must know beside the figures."""
    ours = verdict.ours(results)
    titles = {one.name: one.title for one in contestants}
    return [
        *(f"{MISSED} {miss}." for result in results for miss in verdict.misses(result, ours)),
        *(
            f"{result.workload.title}: typedpipes is beaten by {', '.join(better)}."
            for result in results
            if (better := verdict.better_peers(result))
        ),
        *(
            f"{result.workload.title}: {titles[name]} failed: {result.missing[name]}."
            for result in results
            for name in sorted(result.failures)
        ),
        *(f"{named(one)}: {one.note}." for one in contestants if one.note),
    ]


def named(contestant: Contestant) -> str:
    """With its version, if it is a package."""
    package = contestant.package
    return contestant.title if package is None else f"{contestant.title} {version(package)}"


def machine() -> str:
    return (
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"event loop of asyncio; {' '.join(['python -m benchmarks', *sys.argv[1:]])}"
    )
