"""A race: contestants and reference take turns in one process, and medians are kept."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

from attrs import field, frozen

from benchmarks.contestant import Cannot, Contestant
from benchmarks.contestants import load
from benchmarks.workload import Workload, WrongResult

GROWTH = 4
"""How fast sizes grow on the way to the one that takes long enough."""
PATIENCE = 120.0
"""Seconds after which a run is given up."""


@frozen
class Effort:
    """How long to look.

    Args:
        seconds: what a run should take, about; sizes are chosen so, within a workload's limits.
        rounds: at most so many repeats.
        at_most: seconds for all repeats of a contestant; a slow one gets fewer, at least one.
    """

    seconds: float
    rounds: int
    at_most: float


@frozen
class Result:
    """What came out of a workload.

    Args:
        figures: by the contestants' names, in the unit of the workload.
        missing: why a contestant has no figure, by its name.
        failures: which of those are not `Cannot`, but errors.
        reference: what the reference needed for an item, in nanoseconds, if there is one.
    """

    workload: Workload
    figures: Mapping[str, float]
    missing: Mapping[str, str] = field(factory=dict)
    failures: frozenset[str] = frozenset()
    reference: float | None = None


class Race:
    """Contestants that run a workload in turns.

    Where there is a reference it runs anew before each of them, and each is measured in
    multiples of that run. A contestant that cannot, fails or is wrong has no figure.
    """

    def __init__(
        self,
        workload: Workload,
        contestants: Sequence[Contestant],
        effort: Effort,
        tell: Callable[[str], None],
    ) -> None:
        self._workload = workload
        self._effort = effort
        self._tell = tell
        self._reference = None if workload.reference is None else load(workload.reference)
        self._shown = self._reference in contestants
        self._runners = [
            one for one in contestants if workload.suits(one) and one != self._reference
        ]
        self._sizes: dict[str, int] = {}
        self._rounds: dict[str, int] = {}
        self._bases: list[float] = []
        self._costs: dict[str, list[float]] = {}
        self._errors: dict[str, Exception] = {}

    def result(self) -> Result:
        """Runs everything, which takes a while."""
        if self._reference:
            self._warm_up(self._reference)
        for contestant in self._runners:
            self._attempt(self._warm_up, contestant)
        for turn in range(self._effort.rounds):
            for contestant in self._runners:
                if turn < self._rounds.get(contestant.name, 0):
                    self._attempt(self._measure, contestant)
        figures = {name: median(c) for name, c in self._costs.items() if name not in self._errors}
        if self._reference and self._shown:
            figures[self._reference.name] = 1.0
        return Result(
            self._workload,
            figures,
            missing={name: excuse(error) for name, error in self._errors.items()},
            failures=frozenset(n for n, e in self._errors.items() if not isinstance(e, Cannot)),
            reference=median(self._bases) * 1e9 if self._bases else None,
        )

    def _attempt(self, step: Callable[[Contestant], None], contestant: Contestant) -> None:
        if contestant.name in self._errors:
            return
        self._tell(f"{self._workload.name}: {contestant.title}")
        try:
            step(contestant)
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is its result
            self._errors[contestant.name] = error

    def _warm_up(self, contestant: Contestant) -> None:
        """Finds the size that takes long enough; runs on the way to it warm up."""
        size = self._workload.least
        while True:
            start = perf_counter()
            run(self._workload, contestant, size)
            elapsed = perf_counter() - start
            if size >= self._workload.size or elapsed * 2 > self._effort.seconds:
                break
            size = min(size * GROWTH, self._workload.size)
        rounds = min(self._effort.rounds, self._workload.rounds)
        self._sizes[contestant.name] = size
        self._rounds[contestant.name] = max(1, min(rounds, int(self._effort.at_most / elapsed)))

    def _measure(self, contestant: Contestant) -> None:
        base = 1.0
        if self._reference:
            base = self._clean_run(self._reference)
            self._bases.append(base)
        cost = self._clean_run(contestant)
        self._costs.setdefault(contestant.name, []).append(cost / base)

    def _clean_run(self, contestant: Contestant) -> float:
        gc.collect()  # One does not pay for the garbage of another.
        return run(self._workload, contestant, self._sizes[contestant.name])


def run(workload: Workload, contestant: Contestant, size: int) -> float:
    """A run on an event loop of its own, so that none inherits the tasks of another."""

    async def cost() -> float:
        async with asyncio.timeout(PATIENCE):
            return await workload.cost(contestant, size)

    return asyncio.run(cost())


def excuse(error: Exception) -> str:
    if isinstance(error, Cannot | WrongResult):
        return str(error)
    return f"{type(error).__name__}: {error}".rstrip(": ")
