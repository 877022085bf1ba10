"""Functions of a drawing as a definition has them: by name, with plain arguments."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import msgspec

from typedpipes.coroutines import unbound
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.node import Kind
from typedpipes.promise import Function
from typedpipes.resource import Resource, passed_to
from typedpipes.shorten import shorten


class WrittenFunctions:
    """Writes what has a name, and the resources that functions were passed.

    Args:
        coroutines: the names; without it, functions and classes are written as import paths.
        mistakes: collects what cannot be written.
    """

    def __init__(self, coroutines: Mapping[str, object] | None, mistakes: Mistakes) -> None:
        self._names = None if coroutines is None else tuple(coroutines.items())
        self._mistakes = mistakes
        self._resources: dict[Resource[Any], str] = {}  # Any: of all types

    def called(
        self, key: Kind, function: Function, path: Path, *, takes_item: bool
    ) -> dict[str, object]:
        """Write a function with its arguments and resources, as keys of a node.

        One that was passed a resource is written by its own name, if it has one.

        Args:
            key: the key that names it.
            function: the function: most are coroutine functions.
            path: where the node is.
            takes_item: whether an item, or a queue, comes before its resources.
        """
        values: dict[str, object] = {}
        passed: list[Resource[Any]] = []  # Any: as above
        while True:
            function, fixed = unbound(function)
            values = {**fixed, **values}
            inner = passed_to(function, 1 if takes_item else 0)
            if inner is None or self.has(function):
                break
            function, resource = inner
            passed.insert(0, resource)
        written: dict[str, object] = {key: self.name(function, (*path, key))}
        written |= self._arguments(values, path)
        names = [self._resource_name(each) for each in passed]
        if names:
            written["resource"] = names if len(names) > 1 else names[0]
        return written

    def resources(self) -> dict[str, object]:
        """Write the resources of all coroutine functions that were written."""
        return {name: self._resource(each, name) for each, name in self._resources.items()}

    def has(self, named: object) -> bool:
        """Whether it has a name."""
        return self._find(named) is not None

    def name(self, named: object, path: Path) -> str:
        """Write the name of something; an empty one if it has none, which is noted."""
        if (name := self._find(named)) is not None:
            return name
        what = f"`coroutines` has no name for {shorten(named)}"
        if self._names is None:
            what = (
                f"{shorten(named)} cannot be imported by its name. Give its name in `coroutines`."
            )
        self._mistakes.add(path, what)
        return ""

    def _find(self, named: object) -> str | None:
        if self._names is None:
            return _import_path(named)
        return next((name for name, each in self._names if each == named), None)

    def _resource_name(self, resource: Resource[Any]) -> str:  # Any: as above
        if resource not in self._resources:
            taken, name, number = {*self._resources.values()}, resource.name, 1
            while name in taken:
                number += 1
                name = f"{resource.name}-{number}"
            self._resources[resource] = name
        return self._resources[resource]

    def _resource(self, resource: Resource[Any], name: str) -> dict[str, object]:  # Any: as above
        path: Path = ("resources", name)
        function, values = unbound(resource.make)
        written: dict[str, object] = {"make": self.name(function, (*path, "make"))}
        written |= self._arguments(values, path)
        return written if resource.per == "run" else {**written, "per": resource.per}

    def _arguments(self, values: Mapping[str, object], path: Path) -> dict[str, object]:
        args = {name: self._plain(each, (*path, "args", name)) for name, each in values.items()}
        return {"args": args} if args else {}

    def _plain(self, value: object, path: Path) -> object:
        try:
            return msgspec.to_builtins(value, enc_hook=_encode)
        except (TypeError, ValueError, RecursionError):
            self._mistakes.add(path, f"{shorten(value)} cannot be written as plain data")
            return None


def _import_path(named: object) -> str | None:
    module, name = getattr(named, "__module__", ""), getattr(named, "__qualname__", "")
    try:
        found = inspect.getattr_static(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        return None
    return f"{module}:{name}" if found is named else None


def _encode(value: object) -> object:
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{shorten(value)} is not plain data")
