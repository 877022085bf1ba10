"""streamz: a graph of nodes that push, with `map_async` for coroutines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

import streamz

from benchmarks.contestant import BOUND, Contestant, Items, Sink, Step, TupleSink

Item = TypeVar("Item")


class Arrivals(Generic[Item]):
    """A sink that knows when everything has arrived: streamz itself has no end."""

    def __init__(self, sink: Callable[[Item], Awaitable[None]]) -> None:
        self._sink = sink
        self._arrived = 0
        self._expected: int | None = None
        self._all = asyncio.Event()

    async def __call__(self, item: Item) -> None:
        """Count an item when the sink has it."""
        await self._sink(item)
        self._arrived += 1
        self._check()

    async def wait_for(self, expected: int) -> None:
        """Return when so many have arrived since the beginning."""
        self._expected = expected
        self._check()
        await self._all.wait()

    def _check(self) -> None:
        if self._arrived == self._expected:
            self._all.set()


async def emit(source: streamz.Stream, items: Items) -> int:
    count = 0
    if isinstance(items, AsyncIterable):
        async for item in items:
            await source.emit(item)
            count += 1
    else:
        for item in items:
            await source.emit(item)
            count += 1
    return count


async def run(
    flow: streamz.Stream,
    sink: Callable[[Item], Awaitable[None]],
    *sources: tuple[streamz.Stream, Items],
) -> None:
    """Feed the sources, wait for the last arrival, and end the workers that would wait forever."""
    others = asyncio.all_tasks()
    arrivals = Arrivals(sink)
    end = flow.sink(arrivals)
    counts = await asyncio.gather(*(emit(source, items) for source, items in sources))
    await arrivals.wait_for(sum(counts))
    end.destroy()
    workers = asyncio.all_tasks() - others
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    del bound  # `map_async` holds as many as it has workers.
    source = flow = streamz.Stream(asynchronous=True)
    for step in steps:
        flow = flow.map_async(step)
    await run(flow, sink, (source, items))


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    del ordered  # Always.
    source = streamz.Stream(asynchronous=True)
    parallelism = workers - 1  # it begins one more before it waits
    await run(source.map_async(step, parallelism=parallelism), sink, (source, items))


async def diamond(
    items: Iterable[int], head: Step, branches: Sequence[Step], sink: TupleSink
) -> None:
    source = streamz.Stream(asynchronous=True)
    fork = source.map_async(head)
    await run(streamz.zip(*(fork.map_async(step) for step in branches)), sink, (source, items))


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    starts = [streamz.Stream(asynchronous=True) for _ in sources]
    flows = [start.map_async(step) for start, step in zip(starts, steps, strict=True)]
    await run(streamz.union(*flows), sink, *zip(starts, sources, strict=True))


CONTESTANT = Contestant(
    name="streamz",
    title="streamz",
    chain=chain,
    pool=pool,
    diamond=diamond,
    merge=merge,
    package="streamz",
    note="no end and no `async for`: the benchmark counts what arrives; its `map_async` polls",
)
