"""Things from a definition in few words, however long, deep or strange they are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from reprlib import Repr

_LONGEST = 200
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80


def short(value: object) -> str:
    """Show a value in one short piece, however long or deep it is."""
    try:
        return _SHORT.repr(value)
    except Exception:  # noqa: BLE001  # a value from code may have a `__repr__` that fails
        return f"a {type(value).__name__}"


def said(error: Exception) -> str:
    """Give the message of an error in one line; it may quote what came from outside."""
    text = str(error)
    return text if text.isprintable() and len(text) <= _LONGEST else short(text)


def meant(name: str, names: Iterable[str]) -> str:
    """Ask ` Did you mean ...?` if one of the names is close, and give nothing otherwise."""
    options = list(names)
    if len(name) > 60 or len(options) > 200:  # comparing takes long
        return ""
    close = get_close_matches(name, options, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
