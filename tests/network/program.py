"""A worker process: `python -m tests.network.program URL [COUNT]`.

With a count, it kills itself when it is about to say for that time that a slice is done: what it
made of it is given, and comes again to others.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable

from typedpipes import Plumber, Processor, Source
from typedpipes.nats import Broker, work
from typedpipes.nats.wire import NatsWire
from typedpipes.network.wire import Reach, Taken

COUNT = 300
KEEP_WITHIN = 1.0


async def square(number: int) -> int:
    await asyncio.sleep(number % 7 / 1000)
    return number * number


async def add_one(number: int) -> int:
    return number + 1


async def nothing() -> AsyncIterator[int]:
    for number in range(0):
        yield number


def draw(source: Callable[[], AsyncIterator[int]]) -> Plumber:
    plumber = Plumber("squares")
    squares = plumber.connect(Source(source, name="numbers")).to(Processor(square, workers=6))
    squares.to(Processor(add_one)).collect(name="results")
    squares.collect(name="squares")
    return plumber


def die_before_done(nth: int) -> None:
    """Have this process kill itself in place of the nth `done`."""
    done = NatsWire.done
    left = nth

    async def deadly(wire: NatsWire, leg: Reach, taken: Taken) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        await done(wire, leg, taken)

    setattr(NatsWire, "done", deadly)  # noqa: B010  # no checker lets a method be set


if __name__ == "__main__":
    if len(sys.argv) > 2:
        die_before_done(int(sys.argv[2]))
    asyncio.run(work(draw(nothing), Broker(sys.argv[1], keep_within=KEEP_WITHIN)))
