"""Short text for values of any size or depth: every message uses it to name them."""

from __future__ import annotations

from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from reprlib import Repr
from types import MappingProxyType
from typing import Any, TypeAlias

import attrs

_LONGEST = 200
"""The most characters that a value takes."""

Show: TypeAlias = Callable[..., object]
"""Returns the text for a field."""


def shorten(value: object) -> str:
    """Return what `repr` returns, in at most 200 characters.

    Whatever its `__repr__` raises or returns, this returns a string. Of containers, exceptions and
    classes with a generated `__repr__` only the first parts are looked at, so a large one takes no
    longer than a small one. A custom `__repr__` takes as long as it takes.

    >>> shorten(list(range(1_000_000)))
    '[0, 1, 2, 3, 4, 5, ...]'
    """
    return _SHORTENER.repr(value)


def shorten_message(error: BaseException) -> str:
    """Return the message of an error as one line, shortened; it may quote input from outside."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # a user's error may have a `__str__` that raises
        return shorten(error)
    return text if text.isprintable() and len(text) <= _LONGEST else shorten(text)


def escape_unprintable(text: str) -> str:
    r"""Return text with escapes for all that controls a terminal or has no form there.

    >>> escape_unprintable("a\x1b[31m.toml")
    'a\\x1b[31m.toml'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


class _Shortener(Repr):
    """Goes by the `__repr__` of a class, not by its name as the base class does."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxstring = self.maxlong = self.maxother = _LONGEST

    def repr1(self, x: object, level: int) -> str:
        try:
            show = _SHOWN.get(type(x).__repr__, _Shortener.repr_instance)
            return _cut(show(self, x, level))
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001  # it must not replace the error in whose message it is
            return f"<{type(x).__name__} object>"

    def repr_int(self, x: int, level: int) -> str:
        # The digits of a huge number take quadratic time.
        bits = x.bit_length()
        return super().repr_int(x, level) if bits <= 10_000 else f"<int of {bits} bits>"

    def repr_dict(self, x: Mapping[Any, Any], level: int) -> str:
        # The base class sorts its input: limit it to one item more than is shown.
        return super().repr_dict(dict(islice(x.items(), self.maxdict + 1)), level)

    def repr_set(self, x: set[Any], level: int) -> str:
        return super().repr_set(set(islice(x, self.maxset + 1)), level)

    def repr_frozenset(self, x: frozenset[Any], level: int) -> str:
        return super().repr_frozenset(frozenset(islice(x, self.maxfrozenset + 1)), level)

    def repr_exception(self, x: BaseException, level: int) -> str:
        return self._called(x, (self.repr1(each, level - 1) for each in x.args), level)

    def repr_instance(self, x: object, level: int) -> str:
        shows = _fields(type(x))
        if shows is None:
            return repr(x)
        shown = (
            f"{name}={show(getattr(x, name)) if show else self.repr1(getattr(x, name), level - 1)}"
            for name, show in shows.items()
        )
        return self._called(x, shown, level)

    def _called(self, x: object, parts: Iterator[str], level: int) -> str:
        """Return text in the form of a call of its class."""
        shown = list(islice(parts, self.maxtuple)) if level > 0 else []
        if next(parts, None) is not None:
            shown.append(self.fillvalue)
        return f"{type(x).__name__}({', '.join(shown)})"


def _fields(kind: type) -> Mapping[str, Show | None] | None:
    """Return the fields that a generated `__repr__` shows, if the class has one.

    A field that is excluded, such as a password, is not among them. With each name comes the
    function that attrs shows the field by, if it has one.
    """
    giver = next(each for each in kind.__mro__ if "__repr__" in vars(each))
    made = vars(giver)
    own: object = made["__repr__"]
    if attrs.has(giver) and _of(own, "__code__", "co_filename").startswith("<attrs generated"):
        shows: Mapping[str, object] = {each.name: each.repr for each in attrs.fields(giver)}
        return {name: show if callable(show) else None for name, show in shows.items() if show}
    if is_dataclass(giver) and "__create_fn__" in _of(own, "__wrapped__", "__qualname__"):
        return {each.name: None for each in fields(giver) if each.repr}
    if "_fields" in made and _of(own, "__module__") == "collections":  # a named tuple
        return dict.fromkeys(made["_fields"])
    return None


def _of(function: object, *names: str) -> str:
    """Look up attributes of a function that show where it comes from, as `pprint` does."""
    for name in names:
        function = getattr(function, name, "")
    return str(function)


def _cut(text: str) -> str:
    """Keep the beginning and the end of a long text."""
    if len(text) <= _LONGEST:
        return text
    ahead = (_LONGEST - 3) // 2
    return f"{text[:ahead]}...{text[ahead + 3 - _LONGEST :]}"


_KINDS: Mapping[type[object], Callable[[_Shortener, Any, int], str]] = {
    str: Repr.repr_str,
    bytes: Repr.repr_str,
    bytearray: Repr.repr_str,
    int: _Shortener.repr_int,
    list: Repr.repr_list,
    tuple: Repr.repr_tuple,
    deque: Repr.repr_deque,
    array: Repr.repr_array,
    set: _Shortener.repr_set,
    frozenset: _Shortener.repr_frozenset,
    dict: _Shortener.repr_dict,
    Counter: _Shortener.repr_dict,
    OrderedDict: _Shortener.repr_dict,
    defaultdict: _Shortener.repr_dict,
    MappingProxyType: _Shortener.repr_dict,
    BaseException: _Shortener.repr_exception,
}

_SHOWN: Mapping[object, Callable[[_Shortener, Any, int], str]] = {
    kind.__repr__: show for kind, show in _KINDS.items()
}
"""How to show a value, by its `__repr__`: a subclass that inherits one is shown the same way."""

_SHORTENER = _Shortener()
