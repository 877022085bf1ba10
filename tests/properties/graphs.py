"""Graphs as plain data: a failing example prints one that can be drawn again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from tests.properties import mishaps
from tests.properties.habits import NEVER, NO_NAPS, NO_STAY, Habit, Naps, Stay
from tests.properties.items import Made, Shy, number
from tests.properties.mishaps import Mishap

Kind: TypeAlias = Literal["coroutine", "generator", "sink"]
Origin: TypeAlias = Literal["list", "iterable", "async generator", "rig", "feed", "loop"]


@frozen
class Outlet:
    """Where a connection begins: results, failures, or both in order; or one way of a parting."""

    node: str
    failures: bool = False
    outcomes: bool = False
    way: int | None = None


@frozen
class Spring:
    """A source of `count` numbers.

    Attributes:
        maxsize: how many items it holds if it is a feed. One of a loop is filled by its run, item
            by item: each is put once the one before has gone through a step that `feeds` it.
        cleans: whether its cleanup coroutine takes what is left.
        dawdles: how many seconds its cleanup coroutine takes.
        shy: whether its items do not show themselves.
        retries: for which items of a feed or rig there are two attempts: the first is cancelled
            soon, and if that was in vain, there is another.
        breaks: what befalls it after the last item.
        stays: how its coroutine takes a cancellation.
    """

    name: str
    origin: Origin
    first: int
    count: int
    naps: Naps = NO_NAPS
    maxsize: int = 1
    cleans: bool = False
    dawdles: float = 0.0
    shy: bool = False
    retries: Habit = NEVER
    breaks: mishaps.Kind | None = None
    stays: Stay = NO_STAY

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return ()

    @property
    def items(self) -> Sequence[object]:
        numbers = range(self.first, self.first + self.count)
        return [Shy(each) if self.shy else each for each in numbers]


@frozen
class Asking:
    """The requests of an exchange: `count` numbers, each asked for by an asker of its own.

    Attributes:
        naps: how long each asker waits before it asks.
        maxsize: how many requests may be in progress.
        buffer: how many replies to one of them may wait.
        once: which askers want the first reply only.
        leaves: which askers do not wait for all that they want.
        patience: how many turns of the event loop those wait.
    """

    name: str
    first: int
    count: int
    naps: Naps = NO_NAPS
    maxsize: int = 100
    buffer: int = 100
    once: Habit = NEVER
    leaves: Habit = NEVER
    patience: int = 0

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return ()

    @property
    def items(self) -> Sequence[object]:
        return range(self.first, self.first + self.count)


@frozen
class Reply:
    """Where the replies of an exchange come from."""

    name: str
    input: Outlet

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return (self.input,)


@frozen
class Step:
    """A processor.

    Attributes:
        fails: on which items it raises.
        is_cut_off: on which items it awaits what was cancelled elsewhere.
        most: a generator gives 0 to so many results for an item.
        keys: how many keys its items have; 0 for a processor that is not keyed.
        stays: how it takes a cancellation.
        cleans: which queue kinds have a cleanup coroutine.
        dawdles: how many seconds each of those takes.
        feeds: the loop that it puts the next item into, if any.
        tap: who opens the resource of its coroutine, if it has one.
        opens_in: how many seconds that takes.
    """

    name: str
    input: Outlet
    kind: Kind = "coroutine"
    workers: int = 1
    ordered: bool = True
    window: int | None = None
    buffer: int = 100
    naps: Naps = NO_NAPS
    fails: Habit = NEVER
    is_cut_off: Habit = NEVER
    most: int = 2
    keys: int = 0
    stays: Stay = NO_STAY
    timeout: float | None = None
    cleans: tuple[str, ...] = ()
    dawdles: float = 0.0
    feeds: str = ""
    tap: Literal["run", "worker"] | None = None
    opens_in: float = 0.0

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return (self.input,)

    @property
    def in_step(self) -> bool:
        """Whether it gives one item for each, in their order."""
        return self.kind == "coroutine" and (self.ordered or self.workers == 1)

    def key(self, item: object) -> int:
        """Return the key of an item, of one that is keyed."""
        return number(item) % self.keys

    def mishap(self, item: object) -> Mishap | None:
        """Return what befalls it on an item, if anything."""
        if self.is_cut_off.befalls(item):
            return Mishap("cut off", number(item))
        return Mishap("boom", number(item)) if self.fails.befalls(item) else None


@frozen
class Sieve:
    """A `keep` that drops some items."""

    name: str
    input: Outlet
    drops: Habit

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return (self.input,)


@frozen
class Gather:
    """A `batch`, or a fold that does the same.

    Attributes:
        within: how many seconds a list of a batch waits.
        folds: whether it is a fold.
        every: at which intervals, in seconds, a fold gives what it has.
    """

    name: str
    input: Outlet
    size: int
    within: float | None = None
    folds: bool = False
    every: float | None = None

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return (self.input,)


@frozen
class Parting:
    """A `split`; or one by class, which becomes a `switch` with two steps and a join.

    Attributes:
        first: which items go the first way; without it, those that a step made.
    """

    name: str
    input: Outlet
    first: Habit | None = None

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return (self.input,)

    def way(self, item: object) -> int:
        """Return which way an item goes, by number."""
        first = isinstance(item, Made) if self.first is None else self.first.befalls(item)
        return 0 if first else 1


@frozen
class Join:
    """A `zip`, a `merge` or a `rejoin`; or the end of a `switch`, which is a rejoin too.

    Attributes:
        prefer: which input a merge prefers, if any.
    """

    name: str
    how: Literal["zip", "merge", "rejoin", "switch"]
    inputs: tuple[Outlet, ...]
    prefer: int | None = None


@frozen
class End:
    """A collector, or a queue from `read` that one or more tasks read.

    Attributes:
        retries: for which items, counted by each reader, there are two attempts: the first is
            cancelled soon, and if that was in vain, there is another.
    """

    name: str
    input: Outlet
    readers: int = 0
    naps: Naps = NO_NAPS
    maxsize: int = 100
    retries: Habit = NEVER

    @property
    def inputs(self) -> tuple[Outlet, ...]:
        return (self.input,)


Drawn: TypeAlias = Spring | Step | Sieve | Gather | Parting | Join | End
Node: TypeAlias = Asking | Reply | Drawn


@frozen
class Graph:
    """A graph.

    Attributes:
        nodes: from upstream to downstream.
        bound: how many items the edges to all but processors and readers hold.
        look: how many seconds a look at the clock takes.
    """

    nodes: tuple[Node, ...]
    bound: int = 100
    look: float = 0.0

    @property
    def springs(self) -> set[str]:
        """The names of the sources."""
        return {node.name for node in self.nodes if isinstance(node, Spring)}

    @property
    def loops(self) -> bool:
        """Whether there is a loop."""
        return any(isinstance(node, Spring) and node.origin == "loop" for node in self.nodes)

    @property
    def steps(self) -> Sequence[Step]:
        return [node for node in self.nodes if isinstance(node, Step)]

    def catches(self, name: str) -> bool:
        """Whether the failures of a step lead somewhere."""
        used = self.outlets()
        return Outlet(name, failures=True) in used or Outlet(name, outcomes=True) in used

    def outlets(self) -> Mapping[Outlet, list[Node]]:
        """Return all outlets that are used, and who uses them."""
        used: dict[Outlet, list[Node]] = {}
        for node in self.nodes:
            for outlet in node.inputs:
                used.setdefault(outlet, []).append(node)
        return used
