"""Tables in a definition: their keys are text, and the names of nodes fit to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from typedpipes.definition.document import is_mapping
from typedpipes.definition.lines import Path
from typedpipes.definition.mistakes import Mistakes
from typedpipes.definition.suggestion import suggest
from typedpipes.shorten import shorten

_LONGEST_NAME = 100
A_NAME = f"printable text of {_LONGEST_NAME} characters at most"
_JOINER = re.compile(r"(?<=[^\x00-\u024f])[\u200c\u200d](?=[^\x00-\u024f]|$)")
"""A zero-width joiner, or non-joiner, in a script that has them or between emoji. Between Latin
letters it would only make two names look the same."""


def read_table(table: object, path: Path, what: str, mistakes: Mistakes) -> Mapping[str, object]:
    """Return the entries of a table whose names are text, and note the others."""
    if not is_mapping(table):
        mistakes.add(path, f"{what} must be a table, not {shorten(table)}")
        return {}
    named: dict[str, object] = {}
    for name, each in table.items():
        if isinstance(name, str):
            named[name] = each
        else:
            mistakes.add(path, f"a name must be text, not {shorten(name)}")
    return named


def read_named(table: object, path: Path, mistakes: Mistakes) -> Iterator[tuple[str, object]]:
    """Yield the entries of a table by names, of nodes mostly, and note the others."""
    for name, each in read_table(table, path, f"`{path[0]}`", mistakes).items():
        if is_name(name):
            yield name, each
        else:
            of = "a resource" if path[0] == "resources" else "a node"
            what = f"the name of {of} must be {A_NAME}, not {shorten(name)}"
            mistakes.add((*path, name), what, code="shape")


def read_settings(
    table: Mapping[str, object],
    known: Mapping[str, str],
    hints: Mapping[str, object],
    path: Path,
    mistakes: Mistakes,
) -> dict[str, object]:
    """Convert the settings in a table, and note those that cannot be.

    Args:
        table: the table; other keys in it are left out.
        known: what each setting must be, in words.
        hints: the types to convert them to.
        path: where the table is.
        mistakes: collects what is wrong.
    """
    settings: dict[str, object] = {}
    for key in [key for key in known if key in table]:
        try:
            settings[key] = msgspec.convert(table[key], hints[key])
        except (msgspec.ValidationError, RecursionError):
            mistakes.add((*path, key), f"must be {known[key]}, not {shorten(table[key])}")
    return settings


def is_name(name: str) -> bool:
    """Whether a text may be the name of a node."""
    return 0 < len(name) <= _LONGEST_NAME and _JOINER.sub("", name).isprintable()


def refuse_unknown(
    table: Mapping[str, object], known: Sequence[str], path: Path, what: str, mistakes: Mistakes
) -> None:
    """Note the keys of a table that mean nothing."""
    for key in table:
        if key not in known:
            way_out = suggest(key, known) or f" {what.capitalize()} has {', '.join(known)}."
            mistakes.add((*path, key), f"unknown key {shorten(key)}.{way_out}")
