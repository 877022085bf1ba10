"""pypeln: its `task` stages, which are made for coroutines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pypeln

from benchmarks.contestant import BOUND, Contestant, Items, Sink, Step


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    stage = items
    for step in steps:
        stage = pypeln.task.map(step, stage, maxsize=bound)
    await pypeln.task.each(sink, stage, maxsize=bound)


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    first, *others = steps
    stage = pypeln.task.map(first, items, maxsize=BOUND)
    for step in others:
        stage = pypeln.task.map(step, stage, maxsize=BOUND)
    return [item async for item in stage]


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    stage = pypeln.task.map(step, items, workers=workers, maxsize=BOUND)
    if ordered:
        stage = pypeln.task.ordered(stage, maxsize=BOUND)
    await pypeln.task.each(sink, stage, maxsize=BOUND)


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    stages = [
        pypeln.task.map(step, items, maxsize=BOUND)
        for items, step in zip(sources, steps, strict=True)
    ]
    await pypeln.task.each(sink, pypeln.task.concat(stages, maxsize=BOUND), maxsize=BOUND)


CONTESTANT = Contestant(
    name="pypeln",
    title="pypeln.task",
    chain=chain,
    read=read,
    pool=pool,
    merge=merge,
    package="pypeln",
    keeps_order=False,
    note="one worker may already reorder; `ordered` holds every item to the end; no zip",
)
