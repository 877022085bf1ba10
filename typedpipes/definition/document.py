"""The text behind a definition: TOML or JSON, from a file or as it came."""

from __future__ import annotations

import codecs
import json
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from os import PathLike
from pathlib import Path as File
from typing import NoReturn, TypeAlias

from attrs import frozen
from typing_extensions import TypeIs

from typedpipes.definition.lines import Path, Position, places
from typedpipes.errors import DefinitionError, DefinitionErrors
from typedpipes.shorten import shorten

Readable: TypeAlias = "Mapping[str, object] | str | bytes | PathLike[str]"
"""What a definition can be read from: a mapping, a TOML or JSON text, or the path of a file.

Text is never taken for a path: what comes from outside must not choose a file.
"""

LONGEST = 2 * 2**20
"""The most bytes a text may have. Ten thousand nodes need about one million."""

_MARKS = "[{,=:.\n"
_MOST_MARKS = 200_000
"""The most of these a text may have: each costs microseconds. Ten thousand nodes need 100,000."""

_MOST_DOTS = 3_000
"""The most dots a TOML key may have: the parser takes quadratic time for them."""


@frozen
class Document:
    """What was read, before it is checked to be a definition.

    Attributes:
        content: plain data.
        origin: the file as it was named; empty for a text or a mapping.
        text: what the content was parsed from; empty for a mapping.
    """

    content: object
    origin: str = ""
    text: str = ""

    def positions(self, wanted: Collection[Path]) -> dict[Path, Position]:
        """Return the positions of these paths, or else of the nearest places around them."""
        around = {path[:end] for path in wanted for end in range(1, len(path) + 1)}
        found: dict[Path, Position] = {}
        missing = set(wanted)
        for path, position in places(self.text) if missing else ():
            if path in around:
                found.setdefault(path, position)
                missing.discard(path)
                if not missing:
                    break
        positions = {path: nearest(path, found) for path in wanted}
        return {path: position for path, position in positions.items() if position is not None}


def nearest(path: Path, positions: Mapping[Path, Position]) -> Position | None:
    """Return the position of a path, or else of the nearest place around it."""
    around = (path[:end] for end in range(len(path), 0, -1))
    return next((positions[place] for place in around if place in positions), None)


def load_document(readable: Readable) -> Document:
    """Read a mapping, a text or a file.

    Raises:
        DefinitionErrors: there is no such file, or it is not valid TOML or JSON.
    """
    if isinstance(readable, Mapping):
        return Document(readable)
    if isinstance(readable, str):
        return _parse(readable, "")
    if isinstance(readable, bytes):
        return _parse(_decode(readable, ""), "")
    try:
        origin = os.fspath(readable)
    except TypeError:
        _refuse(
            _Unreadable(
                "a definition is a mapping, a TOML or JSON text, or a pathlib.Path, "
                f"not {type(readable).__name__}"
            )
        )
    return _parse(_decode(_read_file(origin), origin), origin)


def is_mapping(content: object) -> TypeIs[Mapping[object, object]]:
    """Whether it is a table, with keys of any type."""
    return isinstance(content, Mapping)


def is_list(content: object) -> TypeIs[Sequence[object]]:
    """Whether it is a list, or a tuple in a mapping."""
    return isinstance(content, list | tuple)


def _read_file(origin: str) -> bytes:
    try:
        with File(origin).open("rb") as file:
            return file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        _refuse(_Unreadable(f"cannot read the file: {error}"), origin)


def _decode(content: bytes, origin: str) -> str:
    if len(content) > LONGEST:
        _refuse(_TOO_LONG, origin)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            wrong = "this is UTF-16, as its byte order mark (BOM) says. Save it as UTF-8."
            _refuse(_Unreadable(wrong, 1), origin)
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(_Unreadable("this is not UTF-8. Save it as UTF-8.", line), origin)


def _parse(text: str, origin: str) -> Document:
    if len(text) > LONGEST:
        _refuse(_TOO_LONG, origin)
    if sum(map(text.count, _MARKS)) > _MOST_MARKS:
        _refuse(_Unreadable("there are too many names, values and lines to read"), origin)
    try:
        content = _load(text, origin)
    except RecursionError:
        _refuse(_Unreadable("lists or tables are nested too deeply to read"), origin)
    except _Unreadable as error:
        _refuse(error, origin)
    return Document(content, origin, text)


class _Unreadable(Exception):
    """The text cannot be read, or is not valid TOML or JSON."""

    def __init__(
        self,
        what: str,
        line: int | None = None,
        column: int | None = None,
        *,
        code: str = "unreadable",
    ) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.column = column
        self.code = code


_TOO_LONG = _Unreadable(f"this is longer than {LONGEST // 2**20} MB, the most that is read")


def _syntax(what: str, line: int | None = None, column: int | None = None) -> _Unreadable:
    return _Unreadable(what, line, column, code="syntax")


def _load(text: str, origin: str) -> object:
    if text.startswith("\ufeff"):
        raise _syntax(
            "this begins with a byte order mark (BOM). Decode it as utf-8-sig, or pass the bytes.",
            1,
            1,
        )
    if _is_json_list(text):
        what = 'this is a JSON list, not an object such as {"nodes": {...}, "graph": {...}}'
        raise _syntax(what, 1, 1)
    if origin.endswith(".json") or text.lstrip().startswith("{"):
        return _json(text)
    return _toml(text)


def _is_json_list(text: str) -> bool:
    if not text.lstrip().startswith("["):
        return False
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False  # usually the name of a table in TOML


_YAML = re.compile(r"(?:\s*(?:#.*)?\n)*(?:---|%YAML|- |[^\s=:#\[{]+ *:(?:\s|$))")


def _toml(text: str) -> object:
    if sum(line.count(".") ** 2 for line in text.split("\n")) > _MOST_DOTS**2:
        raise _syntax("there are too many dots in one line")
    try:
        return tomllib.loads(text)
    except ValueError as error:  # also for a number that Python refuses to convert
        if (yaml := _YAML.match(text)) is not None:
            line = yaml[0].rstrip().count("\n") + 1
            what = "this is YAML, and a definition is TOML or JSON. Write it as one of these."
            raise _syntax(what, line, 1) from None
        what = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)$", what)
        at = (int(place[1]), int(place[2])) if place else ()
        what = f"this is not valid TOML: {what[: place and place.start()]}."
        if " twice" in what or "overwrite" in what:
            what += " A name can be used only once: keep one of the two."
        elif not re.search(r"[\n=]", text):
            what += " To read a file, pass a pathlib.Path."
        raise _syntax(what, *at) from None


def _json(text: str) -> object:
    doubles: list[object] = []

    def table(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = dict(pairs)
        if len(names) < len(pairs):
            doubles.append(names)
        return names

    try:
        content = json.loads(text, object_pairs_hook=table, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        what = f"this is not valid JSON: {error.msg}"
        raise _syntax(what, error.lineno, error.colno) from None
    except ValueError as error:
        raise _syntax(f"this is not valid JSON: {error}") from None
    if doubles:
        raise _twice(text)
    return content


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _twice(text: str) -> _Unreadable:
    seen: dict[Path, Position] = {}
    for path, position in places(text):
        if path in seen:
            what = f"{shorten(path[-1])} is used twice, first in line {seen[path].line}. Keep one."
            return _syntax(what, *position)
        seen[path] = position
    return _syntax("a name is used twice in one object. Keep one.")


def _refuse(error: _Unreadable, origin: str = "") -> NoReturn:
    raise DefinitionErrors(
        [
            DefinitionError(
                error.what, origin=origin, line=error.line, column=error.column, code=error.code
            )
        ]
    ) from None
