"""`python -m benchmarks.scale`: how far one run over a network goes, by simulation.

It plays one node that takes from a source, slice by slice, with what each step costs as
`python -m benchmarks.network` has measured it. All nodes of a chain and all shards are alike, so
they only take their share of the servers.
"""

from __future__ import annotations

import argparse
import random
from bisect import bisect
from collections.abc import Sequence
from typing import Final

from attrs import evolve, field, fields, frozen


@frozen
class Costs:
    """What a slice costs, in seconds.

    Attributes:
        source: of the caller's processor.
        worker: of the processor of a worker: to take it, give what was made of it, and say so.
        item: the same, for each further item.
        server: of the server's processors, for one node.
        stream: of the one that writes into a stream; nothing else writes there meanwhile.
        answer: until the server has answered.
        hint: of the processor of each process that hears that a record was given.
        hinting: of the server's processors, for each process that hears it.
    """

    source: float = 162e-6
    worker: float = 324e-6
    item: float = 14e-6
    server: float = 210e-6
    stream: float = 58e-6
    answer: float = 330e-6
    hint: float = 12e-6
    hinting: float = 1e-6


@frozen
class Plan:
    """A run.

    Attributes:
        items: how many there are.
        workers: how many worker processes.
        calls: how many calls overlap in all of them, for each node.
        seconds: how long a call waits on average.
        spread: how much that varies: 0 is not at all, 1 as exponential times do.
        slice: how many items travel together.
        nodes: how many nodes follow each other, and all of the workers work for.
        shards: into how many runs it is divided by a key, each with its own source, streams, and
            workers.
        buffer: how many items wait before each node, for each shard.
        cores: how many processors the servers have together.
        to_all: whether all processes of a node hear of each of its records; otherwise one does.
    """

    items: float = 1e9
    workers: int = 1_000
    calls: int = 100_000
    seconds: float = 0.0
    spread: float = 0.0
    slice: int = 100
    nodes: int = 4
    shards: int = 1
    buffer: int = 100_000
    cores: int = 16
    to_all: bool = True


@frozen
class Slice:
    """When a slice went through a node.

    Attributes:
        taken: when a worker had it.
        given: when what was made of it was stored.
    """

    taken: float
    given: float


@frozen
class Outcome:
    """What a run comes to.

    Attributes:
        plan: the run.
        rate: slices a second, through each node, in all shards.
        in_hand: how many slices are in hand, on average, for each node of a shard.
        held: for how many seconds each is, on average.
        busy: which share of its time each thing is busy.
        memory: bytes that wait on the servers at most, if an item has 200.
    """

    plan: Plan
    rate: float
    in_hand: float
    held: float
    busy: dict[str, float] = field(repr=False)
    memory: float

    @property
    def hours(self) -> float:
        """How long all items take."""
        return self.plan.items / self.plan.slice / self.rate / 3600

    @property
    def limit(self) -> str:
        """What the rate depends on: the first thing that has no time left.

        Where a processor has none, results wait for their turn as well; and where that has none,
        or calls take long, as much is in hand as may be.
        """
        full = (each for each, share in self.busy.items() if share > _FULL)
        return next(full, "the calls")


_ITEM: Final = 200  # bytes
_SIMULATED: Final = 5_000  # slices of each shard
_FULL: Final = 0.95
_LOOKS: Final = 1_000


class _Clock:
    """Something that does one thing after the other, and when it is free again."""

    def __init__(self) -> None:
        self.free = 0.0
        self.busy = 0.0

    def work(self, since: float, seconds: float) -> float:
        """Do something that takes so many seconds; return when it is done."""
        self.free = max(since, self.free) + seconds
        self.busy += seconds
        return self.free


def simulated(plan: Plan, costs: Costs | None = None, slices: int = _SIMULATED) -> Outcome:
    """Play a part of a run, from when it has begun to flow."""
    node = _Node(plan, costs or Costs())
    played = [node.play(position) for position in range(slices)]
    return node.outcome(played[slices // 5 :])


class _Node:
    """One node of one shard, slice by slice: all that is done of one follows from those before."""

    def __init__(self, plan: Plan, costs: Costs) -> None:
        self._plan = plan
        self._costs = costs
        self._source, self._stream = _Clock(), _Clock()
        self._served = 0.0  # until when all that came so far keeps the servers busy
        self._turning = 0.0  # seconds in which a result had its turn
        self._workers = [_Clock() for _ in range(max(plan.workers // plan.shards, 1))]
        self._heard = [0] * len(self._workers)  # hints, by workers
        self._given: list[float] = []
        self._chance = random.Random(1)
        own = max(plan.calls // plan.shards, 1)
        self._in_hand = max(own // plan.slice, 1)
        self._turns = -(-plan.slice // min(own, plan.slice))  # of the calls of a slice
        self._hearers = len(self._workers) if plan.to_all else 1
        self._cap = max(plan.buffer // plan.slice, 1)

    def play(self, position: int) -> Slice:
        """Have a slice go through, behind all before it."""
        costs = self._costs
        room = self._when_given(position - self._cap)
        there = self._source.work(room, costs.source) + costs.answer
        may_be_taken = max(there, self._when_given(position - self._in_hand))
        number = position % len(self._workers)
        taken = may_be_taken + costs.answer
        made = self._worker(number, position, taken) + self._wait()
        # The turn: behind the one before, which another process has given.
        turn = self._when_given(position - 1)
        if len(self._workers) > 1 and turn > made:  # it waits, and has to hear of that
            turn += costs.answer + costs.hinting * self._hearers / 2
        written = self._stream.work(max(made, turn), costs.stream)
        given = max(written, self._serve())
        self._turning += given - max(made, self._when_given(position - 1))
        self._given.append(given)
        return Slice(taken, given)

    def _worker(self, number: int, position: int, since: float) -> float:
        """Have a worker take a slice, and hear before of what was given meanwhile."""
        plan, costs = self._plan, self._costs
        hints = position - self._heard[number] if plan.to_all else 1
        self._heard[number] = position
        # It works for all nodes, which do the same at the same time.
        own = costs.worker + costs.item * (plan.slice - 1)
        worker = self._workers[number]
        return worker.work(since, (own + hints * costs.hint) * plan.nodes)

    def _wait(self) -> float:
        plan = self._plan
        if not plan.spread:
            return plan.seconds * self._turns
        longest = plan.seconds * self._chance.expovariate(1.0)
        return (plan.seconds * (1 - plan.spread) + longest * plan.spread) * self._turns

    def _serve(self) -> float:
        """Return when the servers, which all nodes and shards share, are through with a record."""
        plan, costs = self._plan, self._costs
        own = costs.server + costs.hinting * self._hearers
        self._served += own * plan.nodes * plan.shards / plan.cores
        return self._served

    def _when_given(self, position: int) -> float:
        return self._given[position] if position >= 0 else 0.0

    def outcome(self, played: Sequence[Slice]) -> Outcome:
        """Return what it comes to."""
        plan = self._plan
        seconds = played[-1].given - played[0].given
        rate = (len(played) - 1) / seconds
        held = sum(each.given - each.taken for each in played) / len(played)
        whole = self._given[-1]
        busy = {
            "the source": self._source.busy / whole,
            "the servers": self._served / whole,
            "the workers": sum(each.busy for each in self._workers) / len(self._workers) / whole,
            "the stream": self._stream.busy / whole,
            "the turn": self._turning / whole,
        }
        waiting = self._cap * plan.slice * _ITEM * plan.nodes * plan.shards
        return Outcome(plan, rate * plan.shards, _in_hand(played), held, busy, waiting)


def _in_hand(played: Sequence[Slice]) -> float:
    """Return how many slices are in hand on average, at moments that are far from both ends."""
    taken = sorted(each.taken for each in played)
    given = [each.given for each in played]
    begin, end = given[len(given) // 4], taken[len(taken) * 3 // 4]
    looks = [begin + (end - begin) * number / _LOOKS for number in range(_LOOKS)]
    return sum(bisect(taken, moment) - bisect(given, moment) for moment in looks) / _LOOKS


def scenarios(plan: Plan) -> Sequence[Plan]:
    """Return plans that show where the limits come."""
    return [
        *(evolve(plan, workers=workers) for workers in (1, 10, 50, 100, 1_000)),
        evolve(plan, workers=1_000, to_all=False),
        *(evolve(plan, workers=1_000, shards=shards) for shards in (10, 20, 100)),
        evolve(plan, workers=1_000, shards=20, to_all=False),
        evolve(plan, workers=1_000, shards=20, cores=128),
        evolve(plan, workers=1_000, shards=20, slice=10),
        evolve(plan, workers=1_000, shards=20, seconds=1.0),
    ]


def as_markdown(outcomes: Sequence[Outcome]) -> str:
    """Return a table."""
    heads = ["workers", "shards", "slice", "a call", "hints to", "servers' cores"]
    heads += ["slices/s a node", "hours", "the limit", "waits at most"]
    lines = [heads, ["--:"] * len(heads)]
    for each in outcomes:
        plan = each.plan
        lines.append(
            [
                f"{plan.workers:,}",
                f"{plan.shards}",
                f"{plan.slice}",
                f"{plan.seconds:g} s",
                "all" if plan.to_all else "one",
                f"{plan.cores}",
                f"{each.rate:,.0f}",
                f"{each.hours:,.2f}",
                each.limit,
                f"{each.memory / 1e6:,.0f} MB",
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Simulate one plan, or those that show where the limits come."""
    parser = argparse.ArgumentParser("python -m benchmarks.scale", description=__doc__)
    for each in fields(Plan):
        if each.name != "to_all":
            kind = float if each.type in ("float", float) or each.name == "items" else int
            parser.add_argument(f"--{each.name}", type=kind)
    parser.add_argument("--hints-to-one", dest="to_all", action="store_const", const=False)
    said = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    plans = [Plan(**said)] if said else scenarios(Plan())
    print(as_markdown([simulated(plan) for plan in plans]))


if __name__ == "__main__":
    main()
