"""From the names in a definition to coroutines: only those that are offered."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from typedpipes.coroutines import kind_of, refuse_coroutine, takes
from typedpipes.definition.folds import why_no_fold
from typedpipes.definition.suggestion import suggest
from typedpipes.errors import WiringError
from typedpipes.promise import Function
from typedpipes.shorten import shorten, shorten_message
from typedpipes.source import Source, is_source

Coroutines: TypeAlias = Mapping[str, object] | Callable[[str], object]
"""What a definition may name: coroutine functions by name, or a function that finds them."""


class NotOffered(Exception):
    """A definition names a coroutine that is not offered; it says why, and what to do."""


class Registry:
    """Finds coroutines by the names in a definition.

    A mapping offers what is in it under exactly these names. A function offers whatever it
    returns; a `LookupError` or `AttributeError` from it, or `None`, means that there is no such
    coroutine. It is not called with names that start with an underscore or are not identifiers.

    Args:
        coroutines: the coroutines on offer.
        import_paths: whether `package.module:function` is imported. That lets a definition run any
            code that can be imported, so turn it on only for definitions of your own.
    """

    def __init__(self, coroutines: Coroutines, *, import_paths: bool = False) -> None:
        self._offered: Mapping[str, object] = {}
        self._finds: Callable[[str], object] | None = None
        if isinstance(coroutines, Mapping):
            self._offered = coroutines
        else:
            self._finds = coroutines
        self._import_paths = import_paths

    def find(self, name: str) -> Function:
        """Return the coroutine function of that name.

        Raises:
            NotOffered: there is none.
        """
        found = self._offer(name, "coroutine")
        try:
            kind_of(found, f"the name {name!r}")
        except WiringError as error:
            raise NotOffered(str(error)) from None
        assert callable(found)  # noqa: S101  # `kind_of` has checked it
        return found

    def find_plain(self, name: str) -> Function:
        """Return the plain function of that name, which takes one argument.

        Raises:
            NotOffered: there is none.
        """
        found = self._offer(name, "function")
        role = f"the name {name!r}"
        if not callable(found):
            raise NotOffered(f"{role} needs a plain function, not {shorten(found)}")
        try:
            refuse_coroutine(found, role, way_out="Ask in a node before.")
            takes(found, 1, role)
        except WiringError as error:
            raise NotOffered(str(error)) from None
        return found

    def find_make(self, name: str, made: str) -> Function:
        """Return the function of that name, which makes something, or could.

        Args:
            name: its name.
            made: what it should return, in words.

        Raises:
            NotOffered: there is none.
        """
        found = self._offer(name, "function")
        if not callable(found):
            raise NotOffered(
                f"the name {name!r} needs a function that returns {made}, not {shorten(found)}"
            )
        return found

    def find_fold(self, name: str) -> Function:
        """Return the plain function, or the class, of that name that makes the state of a fold.

        Raises:
            NotOffered: there is none.
        """
        found = self._find_plain(name, "a fold", way_out="Make the state at once.")
        if (why := why_no_fold(found)) is not None:
            raise NotOffered(f"{name!r} makes no fold: {why}")
        return found

    def find_iterated(self, name: str) -> Function:
        """Return the plain function of that name, which returns an iterable, or could.

        Raises:
            NotOffered: there is none.
        """
        return self._find_plain(name, "an iterable", way_out="Name it as coro.")

    def _find_plain(self, name: str, made: str, *, way_out: str) -> Function:
        found = self.find_make(name, made)
        try:
            refuse_coroutine(found, f"the name {name!r}", way_out=way_out)
        except WiringError as error:
            raise NotOffered(str(error)) from None
        return found

    def find_source(self, name: str) -> Source[Any]:  # Any: the load-time rule asks for its type
        """Return the source of that name.

        Raises:
            NotOffered: there is none.
        """
        found = self._offer(name, "source")
        if not is_source(found):
            way_out = " Name it as coro." if callable(found) else ""
            raise NotOffered(
                f"the name {name!r} needs a source made in code, not {shorten(found)}.{way_out}"
            )
        return found

    def find_class(self, name: str) -> type[object]:
        """Return the class of that name, which `isinstance` can tell.

        Raises:
            NotOffered: there is none.
        """
        found = self._offer(name, "class")
        if not isinstance(found, type):
            raise NotOffered(f"the name {name!r} needs a class, not {shorten(found)}")
        try:
            isinstance(None, found)
        except TypeError as error:
            raise NotOffered(f"{name!r} cannot be told: {shorten_message(error)}") from None
        return found

    def _offer(self, name: str, what: str) -> object:
        found = self._offered.get(name)
        if found is None:
            found = self._found(name)
        if found is None and ":" in name and self._import_paths:
            found = _import(name)
        if found is None:
            raise NotOffered(self._refusal(name, what))
        return found

    def _found(self, name: str) -> object:
        if self._finds is None or not name.isidentifier() or name.startswith("_"):
            return None
        try:
            return self._finds(name)
        except (LookupError, AttributeError):
            return None
        except NotOffered:
            raise
        except Exception as error:
            raise NotOffered(f"looking up {name!r} raised {shorten(error)}") from error

    def _refusal(self, name: str, what: str) -> str:
        if ":" in name:
            return (
                f"{shorten(name)} is an import path, and import paths are off. Offer the {what} "
                "in `coroutines`, or turn `import_paths` on if you wrote the definition yourself."
            )
        way_out = " Offer it in `coroutines`."
        if self._import_paths:
            way_out = (
                " Name it as package.module:function, or offer it in `coroutines` (on the command "
                "line: --coroutines package.module)."
            )
        way_out = suggest(name, self._offered) or way_out
        return f"the {what} {shorten(name)} is not offered.{way_out}"


def _import(path: str) -> object:
    module_name, _, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may raise anything, `SystemExit` too
        raise NotOffered(f"importing {shorten(module_name)} raised {shorten(error)}") from error
    try:
        return getattr(module, name)
    except AttributeError:
        way_out = ""
        if module_name.partition(".")[0] in sys.stdlib_module_names:
            way_out = ". It is Python's own: if you mean another one, rename that"
        raise NotOffered(
            f"the module {shorten(module_name)} has no {shorten(name)}{way_out}"
        ) from None
