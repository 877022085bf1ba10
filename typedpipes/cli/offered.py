"""What a module offers to definitions: what it defines, or lists in `__all__`."""

from __future__ import annotations

import inspect
import symtable
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from typedpipes.definition.registry import NotOffered
from typedpipes.definition.suggestion import suggest
from typedpipes.shorten import shorten


def offer(module: ModuleType) -> Callable[[str], object]:
    """Return the function that finds what a module offers, by its name in a definition."""
    offered = find_offered(module)

    def find(name: str) -> object:
        if name in offered:
            return offered[name]
        way_out = suggest(name, offered)
        if not way_out and hasattr(module, name):
            way_out = " It is imported there: list it in `__all__` to offer it."
        raise NotOffered(f"{shorten(name)} is not offered by {module.__name__!r}.{way_out}")

    return find


def find_offered(module: ModuleType) -> Mapping[str, object]:
    """Return the objects that a definition may name, by name.

    These are the ones that the module lists in `__all__`. Without that list, they are the public
    ones that it defines itself: what it imported was not meant for definitions, which would reach
    a shell through `from asyncio import create_subprocess_shell`.
    """
    names: Sequence[str] | None = getattr(module, "__all__", None)
    if names is not None:
        return {name: getattr(module, name, None) for name in names}
    imported = _imported(module)
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and _is_own(module, name, value, imported)
    }


def _is_own(module: ModuleType, name: str, value: object, imported: set[str] | None) -> bool:
    home: object = getattr(value, "__module__", None)
    if home == module.__name__:
        return not inspect.ismodule(value)
    # What has another home may have been made here all the same, by `partial` or a decorator.
    return imported is not None and name not in imported and not _is_found_at(home, value)


def _is_found_at(home: object, value: object) -> bool:
    """Whether it is an object of another module, under one more name."""
    elsewhere = sys.modules.get(home) if isinstance(home, str) else None
    name: object = getattr(value, "__qualname__", None)
    return inspect.ismodule(value) or (
        isinstance(name, str) and getattr(elsewhere, name, None) is value
    )


def _imported(module: ModuleType) -> set[str] | None:
    """Return the names that no statement but an import binds; `None` if the source is not here."""
    try:
        table = symtable.symtable(inspect.getsource(module), module.__name__, "exec")
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    bound = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() and not symbol.is_imported()
    }
    return vars(module).keys() - bound
