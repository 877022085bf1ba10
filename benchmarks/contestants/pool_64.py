"""multiprocessing.Pool: `imap`, with a chunk size of 64."""

from __future__ import annotations

from functools import partial

from benchmarks.contestant import Contestant, no_chain
from benchmarks.contestants.pool import imap

CONTESTANT = Contestant(
    name="pool_64",
    title="Pool.imap, 64",
    chain=no_chain,
    compute=partial(imap, chunk=64),
    back_pressure=False,
    note="as Pool.imap; an item waits for 63 others, and fails with them",
)
