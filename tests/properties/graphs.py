"""Graphs as plain data: a failing example prints one that can be drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import frozen

from tests.properties.items import NEVER, NO_NAPS, Habit, Naps

Kind: TypeAlias = Literal["coroutine", "generator", "sink"]
Origin: TypeAlias = Literal["list", "iterable", "async generator", "rig", "feed"]


@frozen
class Port:
    """Where a connection begins: the results of a node, or its failures."""

    node: str
    failures: bool = False


@frozen
class Spring:
    """A source of `count` numbers.

    Attributes:
        maxsize: how many items it holds if it is a feed.
        cleans: whether its cleanup coroutine takes what is left.
    """

    name: str
    origin: Origin
    first: int
    count: int
    naps: Naps = NO_NAPS
    maxsize: int = 1
    cleans: bool = False

    @property
    def inputs(self) -> tuple[Port, ...]:
        return ()

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.count)


@frozen
class Step:
    """A processor.

    Attributes:
        fails: on which items it raises.
        most: a generator gives 0 to so many results for an item.
        lingers: whether it suspends once more when it is cancelled.
        cleans: which queue kinds have a cleanup coroutine.
    """

    name: str
    input: Port
    kind: Kind = "coroutine"
    workers: int = 1
    ordered: bool = True
    window: int | None = None
    buffer: int = 100
    naps: Naps = NO_NAPS
    fails: Habit = NEVER
    most: int = 2
    lingers: bool = False
    timeout: float | None = None
    cleans: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (self.input,)

    @property
    def in_step(self) -> bool:
        """Whether it gives one item for each, in their order."""
        return self.kind == "coroutine" and (self.ordered or self.workers == 1)


@frozen
class Sieve:
    """A `keep` that drops some items."""

    name: str
    input: Port
    drops: Habit

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (self.input,)


@frozen
class Gather:
    """A `batch`."""

    name: str
    input: Port
    size: int
    within: float | None

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (self.input,)


@frozen
class Join:
    """A `zip` or a `merge`."""

    name: str
    how: Literal["zip", "merge"]
    inputs: tuple[Port, ...]

    @property
    def zips(self) -> bool:
        return self.how == "zip"


@frozen
class End:
    """A collector, or a queue from `read` that one or more tasks read."""

    name: str
    input: Port
    readers: int = 0
    naps: Naps = NO_NAPS
    maxsize: int = 100

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (self.input,)


Node: TypeAlias = Spring | Step | Sieve | Gather | Join | End


@frozen
class Graph:
    """A graph.

    Attributes:
        nodes: from upstream to downstream.
        bound: how many items the edges to all but processors and readers hold.
    """

    nodes: tuple[Node, ...]
    bound: int = 100

    def outlets(self) -> Mapping[Port, list[Node]]:
        """Give all ports that are used, and who uses them."""
        used: dict[Port, list[Node]] = {}
        for node in self.nodes:
            for port in node.inputs:
                used.setdefault(port, []).append(node)
        return used
