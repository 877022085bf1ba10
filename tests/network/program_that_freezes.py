"""A process of a run that stops itself: `python -m tests.network.program_that_freezes URL WHERE`.

It stops in the middle of a `call`; with the `lease` of a zip in hand; when it is about to `give`
what it has paired; or, as the caller, in its `source`. It says when it goes on, and what becomes
of what it then gives.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable

from tests.network.program import KEEP_WITHIN, nothing
from tests.network.program_of_joins import is_no_third
from typedpipes import Plumber, Processor, Sink, Source
from typedpipes.nats import Broker, submit, work
from typedpipes.nats.wire import NatsWire
from typedpipes.network.route import route_of
from typedpipes.network.wire import NotMyTurn, Reach, Taken

COUNT = 80
FROZEN_AT = 10


class Freezer:
    """Stops this process when it comes to some place for the nth time.

    Args:
        where: that place; nowhere if it is empty.
        nth: when.
    """

    def __init__(self, where: str = "", nth: int = FROZEN_AT) -> None:
        self._where = where
        self._left = nth

    def come_to(self, where: str) -> bool:
        """Stop here if it is the place and the time; return whether it was."""
        if where != self._where:
            return False
        self._left -= 1
        if self._left != 0:
            return False
        os.kill(os.getpid(), signal.SIGSTOP)
        say("goes on")
        return True


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def draw(source: Callable[[], AsyncIterator[int]], freezer: Freezer | None = None) -> Plumber:
    """Draw a zip of what is kept and its squares, and what works on its pairs."""

    async def square(number: int) -> int:
        await asyncio.sleep(number % 3 / 1000)
        if freezer is not None:
            freezer.come_to("call")
        return number * number

    async def pass_on(pair: tuple[int, int]) -> tuple[int, int]:
        return pair

    plumber = Plumber("freezing")
    numbers = plumber.connect(Source(source, name="numbers"))
    squares = numbers.to(Processor(square, workers=4))
    pairs = plumber.zip(numbers.keep(is_no_third), squares).to(Processor(pass_on, name="pairs"))
    pairs.collect(name="all")
    return plumber


def freeze_in_the_zip(freezer: Freezer) -> None:
    """Have the wires of this process come to the `lease` and the `give` of the zip."""
    zips = next(stop for stop in route_of(draw(nothing).blueprint()).stops if stop.how == "zip")
    take, give = NatsWire.take, NatsWire.give

    async def slow_take(wire: NatsWire, leg: Reach, wait: float) -> Taken | None:
        taken = await take(wire, leg, wait)
        if taken is not None and leg.name == zips.legs[0].name:
            freezer.come_to("lease")
        return taken

    async def slow_give(
        wire: NatsWire, stream: str, record: bytes, after: int, *, name: str = "", behind: str = ""
    ) -> int:
        giving = give(wire, stream, record, after, name=name, behind=behind)
        if stream != zips.name or not freezer.come_to("give"):
            return await giving
        try:
            sequence = await giving
        except NotMyTurn:
            say("is refused")
            raise
        say("is stored")
        return sequence

    setattr(NatsWire, "take", slow_take)  # noqa: B010  # no checker lets a method be set
    setattr(NatsWire, "give", slow_give)  # noqa: B010  # as above


def draw_store(
    source: Callable[[], AsyncIterator[int]], store: Callable[[int], None] = lambda _: None
) -> Plumber:
    """Draw a sink, which is what a run needs that can be resumed."""

    async def keep(number: int) -> None:
        store(number)

    plumber = Plumber("storing")
    plumber.connect(Source(source, name="numbers")).to(Sink(keep))
    return plumber


def main(url: str, where: str) -> None:
    freezer = Freezer(where)
    broker = Broker(url, keep_within=KEEP_WITHIN)
    if where != "source":
        freeze_in_the_zip(freezer)
        asyncio.run(work(draw(nothing, freezer), broker))
        return

    async def numbers() -> AsyncIterator[int]:
        for number in range(COUNT):
            freezer.come_to("source")
            yield number

    asyncio.run(submit(draw_store(numbers), broker))


if __name__ == "__main__":
    main(*sys.argv[1:])
