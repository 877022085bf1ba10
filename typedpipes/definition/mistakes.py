"""Everything that is wrong with a definition, collected and raised at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from attrs import frozen

from typedpipes.definition.document import Document
from typedpipes.definition.lines import Path, Position
from typedpipes.errors import DefinitionError, DefinitionErrors
from typedpipes.shorten import shorten

_MOST = 1000
"""How many are raised at once. A hostile definition could hold millions."""

MOST_EQUAL = 100
"""How many that say the same are raised one by one."""

_PLAIN = re.compile(r"[\w-]{1,60}")  # longer ones are shortened, others quoted

Code: TypeAlias = Literal[
    "unreadable",
    "syntax",
    "shape",
    "unknown-node",
    "coroutine",
    "argument",
    "resource",
    "connection",
    "wiring",
]
"""What kind of mistake it is; docs/cli.md says what each means."""


@frozen
class _Mistake:
    path: Path
    where: str
    what: str
    code: Code


class Mistakes:
    """Collects errors, and finds their positions when they are raised.

    Args:
        document: what the definition was read from.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[_Mistake] = []
        self._places: dict[str, list[str]] = {}  # by what is wrong there
        self._around = set[Path]()  # the paths, and those that lead to them
        self._told = 0

    def __len__(self) -> int:
        return len(self._found)

    def concern(self, *place: str | int) -> bool:
        """Whether any of them is at a place, or inside it."""
        return place in self._around

    def add(
        self, path: Path, what: str, where: str | None = None, *, code: Code | None = None
    ) -> None:
        """Note a mistake.

        Args:
            path: the keys that lead to it.
            what: what is wrong there, and what to do.
            where: the name of the place; by default, its path.
            code: what kind of mistake it is; by default, its path decides.

        Raises:
            DefinitionErrors: there are so many different ones that they are raised now.
        """
        place = format_path(path) if where is None else where
        self._found.append(_Mistake(path, place, what, code or _code(path)))
        self._around.update(path[:end] for end in range(len(path) + 1))
        places = self._places.setdefault(what, [])
        places.append(place)
        if len(places) <= MOST_EQUAL:
            self._told += 1
        elif len(places) == MOST_EQUAL + 1:
            self._told -= MOST_EQUAL - 1
        if self._told >= _MOST:
            self.raise_all()

    def raise_all(self) -> None:
        """Raise everything that was noted.

        Raises:
            DefinitionErrors: something was noted.
        """
        if not self._found:
            return
        told = list(self._once())
        positions = self._document.positions({each.path for each in told})
        errors = [self._error(each, positions.get(each.path)) for each in told]
        raise DefinitionErrors(sorted(errors, key=lambda error: error.line or 0))

    def _once(self) -> Iterator[_Mistake]:
        """Yield the mistakes, but of very many equal ones only the first."""
        seen = set[str]()
        for each in self._found:
            if each.what not in seen:
                yield each
            if len(self._places[each.what]) > MOST_EQUAL:
                seen.add(each.what)

    def _error(self, mistake: _Mistake, position: Position | None) -> DefinitionError:
        what, places = mistake.what, self._places[mistake.what]
        also = places[1:] if len(places) > MOST_EQUAL else []
        if also:
            what = f"{what} {format_more(len(also))}"
        line, column = position or (None, None)
        return DefinitionError(
            what,
            where=mistake.where,
            origin=self._document.origin,
            line=line,
            column=column,
            code=mistake.code,
            also=also,
        )


def _code(path: Path) -> Code:
    match path:
        case ("graph" | "failures" | "outcomes", *_):
            return "connection"
        case ("nodes", _, "keyed" | "coro" | "fold" | "in_thread" | "source", *_):
            return "coroutine"
        case ("nodes", _, "keep" | "narrow" | "only" | "split" | "switch", *_):
            return "coroutine"
        case ("nodes" | "resources", _, "args", *_):
            return "argument"
        case ("nodes", _, "resource", *_) | ("resources", _, "make", *_):
            return "resource"
        case _:
            return "shape"


def format_more(places: int) -> str:
    """Say in how many places more a mistake is made."""
    return f"(The same is wrong in {places:,} more places.)"


def format_path(path: Path) -> str:
    """Format a path as TOML would: `nodes.reverse.workers`, with list items as `[0]`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(f".{step if _PLAIN.fullmatch(step) else shorten(step)}")
    return "".join(parts).removeprefix(".")
