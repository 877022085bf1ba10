"""The cases: what is drawn, and how many processes work for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Final, Literal

from attrs import frozen

from typedpipes import Plumber, Processor, Sink, Source

Call = Literal["nothing", "wait", "hold"]


@frozen(kw_only=True)
class Case:
    """A source, a processor that is measured, and an edge behind it that takes all results.

    Attributes:
        name: what it is called on the command line.
        items: how many items there are.
        slice: how many travel together.
        processes: how many processes work for the processor; if there is none, the source is
            measured.
        calls: how many calls overlap, in all processes together.
        call: what a call does: nothing; or it waits, or holds its process as a computation does.
        seconds: for how long.
        buffer: of the edge before the processor, in items; by default it holds all of them, and
            the processor begins when all are there.
    """

    name: str
    items: int
    slice: int = 1
    processes: int = 1
    calls: int = 8
    call: Call = "nothing"
    seconds: float = 0.0
    buffer: int | None = None


CASES: Final = (
    Case(name="source", items=10_000, processes=0),
    Case(name="source-100", items=200_000, slice=100, processes=0),
    Case(name="hop", items=2_000),
    Case(name="hop-2", items=3_000, processes=2, calls=16),
    Case(name="hop-100", items=100_000, slice=100, calls=800),
    Case(name="hold-1", items=200, call="hold", seconds=0.02),
    Case(name="hold-2", items=400, processes=2, call="hold", seconds=0.02),
    Case(name="wait-1", items=500, calls=3, call="wait", seconds=0.02),
    Case(name="wait-2", items=1_000, processes=2, calls=6, call="wait", seconds=0.02),
    Case(name="wait-4", items=2_000, processes=4, calls=12, call="wait", seconds=0.02),
    Case(name="slow", items=4_000, slice=10, calls=1, call="wait", seconds=0.001, buffer=1_000),
)


async def none() -> AsyncIterator[int]:
    """Make nothing: what a worker has in place of the source."""
    for number in range(0):
        yield number


async def leave(_: int) -> None:
    """Do nothing with an item: no process works for this sink."""


@frozen
class Drawing:
    """The drawing of a case."""

    plumber: Plumber
    numbers: Source[int]
    hop: Processor[int, int]


def draw(
    case: Case,
    numbers: Callable[[], AsyncIterator[int]] = none,
    note: Callable[[], None] = lambda: None,
) -> Drawing:
    """Draw a case.

    Args:
        case: the case.
        numbers: makes the items.
        note: called for each slice that the processor begins with.
    """

    async def call(number: int) -> int:
        if number % case.slice == 0:
            note()
        if case.call == "wait":
            await asyncio.sleep(case.seconds)
        elif case.call == "hold":
            time.sleep(case.seconds)  # noqa: ASYNC251  # it holds up its process on purpose
        return number + 1

    plumber = Plumber("rates")
    source = Source(numbers, name="numbers")
    all_of_it = case.items + case.slice  # and the closing record
    hop = Processor(call, name="hop", workers=case.calls, buffer=case.buffer or all_of_it)
    plumber.connect(source).to(hop).to(Sink(leave, name="rest", buffer=all_of_it))
    return Drawing(plumber, source, hop)
