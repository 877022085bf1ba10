"""A definition: a graph as data, checked in shape, whose coroutines are only names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Final, Literal, TypeAlias, get_args

from attrs import Factory, field, frozen

from typedpipes.definition.document import Document, nearest
from typedpipes.definition.lines import Path, Position, places
from typedpipes.definition.node import NodeDefinition, ResourceDefinition
from typedpipes.naming import outer_names

Table: TypeAlias = Literal["graph", "failures", "outcomes"]
CONNECTIONS: Final[Sequence[Table]] = get_args(Table)
"""The tables of connections: of results, of failures, and of both."""


@frozen
class Connection:
    """A connection, as written in the definition.

    Attributes:
        start: the name of the node that gives.
        end: the name of the node that takes.
        path: where it is in the definition.
        failures: whether it takes the failures of `start` rather than its results.
        outcomes: whether it takes both, in the order of the items.
        way: which way of a split it is, such as `"first"`; of a switch, the name of the class.
    """

    start: str
    end: str
    path: Path
    failures: bool = False
    outcomes: bool = False
    way: str = ""

    @property
    def given(self) -> str:
        """What comes along it, such as `parse`, `failures of parse` or `sort.first`."""
        what = "failures of " if self.failures else "outcomes of " if self.outcomes else ""
        return f"{what}{self.start}{self.way and f'.{self.way}'}"

    def __str__(self) -> str:
        return f"{self.given} -> {self.end}"


@frozen(slots=False)  # for `cached_property`
class Definition:
    """A graph as data.

    Attributes:
        name: the name of its plumber.
        nodes: by name, in the order of the text.
        connections: in the order of the text; those of failures, and then of outcomes, last.
        resources: by name, in the order of the text.
        segments: the full names of the segments that nodes are in, by their names.
    """

    name: str
    nodes: Mapping[str, NodeDefinition]
    connections: Sequence[Connection]
    document: Document = field(repr=False)
    resources: Mapping[str, ResourceDefinition] = Factory(dict[str, ResourceDefinition])
    segments: Collection[str] = ()

    def segment_of(self, node: str) -> str:
        """Return the innermost segment that a node is in; empty if it is in none."""
        return next((each for each in outer_names(node) if each in self.segments), "")

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
