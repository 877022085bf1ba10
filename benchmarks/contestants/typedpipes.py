"""typedpipes itself, with what a user gets by default."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Sequence

from benchmarks.contestant import (
    BOUND,
    Contestant,
    Item,
    Items,
    Result,
    Sink,
    Step,
    TupleSink,
)
from typedpipes import Plumber, Processor, Source, in_process, in_thread
from typedpipes import Sink as SinkProcessor


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    plumber = Plumber("chain")
    joint = plumber.connect(Source(items))
    for step in steps:
        joint = joint.to(Processor(step, buffer=bound))
    joint.to(SinkProcessor(sink, buffer=bound))
    await plumber.run()


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    plumber = Plumber("read")
    joint = plumber.connect(Source(items))
    for step in steps:
        joint = joint.to(Processor(step, buffer=BOUND))
    received = joint.read(maxsize=BOUND)
    async with plumber.running():
        return [item async for item in received]


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    plumber = Plumber("pool")
    processor = Processor(step, workers=workers, ordered=ordered, buffer=BOUND)
    plumber.connect(Source(items)).to(processor).to(SinkProcessor(sink, buffer=BOUND))
    await plumber.run()


async def diamond(
    items: Iterable[int], head: Step, branches: Sequence[Step], sink: TupleSink
) -> None:
    plumber = Plumber("diamond")
    a, b, c, d = (Processor(step, buffer=BOUND) for step in branches)
    plumber.connect(Source(items)).to(Processor(head, buffer=BOUND)).fan_out(a, b, c, d)
    plumber.zip(a, b, c, d).to(SinkProcessor(sink, buffer=BOUND))
    await plumber.run()


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    plumber = Plumber("merge")
    a, b, c, d = (
        plumber.connect(Source(items)).to(Processor(step, buffer=BOUND))
        for items, step in zip(sources, steps, strict=True)
    )
    plumber.merge(a, b, c, d).to(SinkProcessor(sink, buffer=BOUND))
    await plumber.run()


async def compute(
    items: Iterable[Item] | AsyncIterable[Item],
    function: Callable[[Item], Result],
    note: Callable[[Result], None],
    *,
    workers: int,
) -> None:
    async def sink(item: Result) -> None:
        note(item)

    plumber = Plumber("compute")
    processor = Processor(in_process(function), workers=workers)
    plumber.connect(Source(items)).to(processor).to(SinkProcessor(sink))
    await plumber.run()


async def call_in_thread(items: Sequence[int], function: Callable[[int], int]) -> list[int]:
    offloaded = in_thread(function)
    results: list[int] = []

    async def call_all(part: Sequence[int]) -> None:
        results.extend([await offloaded(item) for item in part])

    plumber = Plumber("thread")
    plumber.connect(Source([items])).to(SinkProcessor(call_all))
    await plumber.run()
    return results


CONTESTANT = Contestant(
    name="typedpipes",
    title="typedpipes",
    chain=chain,
    read=read,
    pool=pool,
    diamond=diamond,
    merge=merge,
    compute=compute,
    carry=compute,
    in_thread=call_in_thread,
    package="typedpipes",
)
