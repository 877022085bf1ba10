"""The limit: the same coroutines in a plain loop, with nothing between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence

from benchmarks.contestant import BOUND, Contestant, Items, Sink, Step, TupleSink


async def chain(  # noqa: C901 - written out on purpose
    items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND
) -> None:
    """The common lengths are written out: a loop over steps would flatter all others."""
    del bound  # Nothing is ever held.
    if isinstance(items, AsyncIterable):
        async for item in _through(items, steps):
            await sink(item)
        return
    match steps:
        case [a]:
            for item in items:
                await sink(await a(item))
        case [a, b, c]:
            for item in items:
                await sink(await c(await b(await a(item))))
        case [a, b, c, d, e]:
            for item in items:
                await sink(await e(await d(await c(await b(await a(item))))))
        case [a, b, c, d, e, f, g, h, i, j]:
            for item in items:
                half = await e(await d(await c(await b(await a(item)))))
                await sink(await j(await i(await h(await g(await f(half))))))
        case _:
            for item in items:
                value = item
                for step in steps:
                    value = await step(value)
                await sink(value)


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    """Nothing to read from: results go straight into the list."""
    received: list[int] = []

    async def keep(item: int) -> None:
        received.append(item)

    match (steps, items):
        case ([a, b, c, d, e], Iterable()):
            for item in items:
                received.append(await e(await d(await c(await b(await a(item))))))  # noqa: PERF401 - as the others do
        case _:
            await chain(items, steps, keep)
    return received


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    """Bare tasks that share an iterator. In no order even when asked for one."""
    del ordered  # The ideal to compare with: what order costs must show.
    remaining = iter(items)

    async def work() -> None:
        for item in remaining:
            await sink(await step(item))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(workers):
            tasks.create_task(work())


async def diamond(
    items: Iterable[int], head: Step, branches: Sequence[Step], sink: TupleSink
) -> None:
    """One branch after the other."""
    a, b, c, d = branches
    for item in items:
        value = await head(item)
        await sink((await a(value), await b(value), await c(value), await d(value)))


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    """One source after the other."""
    for items, step in zip(sources, steps, strict=True):
        for item in items:
            await sink(await step(item))


async def _through(items: AsyncIterable[int], steps: Sequence[Step]) -> AsyncIterator[int]:
    async for item in items:
        value = item
        for step in steps:
            value = await step(value)
        yield value


async def compute(
    items: Items, function: Callable[[int], int], note: Callable[[int], None], *, workers: int
) -> None:
    """In this process: what more than one core has to beat."""
    del workers
    if isinstance(items, AsyncIterable):
        async for item in items:
            note(function(item))
        return
    for item in items:
        note(function(item))


async def in_thread(items: Sequence[int], function: Callable[[int], int]) -> list[int]:
    """`asyncio.to_thread`: what `asyncio` brings."""
    return [await asyncio.to_thread(function, item) for item in items]


CONTESTANT = Contestant(
    name="loop",
    title="plain loop",
    chain=chain,
    read=read,
    pool=pool,
    diamond=diamond,
    merge=merge,
    compute=compute,
    in_thread=in_thread,
    note="no concurrency but in the I/O workloads, where it is N bare tasks without order",
)
