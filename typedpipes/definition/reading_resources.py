"""From the table of resources to resources: what is made, and which nodes are passed it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any, get_type_hints

from typedpipes.definition.document import is_mapping
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import NodeDefinition, ResourceDefinition
from typedpipes.definition.suggestion import suggest
from typedpipes.definition.tables import read_named, read_settings, read_table, refuse_unknown
from typedpipes.shorten import shorten

_SETTINGS = {
    "make": "the name of a function",
    "args": "a table of arguments, by name",
    "per": "'run' or 'worker'",
}
_HINTS = get_type_hints(ResourceDefinition, include_extras=True)


def read_resources(
    content: object, nodes: Mapping[str, NodeDefinition], mistakes: Mistakes
) -> Mapping[str, ResourceDefinition]:
    """Read the table `resources`, and compare it with what the nodes name."""
    named = read_named(content, ("resources",), mistakes)
    resources = {name: _resource(name, each, mistakes) for name, each in named}
    refusal = cache(partial(_refusal, resources=resources))  # to compare names takes long
    for node in nodes.values():
        for path, name in named_by(node):
            if name not in resources:
                mistakes.add(path, refusal(name))
    used = {name for node in nodes.values() for name in node.resources}
    # Nodes whose resources could not be read may have named it.
    if not any(mistakes.concern(*node.path, "resource") for node in nodes.values()):
        for name, resource in resources.items():
            if name not in used:
                what = f"no node uses it. Write resource = {name!r} in one, or leave it out."
                mistakes.add(resource.path, what, code="resource")
    return resources


def named_by(node: NodeDefinition) -> list[tuple[Path, str]]:
    """Return the resources that a node names, each with its place."""
    path: Path = (*node.path, "resource")
    if isinstance(node.resource, str):
        return [(path, node.resource)]
    return [((*path, number), name) for number, name in enumerate(node.resource)]


def _resource(name: str, content: object, mistakes: Mistakes) -> ResourceDefinition:
    path: Path = ("resources", name)
    table = read_table(content, path, "a resource", mistakes)
    refuse_unknown(table, tuple(_SETTINGS), path, "a resource", mistakes)
    if "make" not in table and is_mapping(content):
        mistakes.add(path, 'a resource needs a function that makes it: make = "..."')
    # Any: each has the type that ResourceDefinition expects.
    settings: dict[str, Any] = read_settings(table, _SETTINGS, _HINTS, path, mistakes)
    settings.setdefault("make", "")  # noted as a mistake above
    return ResourceDefinition(name=name, **settings)


def _refusal(name: str, resources: Mapping[str, ResourceDefinition]) -> str:
    way_out = suggest(name, resources)
    if not way_out and 0 < len(resources) <= 10:
        way_out = f" There are {', '.join(resources)}."
    return f"there is no resource {shorten(name)}.{way_out or ' Make it in `resources`.'}"
