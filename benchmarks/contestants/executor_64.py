"""concurrent.futures: `ProcessPoolExecutor.map`, with a chunk size of 64."""

from __future__ import annotations

from functools import partial

from benchmarks.contestant import Contestant, no_chain
from benchmarks.contestants.executor import compute

CONTESTANT = Contestant(
    name="executor_64",
    title="ProcessPoolExecutor, 64",
    chain=no_chain,
    compute=partial(compute, chunk=64),
    back_pressure=False,
    note="as ProcessPoolExecutor; an item waits for 63 others, and fails with them",
)
