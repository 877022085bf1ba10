"""Everything that is wrong with a definition, collected and raised at once."""

from __future__ import annotations

import re

from typedpipes.definition.document import Document
from typedpipes.definition.lines import Path
from typedpipes.errors import DefinitionError, DefinitionErrors
from typedpipes.shorten import shorten

_MOST = 1000
"""How many are raised at once. A hostile definition could hold millions."""

_PLAIN = re.compile(r"[\w-]{1,60}")  # longer ones are shortened, others quoted


class Mistakes:
    """Collects errors, and finds their lines when they are raised.

    Args:
        document: what the definition was read from.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[tuple[Path, str, str]] = []

    def __len__(self) -> int:
        return len(self._found)

    def concern(self, *place: str | int) -> bool:
        """Whether any of them is at a place, or inside it."""
        return any(path[: len(place)] == place for path, _, _ in self._found)

    def add(self, path: Path, what: str, where: str | None = None) -> None:
        """Note a mistake.

        Args:
            path: the keys that lead to it.
            what: what is wrong there, and what to do.
            where: the name of the place; by default, its path.

        Raises:
            DefinitionErrors: there are so many that they are raised now.
        """
        self._found.append((path, format_path(path) if where is None else where, what))
        if len(self._found) >= _MOST:
            self.raise_all()

    def raise_all(self) -> None:
        """Raise everything that was noted.

        Raises:
            DefinitionErrors: something was noted.
        """
        if not self._found:
            return
        lines = self._document.lines({path for path, _, _ in self._found})
        origin = self._document.origin
        errors = [
            DefinitionError(what, where=where, origin=origin, line=lines.get(path))
            for path, where, what in self._found
        ]
        raise DefinitionErrors(sorted(errors, key=lambda error: error.line or 0))


def format_path(path: Path) -> str:
    """Format a path as TOML would: `nodes.reverse.workers`, with list items as `[0]`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(f".{step if _PLAIN.fullmatch(step) else shorten(step)}")
    return "".join(parts).removeprefix(".")
