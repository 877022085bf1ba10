"""Suggestions for misspelled names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, names: Iterable[str]) -> str:
    """Return ` Did you mean ...?` if one of the names is close, and `""` otherwise."""
    options = list(names)
    if len(name) > 60 or len(options) > 200:  # comparing would take too long
        return ""
    close = get_close_matches(name, options, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
