"""aiostream: operators over async iterables. GPL-3: a dependency of benchmarks only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiostream import Stream, pipe, stream

from benchmarks.contestant import BOUND, Contestant, Items, Sink, Step


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    del bound  # Nothing is held between operators.
    flow = stream.iterate(items)
    for step in steps:
        flow |= pipe.map(step, task_limit=1)
    await _finish(flow | pipe.map(sink, task_limit=1))


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    flow = stream.iterate(items)
    for step in steps:
        flow |= pipe.map(step, task_limit=1)
    async with flow.stream() as streamer:
        return [item async for item in streamer]


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    flow = stream.iterate(items) | pipe.map(step, ordered=ordered, task_limit=workers)
    await _finish(flow | pipe.map(sink, task_limit=1))


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    flows = (
        stream.iterate(items) | pipe.map(step, task_limit=1)
        for items, step in zip(sources, steps, strict=True)
    )
    await _finish(stream.merge(*flows) | pipe.map(sink, task_limit=1))


async def _finish(flow: Stream[None]) -> None:
    async with flow.stream() as streamer:
        async for _ in streamer:
            pass


CONTESTANT = Contestant(
    name="aiostream",
    title="aiostream",
    chain=chain,
    read=read,
    pool=pool,
    merge=merge,
    package="aiostream",
    note="a stream cannot fork, so no diamond; a task per item and stage",
)
