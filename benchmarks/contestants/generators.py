"""Written by hand as well: one async generator around the other, all in one task."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence

from benchmarks.contestant import BOUND, Contestant, Items, Sink, Step


async def each(items: Iterable[int]) -> AsyncIterator[int]:
    for item in items:
        yield item


async def through(step: Step, items: AsyncIterable[int]) -> AsyncIterator[int]:
    async for item in items:
        yield await step(item)


def stacked(items: Items, steps: Sequence[Step]) -> AsyncIterable[int]:
    stream = items if isinstance(items, AsyncIterable) else each(items)
    for step in steps:
        stream = through(step, stream)
    return stream


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    del bound  # Nothing is ever held.
    async for item in stacked(items, steps):
        await sink(item)


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    return [item async for item in stacked(items, steps)]


CONTESTANT = Contestant(
    name="generators",
    title="async generators",
    chain=chain,
    read=read,
    note="written by hand; one task, so stages never overlap; chains only",
)
