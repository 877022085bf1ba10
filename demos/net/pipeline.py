"""The graph: two powers of each number are computed side by side, and put together again.

    numbers > prepare +> square +> zip > store
                      +> cube   +

All processes make this drawing. Only the caller makes the numbers, and only workers store.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

from typedpipes import Plumber, Processor, Sink, Source
from typedpipes.nats import item_id

CALLS = 200  # that overlap, in all processes together
BUFFER = 400


async def prepare(number: int) -> int:
    await asyncio.sleep(0.02)  # as if it asked another machine
    return number


async def square(number: int) -> int:
    return number**2


async def cube(number: int) -> int:
    return number**3


async def store(powers: tuple[int, int]) -> None:
    """Write a line into the ledger of this process: when, for which item, and what."""
    ledger = Path(os.environ["DEMO_FOLDER"]) / f"{os.getpid()}.ledger"
    with ledger.open("a") as file:  # a line into the cache of the system
        file.write(f"{time.monotonic_ns()} {item_id.get()} {powers[0]} {powers[1]}\n")


def draw(numbers: Iterable[int] = ()) -> Plumber:
    plumber = Plumber("powers")
    prepared = plumber.connect(Source(numbers, name="numbers")).to(
        Processor(prepare, workers=CALLS, buffer=BUFFER)
    )
    squares = prepared.to(Processor(square, workers=CALLS, buffer=BUFFER))
    cubes = prepared.to(Processor(cube, workers=CALLS, buffer=BUFFER))
    # One worker: one call at a time, in order, whichever process makes it.
    plumber.zip(squares, cubes, buffer=BUFFER).to(Sink(store, buffer=BUFFER))
    return plumber
