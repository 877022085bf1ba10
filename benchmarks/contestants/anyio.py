"""anyio: its memory object streams, and a task per stage as its documentation shows."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import TypeAlias

from anyio import EndOfStream, create_memory_object_stream, create_task_group
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from benchmarks.contestant import BOUND, Cannot, Contestant, Items, Sink, Step, TupleSink

Out: TypeAlias = MemoryObjectSendStream[int]
In: TypeAlias = MemoryObjectReceiveStream[int]


async def feed(items: Items, out: Out) -> None:
    async with out:
        if isinstance(items, AsyncIterable):
            async for item in items:
                await out.send(item)
        else:
            for item in items:
                await out.send(item)


async def work(source: In, step: Step, *outs: Out) -> None:
    async with AsyncExitStack() as ends:
        for end in (source, *outs):
            await ends.enter_async_context(end)
        async for item in source:
            result = await step(item)
            for out in outs:
                await out.send(result)


async def drain(source: In, sink: Sink) -> None:
    async with source:
        async for item in source:
            await sink(item)


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    async with create_task_group() as tasks:
        out, source = create_memory_object_stream[int](bound)
        tasks.start_soon(feed, items, out)
        for step in steps:
            out, after = create_memory_object_stream[int](bound)
            tasks.start_soon(work, source, step, out)
            source = after
        tasks.start_soon(drain, source, sink)


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    async with create_task_group() as tasks:
        out, source = create_memory_object_stream[int](BOUND)
        tasks.start_soon(feed, items, out)
        for step in steps:
            out, after = create_memory_object_stream[int](BOUND)
            tasks.start_soon(work, source, step, out)
            source = after
        async with source:
            received = [item async for item in source]
    return received


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    if ordered:
        raise Cannot("keeps no order among workers")
    out, source = create_memory_object_stream[int](BOUND)
    results, end = create_memory_object_stream[int](BOUND)
    async with create_task_group() as tasks:
        tasks.start_soon(feed, items, out)
        tasks.start_soon(drain, end, sink)
        async with source, results:
            for _ in range(workers):
                tasks.start_soon(work, source.clone(), step, results.clone())


async def diamond(
    items: Iterable[int], head: Step, branches: Sequence[Step], sink: TupleSink
) -> None:
    async with create_task_group() as tasks:
        out, source = create_memory_object_stream[int](BOUND)
        forks = [create_memory_object_stream[int](BOUND) for _ in branches]
        joins = [create_memory_object_stream[int](BOUND) for _ in branches]
        tasks.start_soon(feed, items, out)
        tasks.start_soon(work, source, head, *(fork for fork, _ in forks))
        for (_, fork), step, (join, _) in zip(forks, branches, joins, strict=True):
            tasks.start_soon(work, fork, step, join)
        await zipped([join for _, join in joins], sink)


async def zipped(joins: Sequence[In], sink: TupleSink) -> None:
    async with AsyncExitStack() as ends:
        for join in joins:
            await ends.enter_async_context(join)
        while True:
            try:
                parts = tuple([await join.receive() for join in joins])
            except EndOfStream:
                return
            await sink(parts)


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    async with create_task_group() as tasks:
        results, end = create_memory_object_stream[int](BOUND)
        async with results:
            for items, step in zip(sources, steps, strict=True):
                out, source = create_memory_object_stream[int](BOUND)
                tasks.start_soon(feed, items, out)
                tasks.start_soon(work, source, step, results.clone())
        tasks.start_soon(drain, end, sink)


CONTESTANT = Contestant(
    name="anyio",
    title="anyio streams",
    chain=chain,
    read=read,
    pool=pool,
    diamond=diamond,
    merge=merge,
    package="anyio",
    note="on asyncio, a task per stage",
)
