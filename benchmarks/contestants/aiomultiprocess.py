"""aiomultiprocess: a pool of processes with an event loop each, for coroutines."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable
from functools import partial

from aiomultiprocess import Pool

from benchmarks.contestant import Cannot, Contestant, Items, no_chain


async def call(function: Callable[[int], int], item: int) -> int:
    """Call a plain function in a coroutine: it takes nothing else."""
    return function(item)


async def compute(
    items: Items, function: Callable[[int], int], note: Callable[[int], None], *, workers: int
) -> None:
    if isinstance(items, AsyncIterable):
        raise Cannot("takes a plain iterable, all of it at once")
    async with Pool(workers) as pool:
        async for result in pool.map(partial(call, function), items):
            note(result)


CONTESTANT = Contestant(
    name="aiomultiprocess",
    title="aiomultiprocess",
    chain=no_chain,
    compute=compute,
    package="aiomultiprocess",
    back_pressure=False,
    note="looks for results every few milliseconds; takes the whole iterable at once",
)
