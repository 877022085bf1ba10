"""Definitions: a graph as TOML, JSON or a mapping, held to the same types as one in code."""

from __future__ import annotations

from typedpipes.definition.building import draw
from typedpipes.definition.definition import Connection, Definition
from typedpipes.definition.document import Readable
from typedpipes.definition.from_blueprint import write
from typedpipes.definition.node import NodeDefinition
from typedpipes.definition.reading import read
from typedpipes.definition.registry import Coroutines

__all__ = [
    "Connection",
    "Coroutines",
    "Definition",
    "NodeDefinition",
    "Readable",
    "draw",
    "read",
    "write",
]
