"""A definition: a graph as data, checked in shape, whose coroutines are only names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, TypeAlias

from attrs import Factory, field, frozen
from msgspec import Meta

from typedpipes.definition.document import Document, nearest
from typedpipes.definition.lines import Path, Position, places

MOST = 1_000_000
"""The largest value of a setting: a definition may come from outside."""

Count: TypeAlias = Annotated[int, Meta(ge=1, le=MOST)]
Name: TypeAlias = Annotated[str, Meta(min_length=1)]
Seconds: TypeAlias = Annotated[float, Meta(gt=0, le=MOST)]


@frozen
class NodeDefinition:
    """A node, as written in the definition.

    Attributes:
        name: unique in the definition.
        coro: the name of its coroutine in the registry, or an import path.
        args: the arguments to bind to the coroutine, by name.
        aggregate_inputs: whether several inputs are taken as one tuple (zip) or as they come
            (merge).
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
    aggregate_inputs: bool = True
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


@frozen
class Connection:
    """A connection, as written in the definition.

    Attributes:
        start: the name of the node that gives.
        end: the name of the node that takes.
        path: where it is in the definition.
        failures: whether it takes the failures of `start` rather than its results.
        outcomes: whether it takes both, in the order of the items.
    """

    start: str
    end: str
    path: Path
    failures: bool = False
    outcomes: bool = False

    def __str__(self) -> str:
        what = "failures of " if self.failures else "outcomes of " if self.outcomes else ""
        return f"{what}{self.start} -> {self.end}"


@frozen(slots=False)  # for `cached_property`
class Definition:
    """A graph as data.

    Attributes:
        name: the name of its plumber.
        nodes: by name, in the order of the text.
        connections: in the order of the text; those of failures, and then of outcomes, last.
    """

    name: str
    nodes: Mapping[str, NodeDefinition]
    connections: Sequence[Connection]
    document: Document = field(repr=False)

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
