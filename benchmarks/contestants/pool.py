"""multiprocessing.Pool: `imap`, one item at a time."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterable, Callable

from benchmarks.contestant import Cannot, Contestant, Items, no_chain


async def imap(
    items: Items,
    function: Callable[[int], int],
    note: Callable[[int], None],
    *,
    workers: int,
    chunk: int = 1,
) -> None:
    if isinstance(items, AsyncIterable):
        raise Cannot("takes a plain iterable, all of it at once")

    def work() -> None:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            for result in pool.imap(function, items, chunk):
                note(result)

    await asyncio.to_thread(work)


CONTESTANT = Contestant(
    name="pool",
    title="Pool.imap",
    chain=no_chain,
    compute=imap,
    back_pressure=False,
    note="takes the whole iterable at once; a child that dies hangs it",
)
