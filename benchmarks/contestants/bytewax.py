"""bytewax: a dataflow in Rust over plain functions. Coroutines are driven by hand."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from itertools import count
from typing import TypeVar

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from benchmarks.contestant import BOUND, Cannot, Contestant, Items, Sink, Step

Item = TypeVar("Item")
Result = TypeVar("Result")


def driven(step: Callable[[Item], Awaitable[Result]]) -> Callable[[Item], Result]:
    """A coroutine function as a plain one. Only for coroutines that never suspend."""

    def call(item: Item) -> Result:
        try:
            next(step(item).__await__())
        except StopIteration as end:
            result: Result = end.value
            return result
        raise AssertionError("a step was to run through without suspending")

    return call


async def chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    if isinstance(items, AsyncIterable):
        raise Cannot("its sources are plain iterables")
    dataflow = Dataflow("chain")
    flow = op.input("source", dataflow, TestingSource(items, batch_size=bound))
    for number, step in zip(count(), (*steps, sink)):
        flow = op.map(f"step-{number}", flow, driven(step))
    op.output("end", flow, TestingSink([]))
    run_main(dataflow)


async def merge(sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink) -> None:
    dataflow = Dataflow("merge")
    flows = []
    for number, items, step in zip(count(), sources, steps):
        flow = op.input(f"source-{number}", dataflow, TestingSource(items, batch_size=BOUND))
        flows.append(op.map(f"step-{number}", flow, driven(step)))
    op.output("end", op.map("sink", op.merge("merge", *flows), driven(sink)), TestingSink([]))
    run_main(dataflow)


CONTESTANT = Contestant(
    name="bytewax",
    title="bytewax",
    chain=chain,
    merge=merge,
    package="bytewax",
    suspends=False,
    note="no coroutines of its own, and it blocks the event loop; joins by key, so no diamond",
)
