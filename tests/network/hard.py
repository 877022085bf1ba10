"""A long run in which everything dies: `python -m tests.network.hard`.

Worker processes are killed again and again, so is the server, and some items kill the process that
works on them. Still each result comes once and in its order, and of the items only those fail.
With `--replicas 3`, a cluster of three keeps the records, and it is the leader of a stream that is
killed, and comes back when the run has gone on without it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from attrs import evolve, field, frozen

from tests.network.clusters import PATIENCE, cluster_in
from tests.network.servers import server_in
from typedpipes import Failure, Plumber, Processor, Report, Source
from typedpipes.nats import Broker, submitting, work
from typedpipes.nats.naming import Names

ROOT = Path(__file__).parent.parent.parent
KEEP_WITHIN = 1.0


@frozen
class Plan:
    """What is to happen.

    Attributes:
        items: how many items there are.
        workers: how many worker processes at a time.
        kills: how many of them are killed.
        restarts: how often the server is killed, and begins again; in a cluster, the leader of
            some stream.
        poison: how many items kill their process.
        replicas: how many servers there are, all of which keep each record.
    """

    items: int = 20_000
    workers: int = 3
    kills: int = 20
    restarts: int = 3
    poison: int = 3
    replicas: int = 1

    @property
    def poisonous(self) -> Sequence[int]:
        """The items that kill."""
        return [self.items * (each + 1) // (self.poison + 1) for each in range(self.poison)]

    def moments(self, count: int) -> frozenset[int]:
        """Return when something happens so many times: at which items of the source."""
        return frozenset(random.Random(count).sample(range(self.items // 20, self.items), count))


@frozen
class Outcome:
    """What happened.

    Attributes:
        plan: what was to.
        report: what the run reported.
        seconds: how long it took.
        deaths: how many workers died, killed or of an item.
        standstill: for how many seconds at most no item was collected.
    """

    plan: Plan
    report: Report
    seconds: float
    deaths: int
    standstill: float = 0.0

    def wrong(self) -> Sequence[str]:
        """Return what is not as it must be."""
        poison = {*self.plan.poisonous}
        numbers = [number for number in range(self.plan.items) if number not in poison]
        expected = [(number + 1, number * number) for number in numbers if number % 7]
        died = [(number, "typedpipes.nats.WorkerDied") for number in sorted(poison)]
        checks = {
            "the pairs, in order": self.report.collected["pairs"] == expected,
            "what failed": self.report.collected["failures"] == died,
            "the counts": all(
                each.received == each.completed + each.failed + each.dropped
                for each in self.report.counts
            ),
        }
        return [what for what, is_right in checks.items() if not is_right]

    def __str__(self) -> str:
        plan = self.plan
        return (
            f"{plan.items} items, {plan.workers} workers, {self.deaths} deaths ({plan.kills} by "
            f"SIGKILL, the others of {plan.poison} items), {plan.replicas} servers, "
            f"{plan.restarts} kills of {'the' if plan.replicas == 1 else 'a leading'} server: "
            f"{self.seconds:.1f} s, {self.standstill:.1f} s of them the longest standstill; "
            f"wrong: {', '.join(self.wrong()) or 'nothing'}"
        )


async def nothing() -> AsyncIterator[int]:
    for number in range(0):
        yield number


def is_no_seventh(number: int) -> bool:
    return number % 7 != 0


async def square(number: int) -> int:
    return number * number


async def add_one(number: int) -> int:
    return number + 1


async def describe(failure: Failure[int]) -> tuple[int, str]:
    return failure.item, str(failure.error).partition(":")[0]


def draw(numbers: Callable[[], AsyncIterator[int]], poison: Sequence[int] = ()) -> Plumber:
    async def swallow(number: int) -> int:
        await asyncio.sleep(random.expovariate(500))
        if number in poison:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    plumber = Plumber("hard")
    swallowing = Processor(swallow, workers=24)
    swallowed = plumber.connect(Source(numbers, name="numbers")).to(swallowing)
    more = swallowed.to(Processor(add_one, workers=8))
    squares = swallowed.keep(is_no_seventh).to(Processor(square, workers=8, name="square"))
    plumber.zip(more, squares).collect(name="pairs")
    plumber.failures(swallowing).to(Processor(describe)).collect(name="failures")
    return plumber


@frozen
class Crew:
    """Worker processes. One that dies is followed by another."""

    url: str
    plan: Plan
    processes: list[asyncio.subprocess.Process] = field(factory=list[asyncio.subprocess.Process])
    deaths: list[int] = field(factory=list[int])

    async def live(self) -> None:
        """Be one process after the other, until one has seen the end of the run."""
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.network.hard",
                "--work",
                self.url,
                "--poison",
                str(self.plan.poison),
                "--items",
                str(self.plan.items),
                cwd=ROOT,
            )
            self.processes.append(process)
            try:
                code = await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
                self.processes.remove(process)
            if code == 0:
                return
            self.deaths.append(code)

    def kill_one(self) -> None:
        """Kill the oldest that is alive."""
        if self.processes:
            with suppress(ProcessLookupError):
                self.processes[0].kill()

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        """Work beside a block; those that are left at its end are killed."""
        lives = [asyncio.create_task(self.live()) for _ in range(self.plan.workers)]
        try:
            yield
            async with asyncio.timeout(30):
                await asyncio.gather(*lives)
        finally:
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)


class Standstill:
    """The longest time in which a run collected nothing.

    Attributes:
        longest: that, in seconds.
    """

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self, plumber: Plumber) -> None:
        """Look at a run until it is over."""
        collected, since = 0, time.monotonic()
        async for gauges in plumber.watch(every=0.1):
            now = time.monotonic()
            pairs = next(each.completed for each in gauges.processors if each.name == "pairs")
            if pairs > collected:
                collected, since = pairs, now
            self.longest = max(self.longest, now - since)


Breaking: TypeAlias = Callable[[], Awaitable[None]]
"""Kills a server that the run depends on, and has it come back."""


@asynccontextmanager
async def servers_in(folder: Path, replicas: int) -> AsyncGenerator[tuple[Broker, Breaking]]:
    """Have a server beside a block, or a cluster, and what breaks it."""
    if replicas == 1:
        async with server_in(folder) as (server, broker):
            yield broker, partial(asyncio.to_thread, server.begin_anew)
        return
    async with cluster_in(folder, replicas) as cluster:
        yield cluster.broker, partial(cluster.lose_leader, Names("hard").stream("square"))


async def run(plan: Plan, folder: Path) -> Outcome:
    """Carry out a plan."""
    async with servers_in(folder, plan.replicas) as (broker, breaking):
        crew = Crew(broker.url, plan)
        plumber = draw(_numbers(plan, crew, breaking))
        standstill = Standstill()
        async with crew.at_work():
            began = time.monotonic()
            async with submitting(plumber, evolve(broker, keep_within=KEEP_WITHIN)):
                await standstill.watch(plumber)
            seconds = time.monotonic() - began
        report = await plumber.ended()
        return Outcome(plan, report, seconds, len(crew.deaths), standstill.longest)


def _numbers(plan: Plan, crew: Crew, breaking: Breaking) -> Callable[[], AsyncIterator[int]]:
    kills, restarts = plan.moments(plan.kills), plan.moments(plan.restarts)

    async def numbers() -> AsyncIterator[int]:
        for number in range(plan.items):
            if number in kills:
                crew.kill_one()
            if number in restarts:
                await breaking()
            yield number

    return numbers


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.network.hard")
    plan = Plan()
    for name in ("items", "workers", "kills", "restarts", "poison", "replicas"):
        parser.add_argument(f"--{name}", type=int, default=getattr(plan, name))
    parser.add_argument("--work", metavar="URL", help="be a worker")
    asked = vars(parser.parse_args())
    url = asked.pop("work")
    plan = Plan(**asked)
    if url:
        broker = Broker(url, keep_within=KEEP_WITHIN, patience=PATIENCE)
        asyncio.run(work(draw(nothing, plan.poisonous), broker))
        return 0
    with TemporaryDirectory() as home:
        outcome = asyncio.run(run(plan, Path(home)))
    sys.stdout.write(f"{outcome}\n")
    return 1 if outcome.wrong() else 0


if __name__ == "__main__":
    sys.exit(main())
