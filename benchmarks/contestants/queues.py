"""What a careful user writes by hand: a task per stage and `asyncio.Queue`s between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Coroutine, Iterable, Sequence
from enum import Enum
from typing import TypeAlias

from benchmarks.contestant import BOUND, Contestant, Items, Sink, Step, TupleSink


class End(Enum):
    """Travels behind the last item."""

    END = "end"


Queue: TypeAlias = "asyncio.Queue[int | End]"

AHEAD = 8
"""How many results per worker may wait for a slower one before them, as in typedpipes."""


def queue(bound: int = BOUND) -> Queue:
    return asyncio.Queue(maxsize=bound)


async def feed(items: Items, out: Queue) -> None:
    if isinstance(items, AsyncIterable):
        async for item in items:
            await out.put(item)
    else:
        for item in items:
            await out.put(item)
    await out.put(End.END)


async def work(source: Queue, step: Step, *outs: Queue) -> None:
    while (item := await source.get()) is not End.END:
        result = await step(item)
        for out in outs:
            await out.put(result)
    for out in outs:
        await out.put(End.END)


async def drain(source: Queue, sink: Sink, ends: int = 1) -> None:
    while ends:
        item = await source.get()
        if item is End.END:
            ends -= 1
        else:
            await sink(item)


async def together(*coroutines: Coroutine[object, object, None]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for coroutine in coroutines:
            tasks.create_task(coroutine)


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    queues = [queue(bound) for _ in range(len(steps) + 1)]
    await together(
        feed(items, queues[0]),
        *(work(queues[at], step, queues[at + 1]) for at, step in enumerate(steps)),
        drain(queues[-1], sink),
    )


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    """`asyncio.Queue` has no `async for`: the caller gets, as he would by hand."""
    queues = [queue() for _ in range(len(steps) + 1)]
    received = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(feed(items, queues[0]))
        for at, step in enumerate(steps):
            tasks.create_task(work(queues[at], step, queues[at + 1]))
        while (item := await queues[-1].get()) is not End.END:
            received.append(item)
    return received


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    if ordered:
        await _in_order(items, step, sink, workers)
        return
    waiting, done = queue(), queue()

    async def share() -> None:
        while (item := await waiting.get()) is not End.END:
            await done.put(await step(item))
        await waiting.put(End.END)  # The next worker must see it too.

    async def share_all() -> None:
        await together(*(share() for _ in range(workers)))
        await done.put(End.END)

    await together(feed(items, waiting), share_all(), drain(done, sink))


async def _in_order(items: Iterable[int], step: Step, sink: Sink, workers: int) -> None:
    """A task per item, at most `workers` at once, awaited in the order of their start."""
    started: asyncio.Queue[asyncio.Task[int] | End] = asyncio.Queue(AHEAD * workers)
    free = asyncio.Semaphore(workers)

    async def call(item: int) -> int:
        try:
            return await step(item)
        finally:
            free.release()

    async def start() -> None:
        async with asyncio.TaskGroup() as tasks:
            for item in items:
                await free.acquire()
                await started.put(tasks.create_task(call(item)))
        await started.put(End.END)

    async def finish() -> None:
        while (task := await started.get()) is not End.END:
            await sink(await task)

    await together(start(), finish())


async def diamond(
    items: Iterable[int], head: Step, branches: Sequence[Step], sink: TupleSink
) -> None:
    first = queue()
    forks = [queue() for _ in branches]
    joins = [queue() for _ in branches]

    async def zipped() -> None:
        while True:
            parts = []
            for join in joins:
                part = await join.get()
                if part is End.END:
                    return
                parts.append(part)
            await sink(tuple(parts))

    await together(
        feed(items, first),
        work(first, head, *forks),
        *(work(fork, step, join) for fork, step, join in zip(forks, branches, joins, strict=True)),
        zipped(),
    )


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    starts = [queue() for _ in sources]
    end = queue()
    await together(
        *(feed(items, start) for items, start in zip(sources, starts, strict=True)),
        *(work(start, step, end) for start, step in zip(starts, steps, strict=True)),
        drain(end, sink, ends=len(sources)),
    )


CONTESTANT = Contestant(
    name="queues",
    title="asyncio.Queue",
    chain=chain,
    read=read,
    pool=pool,
    diamond=diamond,
    merge=merge,
    note="written by hand, a task per stage; no failures, no cleanup, no report",
)
