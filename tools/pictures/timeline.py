"""A film as SVG: time runs from left to right, and an item keeps its colour all the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from math import ceil
from typing import Final

from tools.pictures.film import Call, Kind, Lane, Moment

_NAMES, _SECOND, _ROW = 150.0, 88.0, 34.0
"""The width of the names of lanes, the width of a second and the height of a row."""
_MARGIN, _FOOT = 14.0, 26.0
_LETTER = 7.4
_HIGH = 24.0
_HUES = 6

STYLE: Final = """
.timeline text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas,
  'DejaVu Sans Mono', monospace; font-size: 12px; fill: #1f2733 }
.timeline .ground { fill: #ffffff }
.timeline .name { font-size: 12.5px }
.timeline .axis, .timeline .seconds { stroke: #98a2b3; fill: #667085; font-size: 10.5px }
.timeline .seconds { stroke: none }
.timeline .line { stroke: #c3cad6; stroke-width: 1.4 }
.timeline .on { text-anchor: middle; fill: #14181f }
.timeline .h0 { fill: #9fc5f8; stroke: #3f76b5 }
.timeline .h1 { fill: #ffd08a; stroke: #a96f10 }
.timeline .h2 { fill: #a9dfb8; stroke: #33804d }
.timeline .h3 { fill: #e3b5ea; stroke: #8e4a9b }
.timeline .h4 { fill: #f6e27a; stroke: #8a7710 }
.timeline .h5 { fill: #b8d8dc; stroke: #38767d }
.timeline .failed { stroke: #c22f2f; stroke-width: 2.2; stroke-dasharray: 4 2 }
.timeline .dropped { fill: none; stroke-dasharray: 2 3 }
.timeline .dropped + text { fill: #667085; text-decoration: line-through }
@media (prefers-color-scheme: dark) {
  .timeline text { fill: #e6eaf2 }
  .timeline .ground { fill: #12161f }
  .timeline .seconds { fill: #98a2b3 }
  .timeline .axis { stroke: #667085 }
  .timeline .line { stroke: #3a4353 }
  .timeline .on { fill: #14181f }
  .timeline .failed { stroke: #ff6b6b }
  .timeline .dropped + text { fill: #98a2b3 }
}
"""


def svg(title: str, lanes: Sequence[Lane]) -> str:
    """Draw the lanes of a film, one below the other.

    Items with the same first number or letter have the same colour. A call that raised, and its
    failure, have a red frame.
    """
    ends = [_x(call.end) for lane in lanes for call in lane.calls]
    ends += [left + _wide(moment.label) for lane in lanes for moment, left in _places(lane)]
    seconds = ceil((max(ends) - _NAMES) / _SECOND)
    rows = [max(len(lane.rows()), 1) for lane in lanes]
    width = _x(seconds) + 2 * _MARGIN + 20
    height = sum(rows) * _ROW + (len(lanes) - 1) * 8 + 2 * _MARGIN + _FOOT
    drawn: list[str] = []
    top = 0.0
    for lane, count in zip(lanes, rows, strict=True):
        drawn += _lane(lane, top, count, seconds)
        top += count * _ROW + 8
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" class="timeline" role="img">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(' '.join(map(_said, lanes)))}</desc>",
            f"<style>{STYLE}</style>",
            '<rect class="ground" width="100%" height="100%" rx="10"/>',
            f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
            *drawn,
            *_axis(top, seconds),
            "</g>",
            "</svg>",
            "",
        ]
    )


def _lane(lane: Lane, top: float, rows: int, seconds: int) -> Iterator[str]:
    middle = top + rows * _ROW / 2
    yield f'<text class="name" x="0" y="{middle + 4:g}">{escape(lane.name)}</text>'
    for row in range(rows):
        y = top + (row + 0.5) * _ROW
        yield (
            f'<line class="line" x1="{_x(0):g}" y1="{y:g}" x2="{_x(seconds) + 20:g}" y2="{y:g}"/>'
        )
    for row, calls in enumerate(lane.rows()):
        for call in calls:
            yield from _bar(call, top + (row + 0.5) * _ROW)
    for moment, left in _places(lane):
        yield from _pill(moment.label, moment.kind, left, top + 0.5 * _ROW, _wide(moment.label))


def _places(lane: Lane) -> Iterator[tuple[Moment, float]]:
    """Yield the items of a stream with their left ends: those of one moment stand side by side."""
    right = 0.0
    for moment in lane.moments:
        left = max(_x(moment.at) - _wide(moment.label) / 2, right + 2)
        yield moment, left
        right = left + _wide(moment.label)


def _bar(call: Call, y: float) -> Iterator[str]:
    wide = max(_x(call.end) - _x(call.begin), 6.0)
    yield from _pill(
        call.label, "failed" if call.failed else "item", _x(call.begin), y, wide, round_=4
    )


def _pill(
    label: str, kind: Kind, left: float, y: float, wide: float, *, round_: float = _HIGH / 2
) -> Iterator[str]:
    state = "" if kind == "item" else f" {kind}"
    yield (
        f'<rect class="h{_hue(label)}{state}" x="{left:g}" y="{y - _HIGH / 2:g}" '
        f'width="{wide:g}" height="{_HIGH:g}" rx="{round_:g}"/>'
    )
    yield f'<text class="on" x="{left + wide / 2:g}" y="{y + 4:g}">{escape(label)}</text>'


def _axis(top: float, seconds: int) -> Iterator[str]:
    yield (
        f'<line class="axis" x1="{_x(0):g}" y1="{top:g}" x2="{_x(seconds) + 20:g}" y2="{top:g}"/>'
    )
    for second in range(seconds + 1):
        x = _x(second)
        yield f'<line class="axis" x1="{x:g}" y1="{top:g}" x2="{x:g}" y2="{top + 4:g}"/>'
        yield f'<text class="seconds" x="{x - 3:g}" y="{top + 17:g}">{second} s</text>'


def _x(at: float) -> float:
    return round(_NAMES + at * _SECOND, 1)


def _wide(label: str) -> float:
    return max(len(label) * _LETTER + 14, _HIGH)


def _hue(label: str) -> int:
    found = re.search(r"\d+|[a-z]", label)
    if found is None:
        return 0
    first = found[0]
    return (int(first) - 1 if first.isdigit() else ord(first) - ord("a")) % _HUES


def _said(lane: Lane) -> str:
    """Say what the lane shows, for those who cannot see it."""
    moments = ", ".join(f"{_what(moment)} at {moment.at:g} s" for moment in lane.moments)
    calls = ", ".join(f"{call.label} from {call.begin:g} to {call.end:g} s" for call in lane.calls)
    return f"{lane.name}: {moments or calls or 'nothing'}."


def _what(moment: Moment) -> str:
    return moment.label if moment.kind == "item" else f"{moment.label} ({moment.kind})"
