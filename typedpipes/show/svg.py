"""A picture as SVG, drawn without other programs, for light and dark pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain, takewhile
from unicodedata import east_asian_width

from typedpipes.show.frames import Frame, framed
from typedpipes.show.layout import Forks, Point, Route, Size, plan
from typedpipes.show.outline import Area, outlines
from typedpipes.show.picture import Arrow, Box, Kind, Picture
from typedpipes.show.room import STILL, Room
from typedpipes.show.style import STYLE

_LETTER = 0.602
"""The width of a character in a monospaced font, relative to the font size."""
_TITLE, _NOTE, _LABEL = 13.0, 10.5, 11.0
"""The font sizes of titles, notes and labels."""
_LONGEST = 44
"""How many characters of a title or label are shown; its tooltip has all of them."""
_MOST_HEADS = 40
"""For how many arrow heads a box is widened."""
_NECK = 6.0
"""How far above its box a line ends, inside its head."""
_SLOPE = 9.0
"""How far the corners of hexagons and funnels are cut off."""
_ROUND = 22.0
"""The largest corners of a source."""
_FRAME = 3.0
"""The distance between the two frames of a sink."""
_MARGIN = 24.0


def svg(picture: Picture, room: Room = STILL) -> str:
    """Draw a picture from top to bottom.

    Failures edges are dashed; what leaves a box is labelled once, where it forks; the inputs of
    a zip stand in the order of its tuples, and have their numbers. A segment has a frame; it has
    several where boxes of others stand between its own.

    What a script needs has attributes: `data-node` is a box with the name of its node, and
    `data-edge` a line with its head, such as `a -> b` or, for failures, `a -!> b`; and
    `data-segment` a frame with the name of its segment. The line from a zip or a merge into its
    node is no edge: it has the name of the node as `data-into`. Boxes and lines come in the order
    of the nodes of the blueprint, and of the edges that lead to them. `data-own` is how far down a
    line goes as one with others of its fork.

    Args:
        picture: what is drawn.
        room: how much room it leaves.
    """
    numbers = {box.key: number for number, box in enumerate(picture.boxes)}
    arrows = [(numbers[arrow.start], numbers[arrow.end]) for arrow in picture.arrows]
    forks = {_fork(arrow): arrow for arrow in picture.arrows}
    of = {fork: number for number, fork in enumerate(forks)}
    ranked = {numbers[arrow.end] for arrow in picture.arrows if arrow.place}
    starts, ends = Counter(fork[0] for fork in forks), Counter(each.end for each in picture.arrows)
    sizes = [
        _size(box, max(starts[box.key], ends[box.key]), room, ranked=number in ranked)
        for number, box in enumerate(picture.boxes)
    ]
    layout = plan(
        sizes,
        arrows,
        Forks([of[_fork(arrow)] for arrow in picture.arrows], [*map(_room, forks.values())]),
        ranked,
        room.spaces,
    )
    areas = {
        box.key: Area(
            x - size.width / 2, y - size.height / 2, x + size.width / 2, y + size.height / 2
        )
        for box, size, (x, y) in zip(picture.boxes, sizes, layout.boxes, strict=True)
    }
    frames = [*framed(picture.boxes).all_frames()]
    width, height = layout.size.width + 2 * _MARGIN, layout.size.height + 2 * _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" class="typedpipes" role="img">',
            f"<title>{escape(picture.name)}</title>",
            f"<style>{STYLE}</style>",
            '<rect class="ground" width="100%" height="100%" rx="10"/>',
            f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
            *(_frame(frame, area) for frame in frames for area in outlines(frame, areas)),
            # Lines first, so that nothing hides a label or a box.
            *chain.from_iterable(
                map(_arrow, picture.arrows, layout.routes, _own(picture.arrows, layout.routes))
            ),
            *chain.from_iterable(map(_label, forks.values(), layout.labels)),
            *chain.from_iterable(
                _box(box, size, centre, room)
                for box, size, centre in zip(picture.boxes, sizes, layout.boxes, strict=True)
            ),
            *(_frame_title(frame, area) for frame in frames for area in outlines(frame, areas)),
            "</g>",
            "</svg>",
            "",
        ]
    )


def _fork(arrow: Arrow) -> tuple[str, bool, str]:
    """Return what all arrows have in common that leave a box as one line."""
    return arrow.start, arrow.failures, arrow.items


def _frame(frame: Frame, area: Area) -> str:
    return (
        f'<rect class="segment" data-segment="{escape(frame.name)}" x="{area.left:.1f}" '
        f'y="{area.top:.1f}" width="{area.right - area.left:.1f}" '
        f'height="{area.bottom - area.top:.1f}" rx="8"/>'
    )


def _frame_title(frame: Frame, area: Area) -> str:
    return (
        f'<text class="segment-title" x="{area.left + 8:.1f}" y="{area.top + 3:.1f}">'
        f"<title>{escape(frame.name)}</title>{escape(_cut(frame.title))}</text>"
    )


def _box(box: Box, size: Size, centre: Point, room: Room) -> Iterator[str]:
    x, y = centre
    says = f"{box.key}: {box.note}" if box.note else box.key
    data = f' data-node="{escape(box.node)}"' if box.node else ""
    yield f'<g class="node"{data}><title>{escape(says)}</title>'
    yield from _shape(box.kind, x - size.width / 2, y - size.height / 2, size)
    y -= _below(box, room) / 2
    title = y + (-2.5 if box.note else 4.5)
    yield f'<text class="title" x="{x:.1f}" y="{title:.1f}">{escape(_cut(box.title))}</text>'
    if box.note:
        yield f'<text class="note" x="{x:.1f}" y="{y + 12:.1f}">{escape(_cut(box.note))}</text>'
    yield "</g>"


def _shape(kind: Kind, x: float, y: float, size: Size) -> Iterator[str]:
    """Draw what a node does without its colour: a pill begins, a double frame ends."""
    width, height = size.width, size.height
    match kind:
        case "join":
            yield _outline(
                kind, x, y, [(_SLOPE, 0), (width - _SLOPE, 0), (width, height / 2)], size
            )
        case "fitting":
            yield _outline(kind, x, y, [(0, 0), (width, 0)], size)
        case "source":
            yield _rect(f"box {kind}", x, y, size, min(height / 2, _ROUND))
        case "processor":
            yield _rect(f"box {kind}", x, y, size, 6)
        case "sink":
            yield _rect(f"box {kind}", x, y, size, 6)
            inner = Size(width - 2 * _FRAME, height - 2 * _FRAME)
            yield _rect(f"frame {kind}", x + _FRAME, y + _FRAME, inner, 4)


def _outline(kind: Kind, x: float, y: float, upper: Sequence[Point], size: Size) -> str:
    """Draw a hexagon or a funnel, from what is above its narrow lower side."""
    corners = [*upper, (size.width - _SLOPE, size.height), (_SLOPE, size.height)]
    corners += [(0, size.height / 2)] if kind == "join" else []
    points = " L ".join(f"{x + right:.1f} {y + down:.1f}" for right, down in corners)
    return f'<path class="box {kind}" d="M {points} Z"/>'


def _rect(kind: str, x: float, y: float, size: Size, corner: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{size.width:.1f}" height="{size.height:.1f}" rx="{corner:g}"/>'
    )


def _own(arrows: Sequence[Arrow], routes: Sequence[Route]) -> Iterator[float | None]:
    """Yield how far down each line is one with others of its fork, if it is."""
    ways = [
        [(_fork(arrow), place, point) for place, point in enumerate(route)]
        for arrow, route in zip(arrows, routes, strict=True)
    ]
    shared = Counter(chain.from_iterable(ways))
    for way in ways:
        together = [*takewhile(lambda step: shared[step] > 1, way)]
        yield together[-1][2][1] if together else None


def _arrow(arrow: Arrow, route: Route, own: float | None) -> Iterator[str]:
    kind = " failures" if arrow.failures else ""
    name, value = ("edge", arrow.edge) if arrow.edge else ("into", arrow.end)
    from_ = "" if own is None else f' data-own="{own:.1f}"'
    *way, (end, row), (_, top) = route
    neck = top - _NECK
    yield f'<g class="edge{kind}" data-{name}="{escape(value)}"{from_}>'
    yield f'<path class="arrow" d="{_curve([*way, (end, min(row, neck)), (end, neck)])}"/>'
    yield (
        f'<path class="head" d="M {end - 4.5:.1f} {top - 8:.1f} L {end + 4.5:.1f} {top - 8:.1f} '
        f'L {end:.1f} {top:.1f} Z"/>'
    )
    if arrow.place:
        yield f'<text class="place" x="{end + 6:.1f}" y="{top - 3:.1f}">{arrow.place}</text>'
    yield "</g>"


def _curve(points: Sequence[Point]) -> str:
    """Go through all points, straight down where they are one below the other."""
    (x, y), *rest = points
    path = [f"M {x:.1f} {y:.1f}"]
    for place, (next_x, next_y) in enumerate(rest):
        if next_x != x:
            middle = (y + next_y) / 2
            path.append(
                f"C {x:.1f} {middle:.1f}, {next_x:.1f} {middle:.1f}, {next_x:.1f} {next_y:.1f}"
            )
        elif rest[place + 1 : place + 2] == [] or rest[place + 1][0] != x:
            path.append(f"L {x:.1f} {next_y:.1f}")
        x, y = next_x, next_y
    return " ".join(path)


def _label(arrow: Arrow, centre: Point) -> Iterator[str]:
    if not arrow.items:
        return
    (x, y), size = centre, _room(arrow)
    kind = "label failures-label" if arrow.failures else "label"
    yield _rect("halo", x - size.width / 2, y - size.height / 2, size, 4)
    yield (
        f'<text class="{kind}" x="{x:.1f}" y="{y + 4:.1f}">'
        f"<title>{escape(arrow.items)}</title>{escape(_cut(arrow.items))}</text>"
    )


def _size(box: Box, arrows: int, room: Room, *, ranked: bool) -> Size:
    """Return the size that a box needs for its text, and for the arrows on either side."""
    below = _below(box, room)
    letters = max(_width(_cut(box.title), _TITLE), _width(_cut(box.note), _NOTE))
    heads = (room.ranked_head if ranked else room.head) * min(arrows + 1, _MOST_HEADS)
    if box.kind in ("join", "fitting"):
        width = max(letters + 24, heads) + 2 * _SLOPE
        least = room.funnel if box.node else 0.0
        return Size(max(width, least), (36 if box.note else 24) + below)
    return Size(max(letters + 32, heads, room.box), (44 if box.note else 34) + below)


def _below(box: Box, room: Room) -> float:
    """Return how much of a box is left free below its texts."""
    return room.below if box.node else 0.0


def _room(arrow: Arrow) -> Size:
    return Size(_width(_cut(arrow.items), _LABEL) + 8, 17) if arrow.items else Size(6, 4)


def _width(text: str, size: float) -> float:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text) * size * _LETTER


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
