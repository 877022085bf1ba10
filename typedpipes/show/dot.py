"""A picture as DOT, the language of Graphviz."""

from __future__ import annotations

from typedpipes.show.picture import Box, Kind, Picture

_SHAPES: dict[Kind, str] = {
    "source": 'shape=box, style="rounded,filled", fillcolor="#e3f4ea"',
    "processor": 'shape=box, style="filled", fillcolor="#ffffff"',
    "sink": 'shape=box, style="filled", peripheries=2, fillcolor="#f1eafb"',
    "fitting": "shape=invtrapezium, height=0.3",
    "join": "shape=hexagon, height=0.3, ordering=in",
}


def dot(picture: Picture) -> str:
    """Write a directed graph; failures edges are dashed, and the inputs of a zip numbered."""
    lines = [
        f"digraph {_quoted(picture.name)} {{",
        '    node [fontname="Helvetica", fontsize=11]',
        '    edge [fontname="Helvetica", fontsize=9]',
    ]
    lines += [
        f"    {_quoted(box.key)} [{_label(box)}, {_SHAPES[box.kind]}]" for box in picture.boxes
    ]
    for arrow in picture.arrows:
        style = ", style=dashed" if arrow.failures else ""
        lines.append(
            f"    {_quoted(arrow.start)} -> {_quoted(arrow.end)} "
            f"[label={_quoted(arrow.numbered)}{style}]"
        )
    return "\n".join([*lines, "}", ""])


def _label(box: Box) -> str:
    lines = "\\n".join(_escaped(line) for line in (box.title, box.note) if line)
    return f'label="{lines}"'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
