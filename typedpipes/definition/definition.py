"""A definition: a graph as data, checked in shape, whose coroutines are only names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Final, Literal, TypeAlias

from attrs import Factory, field, frozen
from msgspec import Meta

from typedpipes.definition.document import Document, nearest
from typedpipes.definition.lines import Path, Position, places

MOST = 1_000_000
"""The largest value of a setting: a definition may come from outside."""

MOST_NAMES = 20
"""The most resources of a node: each costs a call for each item."""

Count: TypeAlias = Annotated[int, Meta(ge=1, le=MOST)]
Name: TypeAlias = Annotated[str, Meta(min_length=1)]
Names: TypeAlias = Annotated[tuple[Name, ...], Meta(max_length=MOST_NAMES)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=MOST)]


Kind: TypeAlias = Literal["coro", "keep", "narrow", "only", "batch", "split"]

FITTINGS: Final[Sequence[Kind]] = ("keep", "narrow", "only", "batch", "split")
"""The keys of nodes that have no coroutine."""

KINDS: Final[Sequence[Kind]] = ("coro", *FITTINGS)

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

    It has a coroutine, or it is a fitting: one of `keep`, `narrow`, `only`, `batch`, `split`.

    Attributes:
        name: unique in the definition.
        coro: the name of its coroutine in the registry, or an import path; empty for a fitting.
        keep: the name of the test of a `keep`.
        narrow: the name of the test of a `narrow`, which returns a `TypeIs`.
        only: the name of the class of an `only`.
        batch: how many items the lists of a `batch` hold.
        within: how many seconds the first item of a list waits at most.
        split: the name of the function that sorts the items of a `split`.
        args: the arguments to bind to the coroutine, by name.
        resource: the name of the resource that is passed to the coroutine, or the names of several.
        aggregate_inputs: whether several inputs are taken as one tuple (zip) or as they come
            (merge).
        rejoin: whether they are taken in the order before the split that they come from instead.
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
    args: Mapping[str, object] = Factory(dict[str, object])
    resource: Name | Names = ()
    keep: Name | None = None
    narrow: Name | None = None
    only: Name | None = None
    batch: Count | None = None
    within: Seconds | None = None
    split: Name | None = None
    aggregate_inputs: bool = True
    rejoin: bool = False
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
        kinds: Sequence[Kind] = [kind for kind in FITTINGS if kind in self.settings]
        return kinds[0] if kinds else "coro"

    @property
    def function(self) -> str:
        """The name of its coroutine, function or class; empty for a `batch`."""
        return self.coro or self.keep or self.narrow or self.only or self.split or ""

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


@frozen
class Connection:
    """A connection, as written in the definition.

    Attributes:
        start: the name of the node that gives.
        end: the name of the node that takes.
        path: where it is in the definition.
        failures: whether it takes the failures of `start` rather than its results.
        outcomes: whether it takes both, in the order of the items.
        way: which way of a split it is, such as `"first"`.
    """

    start: str
    end: str
    path: Path
    failures: bool = False
    outcomes: bool = False
    way: str = ""

    def __str__(self) -> str:
        what = "failures of " if self.failures else "outcomes of " if self.outcomes else ""
        return f"{what}{self.start}{self.way and f'.{self.way}'} -> {self.end}"


@frozen(slots=False)  # for `cached_property`
class Definition:
    """A graph as data.

    Attributes:
        name: the name of its plumber.
        nodes: by name, in the order of the text.
        connections: in the order of the text; those of failures, and then of outcomes, last.
        resources: by name, in the order of the text.
    """

    name: str
    nodes: Mapping[str, NodeDefinition]
    connections: Sequence[Connection]
    document: Document = field(repr=False)
    resources: Mapping[str, ResourceDefinition] = Factory(dict[str, ResourceDefinition])

    @property
    def origin(self) -> str:
        """The file it was read from, as it was named; empty if it was not read from a file."""
        return self.document.origin

    def position_of(self, *path: str | int) -> Position | None:
        """Return the line and the column of something, or else of the nearest thing around it.

        Args:
            path: the keys that lead there, as in `NodeDefinition.path`, such as `"nodes"`,
                `"reverse"`, `"workers"`.

        Returns:
            Both counted from 1, columns in characters; `None` if the definition was not a text.
        """
        return nearest(path, self._positions)

    def line_of(self, *path: str | int) -> int | None:
        """Return the line that something is in; see `position_of`."""
        position = self.position_of(*path)
        return None if position is None else position.line

    @cached_property
    def _positions(self) -> Mapping[Path, Position]:
        return dict(places(self.document.text))

    @cached_property
    def inputs(self) -> Mapping[str, Sequence[Connection]]:
        """The connections that lead to each node."""
        inputs: dict[str, list[Connection]] = {name: [] for name in self.nodes}
        for connection in self.connections:
            inputs[connection.end].append(connection)
        return inputs

    @cached_property
    def outputs(self) -> Mapping[str, Sequence[Connection]]:
        """The connections that lead away from each node."""
        outputs: dict[str, list[Connection]] = {name: [] for name in self.nodes}
        for connection in self.connections:
            outputs[connection.start].append(connection)
        return outputs
