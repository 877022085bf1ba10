"""spdl: a pipeline on an event loop of its own, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from spdl.pipeline import Pipeline, PipelineBuilder

from benchmarks.contestant import BOUND, Cannot, Contestant, Items, Sink, Step


def drain(pipeline: Pipeline) -> list[int]:
    with pipeline.auto_stop():
        return list(pipeline)


def builder(items: Items) -> PipelineBuilder:
    if isinstance(items, AsyncIterable):
        raise Cannot("its loop is not ours, and asyncio objects belong to one loop")
    return PipelineBuilder().add_source(items)


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    flow = builder(items)
    for step in steps:
        flow = flow.pipe(step)
    pipeline = flow.pipe(sink).add_sink(bound).build(num_threads=1)
    await asyncio.to_thread(drain, pipeline)


async def read(items: Items, steps: Sequence[Step]) -> list[int]:
    """Its iterator is a plain one."""
    flow = builder(items)
    for step in steps:
        flow = flow.pipe(step)
    return await asyncio.to_thread(drain, flow.add_sink(BOUND).build(num_threads=1))


async def pool(
    items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
) -> None:
    order = "input" if ordered else "completion"
    flow = builder(items).pipe(step, concurrency=workers, output_order=order)
    await asyncio.to_thread(drain, flow.pipe(sink).add_sink(BOUND).build(num_threads=1))


async def compute(
    items: Items, function: Callable[[int], int], note: Callable[[int], None], *, workers: int
) -> None:
    flow = builder(items)

    def work() -> None:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            stage = flow.pipe(function, executor=pool, concurrency=workers, output_order="input")
            pipeline = stage.add_sink(BOUND).build(num_threads=1)
            with pipeline.auto_stop():
                for result in pipeline:
                    note(result)

    await asyncio.to_thread(work)


CONTESTANT = Contestant(
    name="spdl",
    title="spdl",
    chain=chain,
    read=read,
    pool=pool,
    compute=compute,
    package="spdl",
    note="runs in a thread, to feed training loops; its builder draws chains only",
)
