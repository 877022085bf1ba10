"""What a misspelled name may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, names: Iterable[str]) -> str:
    """Ask ` Did you mean ...?` if one of the names is close, and give nothing otherwise."""
    options = list(names)
    if len(name) > 60 or len(options) > 200:  # comparing takes long
        return ""
    close = get_close_matches(name, options, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
