"""From a definition to a drawing: coroutines are looked up and types compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from typedpipes.blueprint import Part
from typedpipes.connection import Tap
from typedpipes.definition.arguments import convert_arguments
from typedpipes.definition.check_connections import check_connections
from typedpipes.definition.definition import CONNECTIONS, Connection, Definition
from typedpipes.definition.document import Readable, load_document
from typedpipes.definition.fittings import make_fitting, recognize_fitting
from typedpipes.definition.functions import function_of, keys_of
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import FITTINGS
from typedpipes.definition.reading import parse
from typedpipes.definition.registry import Coroutines, Registry
from typedpipes.definition.resources import Passing, make_resources
from typedpipes.definition.roles import TypedNode, make_part, recognize, takes_items
from typedpipes.definition.signatures import find_signatures
from typedpipes.drawing import Drawing
from typedpipes.errors import WiringError, WiringErrors
from typedpipes.fittings import Collector, Split
from typedpipes.processor import Processor, Sink
from typedpipes.source import Source


def draw(
    readable: Readable | Definition,
    coroutines: Coroutines,
    *,
    import_paths: bool = False,
    strict: bool = False,
) -> Drawing:
    """Draw what a definition describes. See `Plumber.from_definition`.

    Raises:
        DefinitionErrors: everything that is wrong with it.
    """
    if isinstance(readable, Definition):
        definition, mistakes = readable, Mistakes(readable.document)
    else:
        source = load_document(readable)
        mistakes = Mistakes(source)
        definition = parse(source, mistakes)
    registry = Registry(coroutines, import_paths=import_paths)
    resources = make_resources(definition, registry, mistakes, strict=strict)
    passing = Passing(
        definition,
        resources,
        mistakes,
        sure=not any(map(mistakes.concern, CONNECTIONS)),
        strict=strict,
    )
    signatures = find_signatures(definition, registry, passing, mistakes)
    keys = keys_of(definition, registry, mistakes)
    if any(map(mistakes.concern, CONNECTIONS)):
        # The role of a node depends on what is connected to it; its arguments hardly do.
        for name, signature in signatures.items():
            item = takes_items(definition.nodes[name], signature, definition)
            convert_arguments(definition.nodes[name], signature, mistakes, item=item)
        mistakes.raise_all()
    typed_nodes = {
        name: evolve(found, key=keys.get(name))
        for name, signature in signatures.items()
        if (found := recognize(definition.nodes[name], signature, definition, mistakes)) is not None
    }
    for name, node in definition.nodes.items():
        if node.kind in FITTINGS:
            function = function_of(node, registry, mistakes)
            fitting = recognize_fitting(node, function, definition, mistakes)
            typed_nodes |= {} if fitting is None else {name: fitting}
    check_connections(definition, typed_nodes, mistakes, strict=strict)
    parts = {
        name: part
        for name, each in typed_nodes.items()
        if (part := _part(each, definition.outputs[name], mistakes)) is not None
    }
    drawing = Drawing(definition.name)
    if parts and len(parts) == len(definition.nodes):
        _connect(definition, parts, drawing)
        _take_over_errors(definition, drawing, mistakes)
    mistakes.raise_all()
    return drawing


def _part(typed: TypedNode, outputs: Sequence[Connection], mistakes: Mistakes) -> Part | None:
    if typed.role == "fitting":
        return make_fitting(typed, outputs)
    return make_part(typed, outputs, mistakes)


def _connect(definition: Definition, parts: Mapping[str, Part], drawing: Drawing) -> None:
    for name, part in parts.items():
        drawing.place(part, name, definition.segment_of(name))
        if isinstance(part, Source | Processor):
            drawing.tap(part)
    for name, connections in definition.inputs.items():
        node = definition.nodes[name]
        inputs = [_tap(each, definition, parts, drawing) for each in connections]
        if len(inputs) > 1:
            given = [each.given for each in connections]
            prefer = given.index(node.prefer) if node.prefer in given else None
            inputs = [drawing.combine(node.how, inputs, node.buffer, prefer)]
        if inputs:
            drawing.link(inputs[0], parts[name])
    for name, part in parts.items():
        followed = any(not each.failures for each in definition.outputs[name])
        if not isinstance(part, Source | Sink | Split | Collector) and not followed:
            drawing.link(Tap(part), Collector[object]())


def _tap(
    connection: Connection, definition: Definition, parts: Mapping[str, Part], drawing: Drawing
) -> Tap:
    part, ways = parts[connection.start], definition.nodes[connection.start].ways
    if connection.failures:
        return drawing.failures(part)
    if connection.outcomes:
        return drawing.outcomes(part)
    return Tap(part, way=ways.index(connection.way) if connection.way else None)


def _take_over_errors(definition: Definition, drawing: Drawing, mistakes: Mistakes) -> None:
    """Note what only a whole drawing shows, such as a zip that would pair wrong items."""
    try:
        drawing.blueprint()
    except WiringErrors as wrong:
        for error in wrong.exceptions:
            what = str(error).replace("ordered=True", "ordered = true")  # as it is written here
            mistakes.add(_place(definition, error), what, code="wiring")


def _place(definition: Definition, error: Exception) -> Path:
    """Return where to put it right: at the setting of the culprit, if there is one."""
    if not isinstance(error, WiringError):
        return ("nodes",)
    culprit = definition.nodes.get(error.culprit or "")
    if culprit is None:
        return ("nodes", *error.nodes[:1])
    if len(definition.inputs[culprit.name]) > 1 and not culprit.aggregate_inputs:
        return (*culprit.path, "aggregate_inputs")
    return (*culprit.path, culprit.kind if culprit.ordered else "ordered")
