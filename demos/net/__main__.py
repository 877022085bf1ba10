"""Runs the demo: a broker, three workers, and a caller, all on this machine."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import evolve

from demos.net.ledger import read
from demos.net.pipeline import draw
from typedpipes import Plumber, Report
from typedpipes.nats import Broker, serve, submitting

KEEP_WITHIN: Final = 2.0  # seconds after which a killed worker is missed
PATIENCE: Final = 10.0  # seconds for workers to end


class Crew:
    """Worker processes, each `typedpipes work demos.net.pipeline:draw`."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        variables = {"TYPEDPIPES_BROKER": broker.url, "DEMO_FOLDER": str(folder)}
        self._environment = {**os.environ, **variables}
        self._workers: list[asyncio.subprocess.Process] = []

    async def hire(self) -> int:
        """Start one more, and return its process id."""
        command = ["work", "demos.net.pipeline:draw", "--keep-within", str(KEEP_WITHIN)]
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "typedpipes",
            *command,
            env=self._environment,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._workers.append(worker)
        return worker.pid

    async def kill_one(self) -> int:
        """Kill the oldest, as a machine does that loses its power."""
        oldest = self._workers.pop(0)
        oldest.kill()
        await oldest.wait()
        return oldest.pid

    async def end(self) -> None:
        """Wait until all have ended by themselves; kill those that have not."""
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(worker.wait() for worker in self._workers))
        finally:
            for worker in self._workers:
                if worker.returncode is None:
                    worker.kill()
                    await worker.wait()


@asynccontextmanager
async def crew_of(broker: Broker, folder: Path, size: int) -> AsyncGenerator[Crew]:
    """Have so many workers beside a block. They end with the run."""
    crew = Crew(broker, folder)
    try:
        for _ in range(size):
            print(f"worker {await crew.hire()} starts")
        yield crew
    finally:
        await crew.end()


async def interfere(plumber: Plumber, crew: Crew, count: int) -> None:
    """Tell how the run goes on, and kill a worker when a third is done."""
    killed = False
    told = time.monotonic()
    async for gauges in plumber.watch(every=0.1):
        done = gauges.processors[-1].completed
        if not killed and done >= count // 3:
            killed = True
            print(f"worker {await crew.kill_one()} is killed (SIGKILL), with items in its hands")
            print(f"its items come back after {KEEP_WITHIN:g} s, and what is behind them waits")
            print(f"worker {await crew.hire()} starts")
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            print(f"{done} of {count} stored")


async def run(count: int, folder: Path) -> Report:
    """Send so many numbers through the graph."""
    async with serve() as server:
        broker = evolve(server, keep_within=KEEP_WITHIN)
        plumber = draw(range(count))
        async with crew_of(broker, folder, 3) as crew, submitting(plumber, broker):
            await interfere(plumber, crew, count)
        return await plumber.ended()


def main() -> int:
    """Run it; 0 if nothing was lost, came twice, or was out of order."""
    parser = argparse.ArgumentParser(prog="python -m demos.net", description=main.__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="how many items (20000)")
    count: int = parser.parse_args().count
    began = time.monotonic()
    with TemporaryDirectory(prefix="typedpipes-demo-") as home:
        report = asyncio.run(run(count, Path(home)))
        stored = read(Path(home), count)
    print(f"\n{report}\n")
    if stored.again:
        print(f"{stored.again} calls of the sink were made again; item_id tells which.")
    print(f"{count} items in {time.monotonic() - began:.1f} s: {stored}")
    return 0 if stored.is_right and report.ending == "finished" else 1


if __name__ == "__main__":
    sys.exit(main())
