"""A program of someone who installed typedpipes: checked and run outside the repository."""

# ruff: noqa: T201  # a program prints

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import assert_type

from typing_extensions import TypeIs

from typedpipes import (
    Collector,
    Counts,
    Doom,
    Failure,
    InputQueue,
    Joint,
    Plumber,
    Processor,
    Report,
    Sink,
    Source,
    bind,
    in_thread,
)


async def read() -> AsyncIterator[str]:
    for line in ("3", "four", "", "5"):
        yield line


async def parse(text: str, base: int) -> int:
    return int(text, base)


def square(number: int) -> int:
    return number**2


async def mourn(failure: Failure[str]) -> None:
    print(f"{failure.processor}: {failure.item!r}")


async def save(left: InputQueue[str]) -> None:
    print(f"left: {left.drain()}")


def is_text(item: str | int) -> TypeIs[str]:
    return isinstance(item, str)


plumber = Plumber("consumer")
lines = Source(read)
parser = Processor(bind(parse, base=10), name="parse").cleanup(input=save)
squarer = Processor(in_thread(square), workers=2)
assert_type(parser, Processor[str, int])
assert_type(squarer, Processor[int, int])

numbers = plumber.connect(lines).keep(bool).to(parser)
pairs = plumber.zip(numbers, numbers.to(squarer))
kept = pairs.collect()
plumber.failures(parser).to(Sink(mourn))
assert_type(numbers, Joint[int])
assert_type(pairs, Joint[tuple[int, int]])
assert_type(kept, Collector[tuple[int, int]])
assert_type(Plumber().merge(lines, squarer).narrow(is_text), Joint[str])


async def main() -> None:
    report = await plumber.run(grace=5.0)
    assert_type(report, Report)
    assert_type(report.of(parser), Counts[str, int])
    assert_type(report.of(parser).unprocessed, Sequence[str])
    assert_type(report.dooms, Sequence[Doom])
    print(*kept.items)


asyncio.run(main())
