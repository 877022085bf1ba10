"""What a contestant must be able to do: run a pipeline that it is given, to its end."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from pickle import PickleBuffer
from typing import Protocol, SupportsIndex, TypeAlias, TypeVar

from attrs import frozen

Item = TypeVar("Item")
Result = TypeVar("Result")

BOUND = 100
"""Items that an edge may hold, for every contestant that can be told."""

Items: TypeAlias = Iterable[int] | AsyncIterable[int]
Step: TypeAlias = Callable[[int], Awaitable[int]]
Sink: TypeAlias = Callable[[int], Awaitable[None]]
TupleSink: TypeAlias = Callable[[tuple[int, ...]], Awaitable[None]]


class Cannot(Exception):
    """A contestant has no way to do what a workload asks for."""


class Chain(Protocol):
    """Items through one step after the other into a sink."""

    async def __call__(
        self, items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND
    ) -> None:
        """Return when the last item is in the sink."""
        ...


class Read(Protocol):
    """Items through one step after the other; the end is read with `async for`."""

    async def __call__(self, items: Items, steps: Sequence[Step]) -> list[int]:
        """Return what was read."""
        ...


class Pool(Protocol):
    """Items through one step that may work on several of them at once."""

    async def __call__(
        self, items: Iterable[int], step: Step, sink: Sink, *, workers: int, ordered: bool
    ) -> None:
        """Return when the last item is in the sink."""
        ...


class Diamond(Protocol):
    """Items through one step into several branches, zipped into one sink."""

    async def __call__(
        self, items: Iterable[int], head: Step, branches: Sequence[Step], sink: TupleSink
    ) -> None:
        """Return when the last tuple is in the sink."""
        ...


class Merge(Protocol):
    """Several sources, each through a step of its own, merged into one sink."""

    async def __call__(
        self, sources: Sequence[Iterable[int]], steps: Sequence[Step], sink: Sink
    ) -> None:
        """Return when the last item is in the sink."""
        ...


class Compute(Protocol):
    """Items through one plain function in child processes, in order."""

    async def __call__(
        self,
        items: Items,
        function: Callable[[int], int],
        note: Callable[[int], None],
        *,
        workers: int,
    ) -> None:
        """Return when `note` was called with every result."""
        ...


class Block:
    """Much memory in one piece, as an array is: where pickle allows for it, it is not copied.

    Args:
        content: the memory.
    """

    def __init__(self, content: bytearray) -> None:
        self.content = content

    def __reduce_ex__(
        self, protocol: SupportsIndex
    ) -> tuple[type[Block], tuple[bytearray | PickleBuffer]]:
        whole = self.content if protocol.__index__() < 5 else PickleBuffer(self.content)
        return Block, (whole,)


class Carry(Protocol):
    """Blocks through one plain function in child processes, in order."""

    async def __call__(
        self,
        items: Iterable[Block],
        function: Callable[[Block], Block],
        note: Callable[[Block], None],
        *,
        workers: int,
    ) -> None:
        """Return when `note` was called with every result."""
        ...


class InThread(Protocol):
    """Calls of a plain function in a thread, one after the other."""

    async def __call__(self, items: Sequence[int], function: Callable[[int], int]) -> list[int]:
        """Return the results."""
        ...


async def no_chain(items: Items, steps: Sequence[Step], sink: Sink, *, bound: int = BOUND) -> None:
    """Stand for the chain of a contestant that knows no coroutines.

    Raises:
        Cannot: always.
    """
    del items, steps, sink, bound
    raise Cannot("calls plain functions, not coroutines")


@frozen(kw_only=True)
class Contestant:
    """One way to run a pipeline.

    Every ability draws the pipeline, runs it and returns when its last item is in
    the sink. None stands for an ability that a contestant does not have.

    Args:
        name: what it is called on the command line.
        title: what it is called in a table.
        package: the distribution whose version is told, if it has one.
        keeps_order: False where even a chain may reorder its items.
        back_pressure: False where a source is never made to wait.
        suspends: False where a coroutine must run through without suspending.
        note: what a reader must know to compare fairly.
    """

    name: str
    title: str
    chain: Chain
    read: Read | None = None
    pool: Pool | None = None
    diamond: Diamond | None = None
    merge: Merge | None = None
    compute: Compute | None = None
    carry: Carry | None = None
    in_thread: InThread | None = None
    package: str | None = None
    keeps_order: bool = True
    back_pressure: bool = True
    suspends: bool = True
    note: str = ""
