"""Trying processors and segments alone: with a list of items, or with edges that a test fills."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, overload

from typing_extensions import TypeIs, TypeVar

from typedpipes.arguments import seconds
from typedpipes.outlet import Outlet, Stage
from typedpipes.plumber import Joint, Plumber
from typedpipes.plumber.joint import gives_nothing
from typedpipes.processor import Processor, Sink
from typedpipes.queues import InputQueue, OutputQueue
from typedpipes.queues.input import zipped
from typedpipes.report import Report
from typedpipes.source import Source

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")
In = TypeVar("In")
Out = TypeVar("Out")


_WEDGED = 1.0
"""Seconds after which a run fails in which nothing can move any more: a test should not hang."""


async def try_out(
    tried: Stage[In, Out] | Callable[[Joint[In]], Outlet[Out]],
    items: Iterable[In] | AsyncIterable[In],
    /,
    *,
    within: float = 10.0,
) -> list[Out]:
    """Run a processor or a segment alone, and return what it gives for some items, in its order.

    It works as in a graph, with its workers, its bounds and its cleanup coroutines.

    >>> async def halve(number: int) -> float:
    ...     return number / 2
    >>> asyncio.run(try_out(Processor(halve), [1, 2, 3]))
    [0.5, 1.0, 1.5]
    >>> def halves_of_even(numbers: Joint[int]) -> Joint[float]:
    ...     return numbers.keep(lambda number: number % 2 == 0).to(Processor(halve))
    >>> asyncio.run(try_out(halves_of_even, [1, 2, 3]))
    [1.0]

    Args:
        tried: a processor or a switch; or a segment, that is a function as for `Joint.via` that
            returns one end. A sink, or a segment that ends in one, gives nothing.
        items: what it gets.
        within: how many seconds the run may take, above 0. Then it is aborted.

    Raises:
        PipelineFailed: a coroutine raised. It is a group with what failed on which item, and has
            the `report`. Or nothing could move any more for a second: then there is a `Wedged`.
        WiringErrors: what the segment draws is wrong.
        TimeoutError: the run took longer.
        SettingError: `within` is not above 0.
    """
    limit = seconds("within of try_out", within)
    plumber = Plumber("try out")
    joint = plumber.connect(Source(items))
    end = joint.to(tried) if _is_stage(tried) else plumber.connect(tried(joint))
    collector = None if gives_nothing(end) else end.collect()
    async with asyncio.timeout(limit):
        await plumber.run(wedged_after=_WEDGED)
    return [] if collector is None else list(collector.items)


def _is_stage(
    tried: Stage[In, Out] | Callable[[Joint[In]], Outlet[Out]],
) -> TypeIs[Stage[In, Out]]:
    return isinstance(tried, Stage)


async def drive(
    processor: Processor[In, Out], *, input: InputQueue[In], output: OutputQueue[Out] | None = None
) -> Report:
    """Run a single processor, from one edge to another, until the input is closed and empty.

    It works as in a graph, with its workers, its order and its cleanup coroutines. At the
    end the output is closed, whatever happened. Cancel the call to abort.

    Args:
        processor: the processor to run.
        input: where its items come from.
        output: where its results go; a sink needs none.

    Raises:
        PipelineFailed: the coroutine raised; or, as in `try_out`, nothing could move any more.
        WiringErrors: there is no output, and the processor is not a sink.
    """
    plumber = Plumber(f"drive {processor.name}")
    joint = plumber.connect(Source(input)).to(processor)
    if output is None:
        return await plumber.run(wedged_after=_WEDGED)
    joint.to(Sink(output.put))
    try:
        return await plumber.run(wedged_after=_WEDGED)
    finally:
        output.close()


@overload
def zip_inputs(a: InputQueue[A], b: InputQueue[B], /) -> InputQueue[tuple[A, B]]: ...
@overload
def zip_inputs(
    a: InputQueue[A], b: InputQueue[B], c: InputQueue[C], /
) -> InputQueue[tuple[A, B, C]]: ...
@overload
def zip_inputs(*inputs: InputQueue[T]) -> InputQueue[tuple[T, ...]]: ...
def zip_inputs(*inputs: InputQueue[Any]) -> InputQueue[Any]:  # Any: only the overloads are visible
    """Read several edges as one queue of tuples, as a processor with an aggregated input does."""
    return zipped(inputs)
