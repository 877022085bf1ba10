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
        target: a definition file, or `package.module:plumber`; a function that returns a
            plumber is called.
        format: `text`, `mermaid`, `dot` or `svg`; by default, the suffix of the output file
            decides, or else it is text.
        output: the file to write; standard output by default.
        names: how a definition names its coroutines.
    """
    drawing = load_plumber(target, names).blueprint()
    chosen = format or (_SUFFIXES.get(output.suffix, "text") if output else "text")
    text = show(drawing, chosen)
    if output is None:
        sys.stdout.write(text)
        return OK
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"cannot write {str(output)!r}: {error.strerror}") from error
    return OK
