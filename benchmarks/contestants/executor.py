"""concurrent.futures: `ProcessPoolExecutor`, one item at a time, and `submit` for what trickles."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterable, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor

from benchmarks.contestant import Contestant, Item, Result, no_chain


async def compute(
    items: Iterable[Item] | AsyncIterable[Item],
    function: Callable[[Item], Result],
    note: Callable[[Result], None],
    *,
    workers: int,
    chunk: int = 1,
) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        if isinstance(items, AsyncIterable):
            loop = asyncio.get_running_loop()
            async for item in items:
                note(await loop.run_in_executor(pool, function, item))
            return

        def work() -> None:
            for result in pool.map(function, items, chunksize=chunk):
                note(result)

        await asyncio.to_thread(work)


CONTESTANT = Contestant(
    name="executor",
    title="ProcessPoolExecutor",
    chain=no_chain,
    compute=compute,
    carry=compute,
    back_pressure=False,
    note="`map` takes the whole iterable at once; a child that dies breaks the pool",
)
