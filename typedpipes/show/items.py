"""What goes along each pipe of a blueprint, as its coroutines are annotated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import get_args

from typedpipes.blueprint import Blueprint, Node, Part, Pipe
from typedpipes.fittings import Batch, Keep
from typedpipes.processor import Failure, Processor
from typedpipes.show.annotations import (
    Hint,
    Unknown,
    generic,
    gives,
    origin,
    promises,
    replaced,
    solved,
    spelled,
    takes,
    union,
)
from typedpipes.source import Feed, InputRig, Source

_GLANCE = 100
"""How many items of a list are looked at."""


class Items:
    """The item types of a blueprint, spelled out; `""` where nobody annotated them.

    A node without annotations hides nothing that its neighbour says: where the giver
    of a pipe does not say what it gives, what the taker takes is shown.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        self._given: dict[str, Hint] = {}
        self._taken: dict[str, Hint] = {}
        self._wanted: Mapping[str, Hint] = {node.name: _wanted(node) for node in blueprint.nodes}
        for node in blueprint.nodes:
            taken = self._combined(node)
            if _hidden(taken) and self._wanted[node.name] is not Unknown:
                taken = self._wanted[node.name]
            self._taken[node.name] = taken
            self._given[node.name] = _given(node.part, taken)

    def of(self, node: Node) -> str:
        """Spell what the node takes, all its inputs together."""
        return _spelled(self._taken[node.name])

    def along(self, pipe: Pipe, node: Node) -> str:
        """Spell what goes along a pipe that leads to the node."""
        given = self._along(pipe)
        if given is not Unknown:
            return _spelled(given)
        wanted = self._wanted[node.name]
        if node.how == "zip":
            parts = get_args(wanted) if origin(wanted) is tuple else ()
            wanted = parts[node.inputs.index(pipe)] if len(parts) == len(node.inputs) else Unknown
        return _spelled(wanted)

    def _along(self, pipe: Pipe) -> Hint:
        if pipe.failures:
            return generic(Failure, self._taken[pipe.start])
        return self._given[pipe.start]

    def _combined(self, node: Node) -> Hint:
        inputs = [self._along(pipe) for pipe in node.inputs]
        if node.how == "zip":
            return generic(tuple, *inputs)
        return union(inputs)


def _given(part: Part, taken: Hint) -> Hint:
    match part:
        case Processor():
            wanted = takes(part.coro)
            return replaced(gives(part.coro), solved(wanted, taken))
        case Source():
            return _from_source(part)
        case Keep():
            narrowed = part.kind or promises(part.test)
            return taken if narrowed is Unknown else narrowed
        case Batch():
            return generic(list, taken)
        case _:
            return taken


def _from_source(source: Source[Hint]) -> Hint:
    subscribed = get_args(getattr(source, "__orig_class__", None))
    if subscribed:  # such as `Feed[int]()`
        return subscribed[0]
    if isinstance(source, Feed):
        return Unknown
    if isinstance(source, InputRig):
        return next(iter(get_args(takes(source.coro))), Unknown)
    if callable(source.items):
        return gives(source.items)
    if isinstance(source.items, Sequence | set | frozenset):
        kinds: dict[Hint, None] = {type(item): None for item in islice(source.items, _GLANCE)}
        return union(kinds)
    return Unknown


def _wanted(node: Node) -> Hint:
    if isinstance(node.part, Processor):
        return takes(node.part.coro)
    return Unknown


def _hidden(hint: Hint) -> bool:
    return "?" in spelled(hint)


def _spelled(hint: Hint) -> str:
    return "" if hint is Unknown else spelled(hint)
