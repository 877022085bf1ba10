"""An edge by itself, with its two ends for use by hand."""

from __future__ import annotations

from typing import Generic

from typing_extensions import TypeVar

from typedpipes.arguments import positive
from typedpipes.flow import edge as flow
from typedpipes.queues.input import InputQueue
from typedpipes.queues.output import OutputQueue

T = TypeVar("T")


class Edge(Generic[T]):
    """A bounded buffer between a writer and a reader.

    In a plumber the edges are made for you. One of your own is for trying a
    processor by hand and for code outside a graph.

    Args:
        maxsize: how many items it holds at most, 1 or more. A `put` into a full
            edge waits.

    Attributes:
        input: the end to read from.
        output: the end to write into.

    Raises:
        SettingError: `maxsize` is less than 1.

    >>> edge = Edge[str](maxsize=2)
    >>> edge.output.put_nowait("hello")
    >>> edge.input.get_nowait()
    'hello'
    """

    def __init__(self, maxsize: int = 100) -> None:
        edge = flow.Edge[T](positive("maxsize", maxsize), low=maxsize - 1)
        self.input: InputQueue[T] = InputQueue(edge)
        self.output: OutputQueue[T] = OutputQueue(edge)
