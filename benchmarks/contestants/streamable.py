"""streamable: lazy operations on an iterable, pulled from the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streamable import stream

from benchmarks.contestant import BOUND, Contestant, Items, Sink, Step


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    del bound  # Its `buffer` would add a task per stage: without, it is faster.
    flow = stream(items)
    for step in steps:
        flow = flow.map(step)
    await flow.do(sink)


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    flow = stream(items)
    for step in steps:
        flow = flow.map(step)
    return [item async for item in flow]


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    await stream(items).map(step, concurrency=workers, as_completed=not ordered).do(sink)


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    flows = [stream(items).map(step) for items, step in zip(sources, steps, strict=True)]
    await stream(flows).flatten(concurrency=len(flows)).do(sink)


CONTESTANT = Contestant(
    name="streamable",
    title="streamable",
    chain=chain,
    read=read,
    pool=pool,
    merge=merge,
    package="streamable",
    note="one task, so stages of a chain never overlap; a stream cannot fork, so no diamond",
)
