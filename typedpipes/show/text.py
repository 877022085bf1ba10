"""A picture as text for a terminal: every box, followed by where its items go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typedpipes.show.picture import Arrow, Box, Picture


def text(picture: Picture) -> str:
    """Write a line for each box and each arrow.

    `~>` is a failures edge; `[1]` is the first place in the tuples of a zip.
    """
    outgoing: dict[str, list[Arrow]] = {box.key: [] for box in picture.boxes}
    for arrow in picture.arrows:
        outgoing[arrow.start].append(arrow)
    rows = [row for box in picture.boxes for row in _rows(box, outgoing[box.key])]
    width = max((len(first) for first, _ in rows), default=0)
    lines = [f"{first:<{width}}  {second}".rstrip() for first, second in rows]
    return "\n".join([picture.name, "", *lines, ""])


def _rows(box: Box, outgoing: Sequence[Arrow]) -> Iterator[tuple[str, str]]:
    yield box.key, f"({box.note})" if box.note else ""
    for arrow in outgoing:
        yield (
            f"  {arrow.items or '?'}",
            f"{'~>' if arrow.failures else '->'} {arrow.end}{_place(arrow)}",
        )


def _place(arrow: Arrow) -> str:
    return f" [{arrow.place}]" if arrow.place else ""
