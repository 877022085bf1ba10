"""A worker process for graphs with joins: `python -m tests.network.program_of_joins URL [COUNT]`.

With a count, it kills itself as `tests.network.program` does.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

from tests.network.program import KEEP_WITHIN, add_one, die_before_done, nothing, square
from typedpipes import First, Plumber, Processor, Second, Source
from typedpipes.nats import Broker, work

COUNT = 160


def is_no_third(number: int) -> bool:
    return number % 3 != 0


def odd_first(number: int) -> First[int] | Second[int]:
    return First(number) if number % 2 else Second(number)


async def repeat(number: int) -> AsyncIterator[int]:
    for each in range(number % 3):
        yield 10 * number + each
        await asyncio.sleep(number % 4 / 1000)


def draw(source: Callable[[], AsyncIterator[int]]) -> Plumber:
    """Draw a zip with something dropped, a merge, ways that are taken as one, and a generator."""
    plumber = Plumber("joins")
    numbers = plumber.connect(Source(source, name="numbers"))
    squares = numbers.to(Processor(square, workers=6))
    plumber.zip(numbers.keep(is_no_third), squares).collect(name="pairs")
    odd, even = numbers.split(odd_first)
    odd.to(Processor(add_one)).rejoin(even).collect(name="evens")
    repeated = numbers.to(Processor(repeat, workers=3))
    repeated.collect(name="repeated")
    plumber.merge(odd, even).collect(name="merged")
    return plumber


if __name__ == "__main__":
    if len(sys.argv) > 2:
        die_before_done(int(sys.argv[2]))
    asyncio.run(work(draw(nothing), Broker(sys.argv[1], keep_within=KEEP_WITHIN)))
