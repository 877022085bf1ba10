"""How the items of each edge of a drawing travel: by an annotation, or as those before them do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from typedpipes.blueprint import Blueprint, EdgeSpec, NodeSpec
from typedpipes.errors import WiringError
from typedpipes.fittings import Batch, Keep, Relay, Split
from typedpipes.network.composed import Carried, Failed, Lists, OneOf, Tuples
from typedpipes.network.form import Codecs, Form, NoForm
from typedpipes.show.items import Items


class Forms:
    """The forms of a drawing.

    Args:
        blueprint: the drawing.
        codecs: for items of classes that msgspec does not know.

    Attributes:
        errors: one for each edge whose items cannot travel.
    """

    def __init__(self, blueprint: Blueprint, codecs: Codecs) -> None:
        self.errors: list[WiringError] = []
        self._nodes = {node.name: node for node in blueprint.nodes}
        self._edges = blueprint.edges
        self._items = Items(blueprint)
        self._codecs = codecs
        self._annotated: dict[tuple[EdgeSpec, int], Form] = {}
        self._along: dict[tuple[EdgeSpec, int], Carried] = {}
        for node in blueprint.nodes:
            for number, edge in enumerate(node.inputs):
                try:
                    self._along[edge, number] = self._find(edge, node, number)
                except NoForm as error:
                    self.errors.append(self._no_form(edge, node, error))
                except LookupError:
                    continue  # what it is made of has no form, and that was said

    def along(self, edge: EdgeSpec, number: int) -> Carried:
        """Return how the items of an edge travel; it has that number among the inputs."""
        return self._along[edge, number]

    def given(self, node: NodeSpec) -> Mapping[int, Sequence[Form]]:
        """Return how the results of a node travel, for each way that they go.

        There is a form for each type that those who take them see; there are none if the node
        only passes on what it takes.
        """
        found: dict[int, dict[str, Form]] = {}
        for end in self._nodes.values():
            for number, edge in enumerate(end.inputs):
                form = self._annotated.get((edge, number))
                if form is not None and edge.start == node.name:
                    found.setdefault(edge.way or 0, {}).setdefault(form.type, form)
        return {way: tuple(forms.values()) for way, forms in found.items()}

    def taken(self, node: NodeSpec) -> Carried:
        """Return how what a node takes travels, all its inputs together."""
        several = [self.along(edge, number) for number, edge in enumerate(node.inputs)]
        match node.how:
            case "zip":
                return Tuples(several)
            case "merge" | "rejoin":
                return OneOf(several)
            case _:
                return several[0]

    def _find(self, edge: EdgeSpec, node: NodeSpec, number: int) -> Carried:
        start = self._nodes[edge.start]
        if edge.failures:
            return Failed(self.taken(start), start.name)
        if isinstance(start.part, Batch):
            return Lists(self.taken(start))
        if passes_on(start):
            return self.taken(start)
        hint = self._items.hint_along(edge, node)
        if start.outcomes:
            hint = self._items.hint_of_results(start)
        form = self._annotated[edge, number] = Form(hint, self._codecs)
        return OneOf([form, Failed(self.taken(start), start.name)]) if start.outcomes else form

    def _no_form(self, edge: EdgeSpec, node: NodeSpec, error: NoForm) -> WiringError:
        carried = self._items.along(edge, node)
        return WiringError(
            f"the edge {name_of(edge)} cannot go over a network: "
            f"{f'it carries {carried}, and ' if carried else ''}{error}. Annotate it with a type "
            "that can travel (numbers, text, bytes, times, containers and dataclasses of them), or "
            "pass a codec for the class.",
            nodes=[edge.start, node.name],
        )


def passes_on(node: NodeSpec) -> bool:
    """Whether a node passes items on as they come."""
    part = node.part
    return isinstance(part, Keep | Relay) or (isinstance(part, Split) and bool(part.kinds))


def name_of(edge: EdgeSpec) -> str:
    """Return the name of an edge, as messages have it."""
    start = f"failures of {edge.start!r}" if edge.failures else repr(edge.start)
    return f"{start} -> {edge.end!r}"
