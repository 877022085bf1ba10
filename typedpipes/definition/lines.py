"""Positions in a text: the place of each key and list item of valid TOML or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The keys and list indexes that lead to a place."""

_DEEPEST = 4
"""The longest path: `nodes.reverse.args.limit`. Anything deeper is skipped."""

_TOKEN = re.compile(
    r'''(?P<text> """ (?:\\.|[^\\])*? """"{0,2} | "(?:\\.|[^"\\\n])*" )
      | (?P<raw> \'\'\'.*?\'\'\'\'{0,2} | '[^'\n]*' )
      | (?P<bare> [^\s\[\]{}=:,.\#"']+ )
      | (?P<mark> [\[\]{}=:,.] )
      | (?P<newline> \n )
      | \#[^\n]* | [^\S\n]+''',
    re.VERBOSE | re.DOTALL,
)


class Position(NamedTuple):
    """A place in a text. Both are counted from 1, and columns in characters."""

    line: int
    column: int


class _Token(NamedTuple):
    kind: str
    text: str
    position: Position


_END = _Token("end", "", Position(0, 0))


def places(text: str) -> Iterator[tuple[Path, Position]]:
    """Yield the path and the position of every key and list item, in the order of the text."""
    scan = _Scan(text)
    return scan.value(()) if text.lstrip().startswith("{") else scan.document()


class _Scan:
    """Walks over a text that a parser has already accepted, and so checks little."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = next(self._tokens, _END)

    def _take(self) -> _Token:
        token, self._next = self._next, next(self._tokens, _END)
        return token

    def _at(self, *texts: str) -> bool:
        return self._next.kind in {"mark", "newline"} and self._next.text in texts

    def _skip_newlines(self) -> None:
        while self._at("\n"):
            self._take()

    def document(self) -> Iterator[tuple[Path, Position]]:
        """Walk over the tables of TOML."""
        table: Path = ()
        self._skip_newlines()
        while self._next is not _END:
            if self._at("["):
                position = self._take().position
                while self._at("["):
                    self._take()
                table = self._keys()
                yield table[:_DEEPEST], position
                while self._at("]"):
                    self._take()
            else:
                yield from self._entry(table)
            self._skip_newlines()

    def value(self, path: Path) -> Iterator[tuple[Path, Position]]:
        """Walk over a value and everything inside it."""
        self._skip_newlines()
        if self._at("{", "[") and len(path) >= _DEEPEST:
            self._skip()
        elif self._at("{"):
            yield from self._inside(path, "}")
        elif self._at("["):
            yield from self._inside(path, "]")
        else:
            while self._next is not _END and not self._at(",", "]", "}", "\n"):
                self._take()

    def _inside(self, path: Path, end: str) -> Iterator[tuple[Path, Position]]:
        self._take()
        number = 0
        while self._next is not _END:
            while self._at("\n", ","):
                self._take()
            if self._at(end):
                break
            if end == "}":
                yield from self._entry(path)
            else:
                yield (*path, number), self._next.position
                yield from self.value((*path, number))
                number += 1
        self._take()

    def _entry(self, table: Path) -> Iterator[tuple[Path, Position]]:
        position = self._next.position
        path = (*table, *self._keys())[:_DEEPEST]
        yield path, position
        self._take()  # the = or the :
        yield from self.value(path)

    def _keys(self) -> Path:
        keys: list[str | int] = []
        while self._next is not _END and not self._at("=", ":", "]"):
            token = self._take()
            if token.kind != "mark":
                keys.append(_key(token))
        return tuple(keys)

    def _skip(self) -> None:
        depth = 0
        while self._next is not _END:
            depth += self._at("{", "[") - self._at("}", "]")
            self._take()
            if depth == 0:
                return


def _tokens(text: str) -> Iterator[_Token]:
    line, begin = 1, 0
    for found in _TOKEN.finditer(text):
        if found.lastgroup is not None:
            position = Position(line, found.start() - begin + 1)
            yield _Token(found.lastgroup, found[0], position)
        if (breaks := found[0].count("\n")) > 0:
            line += breaks
            begin = found.start() + found[0].rindex("\n") + 1


_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([btnfr"\\/]))')
_LETTERS = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def _key(token: _Token) -> str:
    if token.kind == "bare":
        return token.text
    inside = token.text[1:-1]
    if token.kind == "raw":
        return inside
    key = _ESCAPE.sub(_unescape, inside)
    # JSON writes what is beyond \uffff as a pair.
    return key.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _unescape(found: re.Match[str]) -> str:
    letter = found[3]
    if letter is None:
        return chr(int(found[1] or found[2], 16))
    return _LETTERS.get(letter, letter)
