"""reactivex: observables, which push without back-pressure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import reactivex
from reactivex import operators
from reactivex.subject import Subject

from benchmarks.contestant import BOUND, Cannot, Contestant, Items, Sink, Step, TupleSink

Item = TypeVar("Item")
Result = TypeVar("Result")


def awaited(
    step: Callable[[Item], Awaitable[Result]], at_once: int = 1
) -> Callable[[reactivex.Observable], reactivex.Observable]:
    """A coroutine function as an operator. With one at once the order stays."""

    def start(item: Item) -> reactivex.Observable:
        return reactivex.defer(lambda _: reactivex.from_future(asyncio.ensure_future(step(item))))

    return lambda source: source.pipe(operators.map(start), operators.merge(max_concurrent=at_once))


def subscribe(flow: reactivex.Observable) -> asyncio.Future[None]:
    """From here on the flow can be pushed into; done when it completes."""
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    flow.subscribe(on_error=ended.set_exception, on_completed=lambda: ended.set_result(None))
    return ended


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    del bound  # Nothing makes a source wait.
    stages = (*(awaited(step) for step in steps), awaited(sink))
    if not isinstance(items, AsyncIterable):
        await subscribe(reactivex.from_iterable(items).pipe(*stages))
        return
    source = Subject()
    ended = subscribe(source.pipe(*stages))
    async for item in items:
        source.on_next(item)
    source.on_completed()
    await ended


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    if ordered:
        raise Cannot("keeps no order among workers")
    await subscribe(reactivex.from_iterable(items).pipe(awaited(step, workers), awaited(sink)))


async def diamond(
    items: Iterable[int], head: Step, branches: Sequence[Step], sink: TupleSink
) -> None:
    fork = reactivex.from_iterable(items).pipe(awaited(head), operators.publish())
    joined = reactivex.zip(*(fork.pipe(awaited(step)) for step in branches))
    ended = subscribe(joined.pipe(awaited(sink)))
    fork.connect()
    await ended


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    flows = [
        reactivex.from_iterable(items).pipe(awaited(step))
        for items, step in zip(sources, steps, strict=True)
    ]
    await subscribe(reactivex.merge(*flows).pipe(awaited(sink)))


CONTESTANT = Contestant(
    name="reactivex",
    title="reactivex",
    chain=chain,
    pool=pool,
    diamond=diamond,
    merge=merge,
    package="reactivex",
    back_pressure=False,
    note="no back-pressure: a whole source waits in memory; no `async for`",
)
