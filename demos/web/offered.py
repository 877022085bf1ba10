"""What a definition from outside may name: these coroutines, and nothing else.

What they make is `bounded`, as is their input: it comes from others of them. So what a graph
holds is bounded in bytes, however they are combined.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import count
from typing import Annotated, TypeAlias

from msgspec import Meta

from demos.web.budget import TooLarge, bounded
from demos.web.session import session
from typedpipes import Failure

# Arguments come from outside, so their annotations say how much is too much.
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=10)]
Times: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]

MOST_BITS = 5_000  # of a number: Python writes no more than 4,300 digits as text


async def strings(strings: list[str], times: Times = 1, every: Seconds = 0.0) -> AsyncIterator[str]:
    """Source: gives your strings, several times over if you like, one every so many seconds."""
    for _ in range(times):
        for string in strings:
            yield bounded(string)
            await asyncio.sleep(every)


async def numbers(every: Seconds = 0.1) -> AsyncIterator[int]:
    """Source: counts for ever. Something else has to end the run."""
    for number in count(1):
        yield number
        await asyncio.sleep(every)


async def shout(text: str) -> str:
    """Writes in capital letters."""
    return bounded(text.upper())


async def reverse(text: str) -> str:
    """Writes backwards."""
    return bounded(text[::-1])


async def length(text: str) -> int:
    """Counts letters."""
    return len(text)


async def letters(text: str) -> AsyncIterator[str]:
    """Gives the letters one by one."""
    for letter in text:
        yield letter


async def slowly(text: str, seconds: Seconds = 0.5) -> str:
    """Takes its time: several workers help."""
    await asyncio.sleep(seconds)
    return text


async def square(number: int) -> int:
    """Multiplies a number by itself."""
    if 2 * number.bit_length() > MOST_BITS:
        raise TooLarge(f"the square of a number of {number.bit_length():,} bits is too large here")
    return bounded(number * number)


async def avoid(text: str, word: str) -> str:
    """Fails at a text with this word in it."""
    if word in text:
        raise ValueError(bounded(f"it has {word!r} in it"))
    return text


async def explain(failure: Failure[str]) -> str:
    """Says in a sentence what failed: for the end of a failures edge."""
    return bounded(f"{failure.item!r} failed in {failure.processor}: {failure.error}")


async def join(pair: tuple[str, str]) -> str:
    """Puts the two parts of an aggregated input side by side."""
    return bounded(" ".join(pair))


async def measure(pair: tuple[str, int]) -> str:
    """Puts a text and a number of an aggregated input side by side."""
    text, number = pair
    return bounded(f"{text} ({number})")


async def emit(result: str | int) -> None:
    """Sink: sends you what comes in. Every path has to end here."""
    await session.get().give(result)


OFFERED: Mapping[str, Callable[..., object]] = {
    coroutine.__name__: coroutine
    for coroutine in (
        strings,
        numbers,
        shout,
        reverse,
        length,
        letters,
        slowly,
        square,
        avoid,
        explain,
        join,
        measure,
        emit,
    )
}
