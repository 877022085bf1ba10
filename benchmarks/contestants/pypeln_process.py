"""pypeln: its `process` stages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable

import pypeln

from benchmarks.contestant import BOUND, Cannot, Contestant, Items, no_chain


async def compute(
    items: Items, function: Callable[[int], int], note: Callable[[int], None], *, workers: int
) -> None:
    if isinstance(items, AsyncIterable):
        raise Cannot("takes a plain iterable")

    def work() -> None:
        for result in pypeln.process.map(function, items, workers=workers, maxsize=BOUND):
            note(result)

    await asyncio.to_thread(work)


CONTESTANT = Contestant(
    name="pypeln_process",
    title="pypeln.process",
    chain=no_chain,
    compute=compute,
    package="pypeln",
    keeps_order=False,
    note="in no order: `ordered` holds every item to the end; forks",
)
