"""The table: what was asked for, and what was found."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final, TypeAlias

from attrs import frozen

from benchmarks.network.case import CASES
from benchmarks.network.trial import Found

Results: TypeAlias = Mapping[str, Sequence[Found]]
"""What each trial of each case found."""

_SLICES: Final = {case.name: case.slice for case in CASES}


@frozen
class Row:
    """A line of the table.

    Attributes:
        title: what happens.
        asked: what is wanted, in words.
        cases: what it is about; the last is the one whose costs are shown.
        show: says what was found.
    """

    title: str
    asked: str
    cases: Sequence[str]
    show: Callable[[Results], str]


def as_markdown(found: Results) -> str:
    """Return the medians in Markdown, with the machine."""
    lines = [
        machine(),
        "",
        "| what | asked | found | processor, µs a slice | server, µs a slice |",
        "| :-- | --: | --: | --: | --: |",
    ]
    for row in ROWS:
        if all(case in found for case in row.cases):
            trials = found[row.cases[-1]]
            lines.append(
                f"| {row.title} | {row.asked} | {row.show(found)} "
                f"| {median(each.cost for each in trials) * 1e6:,.0f} "
                f"| {median(each.server for each in trials) * 1e6:,.0f} |"
            )
    return "\n".join(lines)


def machine() -> str:
    """Return what it ran on."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores; "
        f"{' '.join(['python -m benchmarks.network', *sys.argv[1:]])}"
    )


def _slices(case: str) -> Callable[[Results], str]:
    return lambda found: f"{_rate(found, case):,.0f} slices/s"


def _items(case: str) -> Callable[[Results], str]:
    return lambda found: f"{_rate(found, case) * _SLICES[case]:,.0f} items/s"


def _growth(one: str, two: str) -> Callable[[Results], str]:
    def show(found: Results) -> str:
        before, after = _rate(found, one), _rate(found, two)
        return f"{after / before:.2f} x: {before:,.0f}, then {after:,.0f} a second"

    return show


def _pace(found: Results) -> str:
    ratio = median(each.source / each.rate for each in found["slow"])
    items = next(case.items for case in CASES if case.name == "slow")
    refusals = median(each.refusals for each in found["slow"]) / items
    return f"{abs(ratio - 1) * 100:.0f} %, {refusals:.3f} refusals an item"


def _rate(found: Results, case: str) -> float:
    return median(each.rate for each in found[case])


ROWS: Final = (
    Row("a source, slices of one", "5,000 slices/s", ["source"], _slices("source")),
    Row("a source, slices of 100", "", ["source-100"], _items("source-100")),
    Row("one hop in one process, slices of one", "500 slices/s", ["hop"], _slices("hop")),
    Row("the same in two processes", "", ["hop-2"], _slices("hop-2")),
    Row("the same in one, slices of 100", "50,000 items/s", ["hop-100"], _items("hop-100")),
    Row(
        "calls that hold their process for 20 ms, in one process, then in two",
        "1.7 x",
        ["hold-1", "hold-2"],
        _growth("hold-1", "hold-2"),
    ),
    Row(
        "calls that wait for 20 ms, three at a time in each process, in one, then in two",
        "1.7 x",
        ["wait-1", "wait-2"],
        _growth("wait-1", "wait-2"),
    ),
    Row("the same in four processes", "", ["wait-4"], _slices("wait-4")),
    Row(
        "how far a source is from the rate of a slow processor, behind 100 slices of 10",
        "20 %, 0.1 refusals an item",
        ["slow"],
        _pace,
    ),
)
