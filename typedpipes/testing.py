"""Driving a processor by hand, with edges that a test fills and reads."""

from __future__ import annotations

from typing import Any, overload

from typing_extensions import TypeVar

from typedpipes.plumber import Plumber
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
        PipelineFailed: the coroutine raised.
        WiringErrors: there is no output, and the processor is not a sink.
    """
    plumber = Plumber(f"drive {processor.name}")
    joint = plumber.connect(Source(input)).to(processor)
    if output is None:
        return await plumber.run()
    joint.to(Sink(output.put))
    try:
        return await plumber.run()
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
