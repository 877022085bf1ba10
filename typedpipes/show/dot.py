"""A picture as DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from typedpipes.show.frames import Frame, framed
from typedpipes.show.picture import Box, Kind, Picture

_SHAPES: dict[Kind, str] = {
    "source": 'shape=box, style="rounded,filled", fillcolor="#e3f4ea"',
    "processor": 'shape=box, style="filled", fillcolor="#ffffff"',
    "sink": 'shape=box, style="filled", peripheries=2, fillcolor="#f1eafb"',
    "fitting": "shape=invtrapezium, height=0.3",
    "join": "shape=hexagon, height=0.3, ordering=in",
}


def dot(picture: Picture) -> str:
    """Write a directed graph; failures edges are dashed, and the inputs of a zip numbered.

    Segments are clusters.
    """
    lines = [
        f"digraph {_quoted(picture.name)} {{",
        '    node [fontname="Helvetica", fontsize=11]',
        '    edge [fontname="Helvetica", fontsize=9]',
    ]
    lines += _inside(framed(picture.boxes))
    for arrow in picture.arrows:
        style = ", style=dashed" if arrow.failures else ""
        lines.append(
            f"    {_quoted(arrow.start)} -> {_quoted(arrow.end)} "
            f"[label={_quoted(arrow.numbered)}{style}]"
        )
    return "\n".join([*lines, "}", ""])


def _inside(frame: Frame) -> Iterator[str]:
    for box in frame.boxes:
        yield f"    {_quoted(box.key)} [{_label(box)}, {_SHAPES[box.kind]}]"
    for each in frame.inside.values():
        yield f"    subgraph {_quoted(f'cluster {each.name}')} {{"
        yield f'        label={_quoted(each.title)}; style=rounded; fontname="Helvetica"'
        yield from (f"    {line}" for line in _inside(each))
        yield "    }"


def _label(box: Box) -> str:
    lines = "\\n".join(_escaped(line) for line in (box.title, box.note) if line)
    return f'label="{lines}"'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
