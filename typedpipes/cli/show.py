"""`typedpipes show`: draw a graph."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from typedpipes.cli.refusal import OK, Refusal
from typedpipes.cli.target import Names, load_plumber
from typedpipes.show import Format, show

_SUFFIXES: dict[str, Format] = {
    ".txt": "text",
    ".mmd": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".svg": "svg",
}


def show_command(
    target: str,
    /,
    *,
    format: Annotated[Format | None, Parameter(name=["--format", "-f"])] = None,  # noqa: A002
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    names: Names = Names(),  # noqa: B008  # frozen
) -> int:
    """Draw a graph, with the types of the items on its edges.

    Nothing runs. Zips and merges have boxes of their own; failures edges are dashed.

        typedpipes show pipeline.toml
        typedpipes show package.module:plumber --output graph.svg
        typedpipes show package.module:plumber --format mermaid >> README.md

    Args:
        target: a definition file, `-` for a definition from the standard input, or
            `package.module:plumber`; a function that returns a plumber is called.
        format: `text`, `mermaid`, `dot` or `svg`; by default, the suffix of the output file
            decides, or else it is text.
        output: the file to write; standard output by default. Its suffix is `.txt`, `.mmd`,
            `.dot`, `.gv` or `.svg`, or the format is named.
        names: how a definition names its coroutines.
    """
    chosen = format or _format_of(output)
    text = show(load_plumber(target, names).blueprint(), chosen)
    if output is None:
        sys.stdout.write(text)
        return OK
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"cannot write {str(output)!r}: {error.strerror}") from error
    return OK


def _format_of(output: Path | None) -> Format:
    """Return the format that the suffix of a file stands for."""
    suffix = "" if output is None else output.suffix
    if suffix == "":
        return "text"
    if suffix.lower() not in _SUFFIXES:
        raise Refusal(
            f"cannot draw {suffix!r}: {str(output)!r} can end in {', '.join(_SUFFIXES)}. "
            "For another name, say what to write: --format."
        )
    return _SUFFIXES[suffix.lower()]
