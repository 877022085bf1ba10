"""joblib: its generator of results, with the batches that it chooses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable

from joblib import Parallel, delayed

from benchmarks.contestant import Cannot, Contestant, Items, no_chain


async def compute(
    items: Items, function: Callable[[int], int], note: Callable[[int], None], *, workers: int
) -> None:
    if isinstance(items, AsyncIterable):
        raise Cannot("takes a plain iterable")

    def work() -> None:
        call = delayed(function)
        with Parallel(n_jobs=workers, return_as="generator") as parallel:
            for result in parallel(call(item) for item in items):
                note(result)

    await asyncio.to_thread(work)


CONTESTANT = Contestant(
    name="joblib",
    title="joblib",
    chain=no_chain,
    compute=compute,
    package="joblib",
    note="chooses batches by itself; a child that dies ends all",
)
