"""A picture as Mermaid text, which many sites render inside Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typedpipes.show.frames import Frame, framed
from typedpipes.show.picture import Box, Kind, Picture

_SHAPES: dict[Kind, tuple[str, str]] = {
    "source": ("([", "])"),
    "processor": ("[", "]"),
    "sink": ("[[", "]]"),
    "fitting": ("[\\", "/]"),
    "join": ("{{", "}}"),
}


def mermaid(picture: Picture) -> str:
    """Write a flowchart; failures edges are dotted, and the inputs of a zip numbered.

    Segments are subgraphs.
    """
    keys = {box.key: f"n{number}" for number, box in enumerate(picture.boxes)}
    whole = framed(picture.boxes)
    numbers = {frame.name: number for number, frame in enumerate(whole.all_frames())}
    lines = ["flowchart TD", *_inside(whole, keys, numbers)]
    for arrow in picture.arrows:
        line = "-.->" if arrow.failures else "-->"
        label = f"|{_quoted(arrow.numbered)}|" if arrow.numbered else ""
        lines.append(f"    {keys[arrow.start]} {line}{label} {keys[arrow.end]}")
    return "\n".join(lines) + "\n"


def _inside(frame: Frame, keys: Mapping[str, str], numbers: Mapping[str, int]) -> Iterator[str]:
    for box in frame.boxes:
        yield f"    {keys[box.key]}{_shape(box)}"
    for each in frame.inside.values():
        yield f"    subgraph s{numbers[each.name]}[{_quoted(each.title)}]"
        yield from (f"    {line}" for line in _inside(each, keys, numbers))
        yield "    end"


def _shape(box: Box) -> str:
    before, after = _SHAPES[box.kind]
    note = f"<br/><small>{_escaped(box.note)}</small>" if box.note else ""
    return f'{before}"{_escaped(box.title)}{note}"{after}'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Write characters that are special in Mermaid, its Markdown or HTML as numeric entities."""
    return "".join(
        each if each.isalnum() or each in " ,.|-[]()?" else f"#{ord(each)};" for each in text
    )
