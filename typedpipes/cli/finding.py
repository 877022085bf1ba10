"""What `typedpipes check` finds, and the codes for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from typedpipes.shorten import escape_unprintable

CODES: Final[Mapping[str, str]] = {
    "unreadable": "The target is missing, is no file, or cannot be read as text.",
    "syntax": "The text is not valid TOML or JSON.",
    "shape": "A key, a name or a value is one that a definition cannot have.",
    "unknown-node": "A connection names a node that is not there.",
    "coroutine": "The coroutine of a node is not offered, or cannot be used.",
    "argument": "An argument is missing, is unknown, or has the wrong type.",
    "resource": "A resource cannot be made, is not there, is not used, or cannot be passed.",
    "connection": "What a node returns is not what the next one takes.",
    "wiring": "A node has no place in the graph, or the graph as a whole cannot run.",
    "module": "A plumber cannot be loaded from its module.",
    "settings": "Settings for mypy were left out.",
}
"""What each code means."""


class Finding(msgspec.Struct):
    """A problem found in a target.

    Attributes:
        target: as named on the command line; `<stdin>` for the standard input.
        line: the line in the file, from 1, if the target is a file.
        column: the column in that line, in characters from 1, if it is known.
        where: the node, or the connection as `reverse -> store`.
        message: what is wrong.
        code: what kind of problem it is, one of `CODES`.
        severity: `error`, or `warning` for what makes nothing wrong.
    """

    target: str
    line: int | None
    column: int | None
    where: str
    message: str
    code: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        target = escape_unprintable(self.target)
        place = target if self.line is None else f"{target}:{self.line}"
        severity = "warning" if self.severity == "warning" else ""
        return ": ".join(filter(None, (place, severity, self.where, self.message)))
