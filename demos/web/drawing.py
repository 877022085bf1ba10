"""From a client's definition to a pipeline: what is offered, typed, and within the limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from attrs import frozen

from demos.web.budget import Budget, budget_of
from demos.web.limits import Limits
from demos.web.offered import OFFERED
from demos.web.protocol import Checked, Definition, Mistake, Wrong
from typedpipes import Collector, DefinitionError, DefinitionErrors, Plumber
from typedpipes.definition import Definition as Shape
from typedpipes.definition import read
from typedpipes.show import show

MOST_TOLD = 50  # mistakes: more are no help


@frozen
class Drawn:
    """What a definition describes.

    Attributes:
        plumber: runs it.
        budget: what its items may take.
        lines: where each node is in the definition.
    """

    plumber: Plumber
    budget: Budget
    lines: Mapping[str, int | None]

    @property
    def room(self) -> dict[str, int]:
        """How many items may wait before each node."""
        return {
            node.name: sum(edge.maxsize for edge in node.inputs)
            for node in self.plumber.blueprint().nodes
        }


def check(definition: Definition, limits: Limits) -> Checked | Wrong:
    """Say whether a definition is right, with its graph or with its mistakes."""
    try:
        drawn = draw(definition, limits)
    except DefinitionErrors as wrong:
        return Wrong(mistakes_of(wrong))
    return Checked(show(drawn.plumber.blueprint(), "svg"))


def refuse_length(definition: Definition, limits: Limits) -> None:
    """Refuse a definition that is too long to be read.

    Raises:
        DefinitionErrors: it is, or it has no form as JSON.
    """
    size = _size(definition)
    if size > limits.definition:
        what = f"it has {size} bytes, and {limits.definition} are allowed. Leave something out."
        raise DefinitionErrors([DefinitionError(what, where="definition")])


def draw(definition: Definition, limits: Limits) -> Drawn:
    """Draw what a definition describes.

    Raises:
        DefinitionErrors: everything that is wrong with it.
    """
    refuse_length(definition, limits)
    plumber = Plumber.from_definition(definition, coroutines=OFFERED, strict=True)
    shape = read(definition)
    budget = budget_of(plumber.blueprint(), limits)
    mistakes = [
        *_beyond(shape, limits),
        *_loose_ends(shape, plumber),
        *_too_roomy(shape, budget, limits),
    ]
    if mistakes:
        raise DefinitionErrors(mistakes)
    return Drawn(plumber, budget, {name: shape.line_of("nodes", name) for name in shape.nodes})


def _size(definition: Definition) -> int:
    if isinstance(definition, str):
        return len(definition.encode("utf-8", "surrogatepass"))
    try:
        return len(msgspec.json.encode(definition))
    except (RecursionError, UnicodeEncodeError) as error:
        what = f"it cannot be written as JSON: {error}"
        raise DefinitionErrors([DefinitionError(what, where="definition")]) from None


def _beyond(shape: Shape, limits: Limits) -> Iterator[DefinitionError]:
    if len(shape.nodes) > limits.nodes:
        what = f"there are {len(shape.nodes)} nodes, and {limits.nodes} are allowed"
        yield DefinitionError(what, where="nodes", line=shape.line_of("nodes"))
    for node in shape.nodes.values():
        for setting, value, most in (
            ("workers", node.workers, limits.workers),
            ("buffer", node.buffer or 1, limits.buffer),
            ("window", node.window or 1, limits.buffer),
        ):
            if value > most:
                yield DefinitionError(
                    f"{value} is too much here: {most} at most",
                    where=f"nodes.{node.name}.{setting}",
                    line=shape.line_of(*node.path, setting),
                )


def _loose_ends(shape: Shape, plumber: Plumber) -> Iterator[DefinitionError]:
    """Find what would be collected in memory, without a bound, and never shown."""
    for node in plumber.blueprint().nodes:
        if isinstance(node.part, Collector):
            start = node.inputs[0].start
            yield DefinitionError(
                f"no node takes what {start} gives. Connect it to one whose coroutine is 'emit'.",
                where=f"nodes.{start}",
                line=shape.line_of("nodes", start),
            )


def _too_roomy(shape: Shape, budget: Budget, limits: Limits) -> Iterator[DefinitionError]:
    """Refuse a graph that has room for so many items that they would have to be tiny."""
    if not budget.enough:
        yield DefinitionError(
            f"there is room for {budget.places:,} items in this graph, and {limits.run_bytes:,} "
            "bytes for all of them. Set a smaller 'buffer' where several nodes are connected.",
            where="nodes",
            line=shape.line_of("nodes"),
        )


def mistakes_of(wrong: DefinitionErrors) -> list[Mistake]:
    """Tell a client what is wrong."""
    errors = [each for each in wrong.exceptions if isinstance(each, DefinitionError)]
    told = [Mistake(each.what, each.where, each.line) for each in errors[:MOST_TOLD]]
    if len(errors) > MOST_TOLD:
        told.append(Mistake(f"and {len(errors) - MOST_TOLD} more", "", None))
    return told
