"""Blueprints as text, Mermaid, DOT and SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from typedpipes.blueprint import Blueprint
from typedpipes.show.dot import dot
from typedpipes.show.mermaid import mermaid
from typedpipes.show.picture import Picture, picture
from typedpipes.show.svg import svg
from typedpipes.show.text import text

Format: TypeAlias = Literal["text", "mermaid", "dot", "svg"]

_FORMATS: Mapping[Format, Callable[[Picture], str]] = {
    "text": text,
    "mermaid": mermaid,
    "dot": dot,
    "svg": svg,
}


def show(blueprint: Blueprint, format: Format = "text") -> str:  # noqa: A002  # what users call it
    """Draw a blueprint, with item types on its edges as the coroutines are annotated.

    Zips and merges have boxes of their own, and failures edges are dashed.

    >>> from typedpipes import Plumber, Processor, Source
    >>> async def length(word: str) -> int:
    ...     return len(word)
    >>> plumber = Plumber("words")
    >>> lengths = plumber.connect(Source(["one"])).to(Processor(length)).collect()
    >>> print(show(plumber.blueprint()))
    words
    <BLANKLINE>
    source          (source)
      str           -> length
    length
      int           -> collect length
    collect length
    <BLANKLINE>
    """
    return _FORMATS[format](picture(blueprint))


__all__ = ["Format", "show"]
