"""A picture as SVG, drawn without other programs, for light and dark pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from unicodedata import east_asian_width

from typedpipes.show.layout import Plan, Point, Route, Size, plan
from typedpipes.show.picture import Arrow, Box, Picture

_LETTER = 0.602
"""The width of a character in a monospaced font, relative to the font size."""
_TITLE, _NOTE, _LABEL = 13.0, 10.5, 11.0
"""The font sizes of titles, notes and labels."""
_LONGEST = 44
"""How many characters of a title or label are shown; its tooltip has all of them."""
_HEAD, _MOST_HEADS = 11.0, 40
"""The distance between arrow heads, and for how many of them a box is widened."""
_MARGIN = 24.0

# Every rule applies to this drawing only: a notebook embeds the SVG in its own page.
_STYLE = """
.typedpipes text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas,
  'DejaVu Sans Mono', monospace; text-anchor: middle; fill: #1f2733 }
.typedpipes .title { font-size: 13px; font-weight: 500 }
.typedpipes .note { font-size: 10.5px; fill: #667085 }
.typedpipes .label { font-size: 11px; fill: #475467 }
.typedpipes .ground, .typedpipes .halo { fill: #ffffff }
.typedpipes .box { fill: #f5f8ff; stroke: #8aa4d6; stroke-width: 1.2 }
.typedpipes .source { fill: #ecfaf1; stroke: #6fb98c }
.typedpipes .sink { fill: #f6f1fd; stroke: #a98bd4 }
.typedpipes .fitting { fill: #f7f7f8; stroke: #b3b8c2 }
.typedpipes .join { fill: #fff6e6; stroke: #d9a648 }
.typedpipes .arrow { fill: none; stroke: #7d8899; stroke-width: 1.4 }
.typedpipes .head { fill: #7d8899 }
.typedpipes .failures { stroke: #cf4a4a; stroke-dasharray: 5 4 }
.typedpipes .failures-head { fill: #cf4a4a }
.typedpipes .failures-label { fill: #b53434 }
@media (prefers-color-scheme: dark) {
  .typedpipes text { fill: #e6eaf2 }
  .typedpipes .note { fill: #98a2b3 } .typedpipes .label { fill: #b4bdcc }
  .typedpipes .ground, .typedpipes .halo { fill: #12161f }
  .typedpipes .box { fill: #1b2538; stroke: #56719f }
  .typedpipes .source { fill: #16291f; stroke: #4b8a65 }
  .typedpipes .sink { fill: #261d36; stroke: #8163ad }
  .typedpipes .fitting { fill: #20242c; stroke: #5d6573 }
  .typedpipes .join { fill: #302610; stroke: #a57f38 }
  .typedpipes .arrow { stroke: #7b879a } .typedpipes .head { fill: #7b879a }
  .typedpipes .failures { stroke: #e07070 } .typedpipes .failures-head { fill: #e07070 }
  .typedpipes .failures-label { fill: #f09a9a }
}
"""


def svg(picture: Picture) -> str:
    """Draw a picture from top to bottom; failures edges are dashed."""
    numbers = {box.key: number for number, box in enumerate(picture.boxes)}
    arrows = [(numbers[arrow.start], numbers[arrow.end]) for arrow in picture.arrows]
    starts, ends = Counter(start for start, _ in arrows), Counter(end for _, end in arrows)
    sizes = [
        _size(box, max(starts[number], ends[number])) for number, box in enumerate(picture.boxes)
    ]
    layout = plan(sizes, arrows, [*map(_room, picture.arrows)])
    width, height = layout.size.width + 2 * _MARGIN, layout.size.height + 2 * _MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" class="typedpipes" role="img">'
    )
    return "\n".join(
        [
            head,
            f"<title>{escape(picture.name)}</title>",
            f"<style>{_STYLE}</style>",
            '<rect class="ground" width="100%" height="100%" rx="10"/>',
            f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
            *_content(picture, sizes, layout),
            "</g>",
            "</svg>",
            "",
        ]
    )


def _content(picture: Picture, sizes: Sequence[Size], layout: Plan) -> Iterator[str]:
    """Draw the arrows first, so that nothing hides a label or a box."""
    for arrow, route in zip(picture.arrows, layout.routes, strict=True):
        yield from _arrow(arrow, route)
    for arrow, route in zip(picture.arrows, layout.routes, strict=True):
        yield from _label(arrow, route)
    for box, size, centre in zip(picture.boxes, sizes, layout.boxes, strict=True):
        yield from _box(box, size, *centre)


def _box(box: Box, size: Size, x: float, y: float) -> Iterator[str]:
    corner = {"processor": 6.0, "sink": 6.0}.get(box.kind, size.height / 2)
    says = f"{box.key}: {box.note}" if box.note else box.key
    yield f"<g><title>{escape(says)}</title>"
    yield (
        f'<rect class="box {box.kind}" x="{x - size.width / 2:.1f}" y="{y - size.height / 2:.1f}" '
        f'width="{size.width:.1f}" height="{size.height:.1f}" rx="{corner:g}"/>'
    )
    title = y + (-2.5 if box.note else 4.5)
    yield f'<text class="title" x="{x:.1f}" y="{title:.1f}">{escape(_cut(box.title))}</text>'
    if box.note:
        yield f'<text class="note" x="{x:.1f}" y="{y + 12:.1f}">{escape(_cut(box.note))}</text>'
    yield "</g>"


def _arrow(arrow: Arrow, route: Route) -> Iterator[str]:
    kind = "failures" if arrow.failures else ""
    end, top = route.points[-1]
    yield f'<path class="arrow {kind}" d="{_curve([*route.points[:-1], (end, top - 6)])}"/>'
    yield (
        f'<path class="head {kind and "failures-head"}" '
        f'd="M {end - 4.5:.1f} {top - 8:.1f} L {end + 4.5:.1f} {top - 8:.1f} '
        f'L {end:.1f} {top:.1f} Z"/>'
    )


def _curve(points: Sequence[Point]) -> str:
    """Go through all points: straight down at the first and the last two, smoothly in between."""
    slopes = [0.0] * len(points)
    for place in range(2, len(points) - 2):
        (x1, y1), (x2, y2) = points[place - 1], points[place + 1]
        slopes[place] = (x2 - x1) / (y2 - y1)
    path = f"M {points[0][0]:.1f} {points[0][1]:.1f}"
    for ((x1, y1), slope1), ((x2, y2), slope2) in pairwise(zip(points, slopes, strict=True)):
        reach = (y2 - y1) / (2 if not (slope1 or slope2) else 3)
        path += (
            f" C {x1 + slope1 * reach:.1f} {y1 + reach:.1f},"
            f" {x2 - slope2 * reach:.1f} {y2 - reach:.1f}, {x2:.1f} {y2:.1f}"
        )
    return path


def _label(arrow: Arrow, route: Route) -> Iterator[str]:
    if not arrow.items:
        return
    (x, y), size = route.label, _room(arrow)
    kind = "label failures-label" if arrow.failures else "label"
    yield (
        f'<rect class="halo" x="{x - size.width / 2:.1f}" y="{y - size.height / 2:.1f}" '
        f'width="{size.width:.1f}" height="{size.height:.1f}" rx="4"/>'
    )
    yield (
        f'<text class="{kind}" x="{x:.1f}" y="{y + 4:.1f}">'
        f"<title>{escape(arrow.items)}</title>{escape(_cut(arrow.items))}</text>"
    )


def _size(box: Box, arrows: int) -> Size:
    """Return the size that a box needs for its text, and for the arrows on either side."""
    letters = max(_width(_cut(box.title), _TITLE), _width(_cut(box.note), _NOTE))
    heads = _HEAD * min(arrows + 1, _MOST_HEADS)
    if box.kind in ("join", "fitting"):
        return Size(max(letters + 24, heads), 24)
    return Size(max(letters + 32, heads, 72), 44 if box.note else 34)


def _room(arrow: Arrow) -> Size:
    return Size(_width(_cut(arrow.items), _LABEL) + 8, 17) if arrow.items else Size(6, 4)


def _width(text: str, size: float) -> float:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text) * size * _LETTER


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
