"""The child process of the endurance workloads: one run, its time and its peak memory."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.contestants import load
from benchmarks.workload import plus_one


def peak_memory() -> float:
    """In MB, of this program alone: `getrusage` also counts the process it was forked from."""
    status = Path("/proc/self/status").read_text("ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


async def main(name: str, items: int) -> None:
    received = 0

    async def sink(_: int) -> None:
        nonlocal received
        received += 1

    contestant = load(name)
    start = perf_counter()
    await contestant.chain(range(items), [plus_one], sink)
    elapsed = perf_counter() - start
    if received != items:
        sys.exit(f"{received} of {items} items arrived")
    print(elapsed / items * 1e9, peak_memory())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
