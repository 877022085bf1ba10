"""From the list of segments to segments: which nodes are in one, by their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from typedpipes.definition.document import is_list
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import NodeDefinition
from typedpipes.definition.suggestion import suggest
from typedpipes.naming import outer_names
from typedpipes.shorten import shorten


def read_segments(
    content: object, nodes: Mapping[str, NodeDefinition], mistakes: Mistakes
) -> Collection[str]:
    """Read the list `segments`, and compare it with the names of the nodes.

    Returns:
        Their full names, and those of the segments around them.
    """
    if not is_list(content):
        what = f'must be a list of names, such as ["billing"], not {shorten(content)}'
        mistakes.add(("segments",), what)
        return ()
    possible = {outer: None for name in nodes for outer in outer_names(name)}
    found: dict[str, None] = {}
    for number, name in enumerate(content):
        path: Path = ("segments", number)
        if not isinstance(name, str):
            mistakes.add(path, f"must be the name of a segment, not {shorten(name)}")
        elif name not in possible:
            way_out = suggest(name, possible) or f" Name one {shorten(f'{name}/...')}."
            mistakes.add(path, f"no node is in the segment {shorten(name)}.{way_out}")
        elif name in found:
            mistakes.add(path, f"{shorten(name)} is listed twice. Name each segment once.")
        else:
            found[name] = None
    return {each: None for name in found for each in (name, *outer_names(name))}.keys()
