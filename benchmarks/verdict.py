"""Where typedpipes misses a target, or a peer is better: said, not hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf

from benchmarks.contestants import BY_HAND
from benchmarks.race import Result
from benchmarks.workload import Workload

OURS = "typedpipes"


def misses(result: Result, figures: Mapping[str, float]) -> Iterator[str]:
    """A sentence per target of this workload that was missed.

    Args:
        result: of the workload.
        figures: of typedpipes, by the names of all workloads.
    """
    ours, target = result.figures.get(OURS), result.workload.target
    if ours is None:
        return
    title = result.workload.title
    most = limit(result.workload, figures)
    if most is not None and ours > most:
        unit = result.workload.unit
        yield f"{title}: {show(ours, unit)}, and should be at most {show(most, unit)}"
    queues = result.figures.get("queues")
    if target.queues and queues is not None and queues / ours < target.queues:
        yield (
            f"{title}: asyncio.Queue needs {queues / ours:.2f} times as much, "
            f"and should need at least {target.queues:g} times"
        )


def limit(workload: Workload, figures: Mapping[str, float]) -> float | None:
    """The highest figure wanted; None if there is none, or the one it depends on is unknown."""
    most, than = workload.target.most, workload.target.than
    if most is None or than is None:
        return most
    return most * figures[than] if than in figures else None


def better_peers(result: Result) -> list[str]:
    """The peers that need less, to the digits shown. What is written by hand is no peer."""
    ours, unit = result.figures.get(OURS), result.workload.unit
    if ours is None:
        return []
    return [
        name
        for name, value in result.figures.items()
        if name not in BY_HAND and value < ours and show(value, unit) != show(ours, unit)
    ]


def wanted(workload: Workload) -> str:
    """The target of a workload in a few words."""
    target, words = workload.target, []
    if target.than is not None:
        words.append(f"≤ {target.most:g} × {target.than}")
    elif target.most is not None:
        words.append(f"≤ {show(target.most, workload.unit)}")
    if target.queues is not None:
        words.append(
            "≤ asyncio.Queue" if target.queues == 1 else f"asyncio.Queue / {target.queues:g}"
        )
    return ", ".join(words)


def show(value: float, unit: str) -> str:
    """Three digits, and the unit: `1.85 x`."""
    if value == inf:
        return "never"
    number = f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    return f"{number} {unit}"


def ours(results: Sequence[Result]) -> dict[str, float]:
    """The figures of typedpipes by the names of the workloads."""
    return {
        result.workload.name: result.figures[OURS] for result in results if OURS in result.figures
    }
