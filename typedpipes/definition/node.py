"""The nodes and the resources of a definition: what the text says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias, get_args

from attrs import Factory, frozen
from msgspec import Meta

from typedpipes.definition.lines import Path

MOST = 1_000_000
"""The largest value of a setting: a definition may come from outside."""

MOST_NAMES = 20
"""The most resources of a node: each costs a call for each item."""

MOST_CASES = 8
"""The most classes of a switch, as in code."""

MOST_ITEMS = 10**15
"""The largest number of items that a source may announce: it is only shown."""

Count: TypeAlias = Annotated[int, Meta(ge=1, le=MOST)]
Total: TypeAlias = Annotated[int, Meta(ge=0, le=MOST_ITEMS)]
Name: TypeAlias = Annotated[str, Meta(min_length=1)]
Names: TypeAlias = Annotated[tuple[Name, ...], Meta(max_length=MOST_NAMES)]
Cases: TypeAlias = Annotated[tuple[Name, ...], Meta(min_length=2, max_length=MOST_CASES)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=MOST)]


FittingKind: TypeAlias = Literal[
    "keep", "narrow", "only", "batch", "every", "split", "switch", "join"
]
Kind: TypeAlias = Literal["coro", "fold", "in_thread", "source", FittingKind]

FITTINGS: Final[Sequence[Kind]] = get_args(FittingKind)
"""The keys of nodes that a joint puts between others."""

KINDS: Final[Sequence[Kind]] = get_args(Kind)
"""The keys that say what a node is. A `fold` has another use for `every`, so it comes before."""

WAY_NAMES: Final = ("first", "second", "third", "fourth", "fifth")
"""The ways of a split, in the order of `First`, `Second` and so on."""


@frozen
class ResourceDefinition:
    """A resource, as written in the definition.

    Attributes:
        name: unique among the resources of the definition.
        make: the name of the function that returns an async context manager.
        args: the arguments to bind to it, by name.
        per: as for a `Resource`.
    """

    name: str
    make: Name
    args: Mapping[str, object] = Factory(dict[str, object])
    per: Literal["run", "worker"] = "run"

    @property
    def path(self) -> Path:
        """Where it is in the definition."""
        return ("resources", self.name)

    @property
    def function(self) -> str:
        """The name of the function that makes it."""
        return self.make


@frozen
class NodeDefinition:
    """A node, as written in the definition.

    One of its keys says what it is: `coro`, or another of `KINDS`.

    Attributes:
        name: unique in the definition.
        coro: the name of its coroutine in the registry, or an import path; empty for others.
        fold: the name of what makes the state of a fold.
        in_thread: the name of the function whose iterable is read in a thread.
        source: the name of a source that is made in code.
        keep: the name of the test of a `keep`.
        narrow: the name of the test of a `narrow`, which returns a `TypeIs`.
        only: the name of the class of an `only`.
        batch: how many items the lists of a `batch` hold.
        every: the intervals, in seconds, of an `every`, or between two ticks of a fold.
        split: the name of the function that sorts the items of a `split`.
        switch: the names of the classes that a `switch` sorts items by.
        join: whether it passes on what it is given: several inputs as one, or to be collected.
        args: the arguments to bind to what is called, by name.
        resource: the name of the resource that is passed to it, or the names of several.
        total: how many items a source will give, for progress.
        maxsize: as for `Source.in_thread`.
        grace: as for `Source.in_thread`.
        within: how many seconds the first item of a list waits at most.
        most: how many items the lists of an `every` hold at most.
        aggregate_inputs: whether several inputs are taken as one tuple (zip) or as they come
            (merge).
        rejoin: whether they are taken in the order before the split that they come from instead.
        prefer: which of them a merge takes from first, by `Connection.given`; empty for none.
        keyed: the name of the function that returns the key of an item, if it is keyed.
        workers: as for a `Processor`.
        ordered: as for a `Processor`.
        window: as for a `Processor`.
        buffer: as for a `Processor`.
        timeout: as for a `Processor`.
        settings: which of these the definition sets.
    """

    name: str
    coro: Name
    fold: Name | None = None
    in_thread: Name | None = None
    source: Name | None = None
    keep: Name | None = None
    narrow: Name | None = None
    only: Name | None = None
    batch: Count | None = None
    every: Seconds | None = None
    split: Name | None = None
    switch: Cases = ()
    join: bool = False
    args: Mapping[str, object] = Factory(dict[str, object])
    resource: Name | Names = ()
    total: Total | None = None
    maxsize: Count = 100
    grace: Seconds = 1.0
    within: Seconds | None = None
    most: Count = 10_000
    aggregate_inputs: bool = True
    rejoin: bool = False
    prefer: str = ""
    keyed: Name | None = None
    workers: Count = 1
    ordered: bool = True
    window: Count | None = None
    buffer: Count | None = None
    timeout: Seconds | None = None
    settings: Sequence[str] = ()

    @property
    def path(self) -> Path:
        """Where it is in the definition."""
        return ("nodes", self.name)

    @property
    def kind(self) -> Kind:
        """Which key says what it is."""
        kinds: Sequence[Kind] = [kind for kind in KINDS if kind in self.settings]
        return kinds[0] if kinds else "coro"

    @property
    def function(self) -> str:
        """What that key names: a coroutine, a function, a class; empty if nothing, or several."""
        named: object = getattr(self, self.kind)
        return named if isinstance(named, str) else ""

    @property
    def functions(self) -> Sequence[str]:
        """All that it names of what is offered, but for its resources."""
        return [name for name in (self.function, self.keyed, *self.switch) if name]

    @property
    def ways(self) -> Sequence[str]:
        """The names of the ways that it sends items, if it sorts them."""
        return WAY_NAMES if self.kind == "split" else self.switch

    @property
    def resources(self) -> Sequence[str]:
        """The names of its resources, in the order of the parameters that take them."""
        return (self.resource,) if isinstance(self.resource, str) else self.resource

    @property
    def how(self) -> Literal["zip", "merge", "rejoin"]:
        """How several inputs are taken."""
        if self.rejoin:
            return "rejoin"
        return "zip" if self.aggregate_inputs else "merge"
