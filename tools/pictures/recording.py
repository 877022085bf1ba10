"""A recording of a terminal as an animated SVG: it plays wherever pictures are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, TypeAlias

from rich.segment import Segment
from rich.style import Style

Frame: TypeAlias = Sequence[Sequence[Segment]]
"""The lines of a terminal at one moment, each in pieces of one style."""

COLUMNS = 84
"""The width of the terminal in characters."""
_WIDE, _HIGH, _MARGIN, _BAR = 8.0, 19.0, 18.0, 34.0
_LAST = 8
"""For how many frames the last one stays."""

_STYLE: Final = """
.recording { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono',
  monospace; font-size: 13.3px; fill: #d5dbe6 }
.recording text { white-space: pre }
.recording .ground { fill: #151a24 }
.recording .bar { fill: #222a38 }
.recording .dim { fill: #7f8aa0 }
.recording .bold { font-weight: 700; fill: #ffffff }
.recording .red { fill: #ff7b72 }
.recording .yellow { fill: #e3b341 }
.recording .green { fill: #56d364 }
.recording .frame { visibility: hidden; animation: show var(--all) step-end infinite }
"""


def svg(title: str, command: str, frames: Sequence[Frame], *, every: float) -> str:
    """Draw frames that follow each other, and begin anew after the last one.

    Args:
        title: what is seen, for those who cannot see it.
        command: what was typed.
        frames: what the terminal showed then.
        every: the seconds between two frames.
    """
    rows = max(map(len, frames))
    width = COLUMNS * _WIDE + 2 * _MARGIN
    height = rows * _HIGH + _BAR + 2 * _MARGIN
    count = len(frames) + _LAST
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" class="recording" role="img" '
            f'style="--all: {count * every:g}s">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}{_keyframes(len(frames), count)}</style>",
            '<rect class="ground" width="100%" height="100%" rx="10"/>',
            f'<path class="bar" d="M0 {_BAR:g} V10 a10 10 0 0 1 10 -10 H{width - 10:g} '
            f'a10 10 0 0 1 10 10 V{_BAR:g} Z"/>',
            f'<text class="dim" x="{_MARGIN:g}" y="22">$ {escape(command)}</text>',
            f'<g transform="translate({_MARGIN:g} {_BAR + _MARGIN:g})">',
            *(
                line
                for number, frame in enumerate(frames)
                for line in _frame(number * every, frame, is_last=number == len(frames) - 1)
            ),
            "</g>",
            "</svg>",
            "",
        ]
    )


def _keyframes(frames: int, count: int) -> str:
    """Show each frame for its part of the time, the last one to the end."""
    shown = f"{100 / count:.3f}%"
    last = f"{100 * (count - frames + 1) / count:.3f}%"
    return (
        f"@keyframes show {{ 0% {{ visibility: visible }} {shown} {{ visibility: hidden }} }}\n"
        f"@keyframes stay {{ 0% {{ visibility: visible }} {last} {{ visibility: hidden }} }}\n"
        ".recording .last { animation-name: stay }\n"
        # Who wants no motion sees the end.
        "@media (prefers-reduced-motion: reduce) {\n"
        "  .recording .frame { animation: none } .recording .last { visibility: visible } }\n"
    )


def _frame(at: float, lines: Frame, *, is_last: bool) -> Iterator[str]:
    delay = f"animation-delay: {at:g}s"
    kind = "frame last" if is_last else "frame"
    yield f'<g class="{kind}" style="{delay}">'
    for row, segments in enumerate(lines):
        column = 0
        for text, style, _ in segments:
            if text.strip():
                yield _text(text, style, column, row)
            column += len(text)
    yield "</g>"


def _text(text: str, style: Style | None, column: int, row: int) -> str:
    """Draw a piece of a line where the terminal has it, whatever the font."""
    begin = len(text) - len(text.lstrip())
    text = text.strip()
    classes = " ".join(_classes(style)) if style else ""
    return (
        f'<text class="{classes}" '
        f'x="{(column + begin) * _WIDE:g}" y="{(row + 0.7) * _HIGH:g}" '
        f'textLength="{len(text) * _WIDE:g}">{escape(text)}</text>'
    )


def _classes(style: Style) -> Iterator[str]:
    if style.dim:
        yield "dim"
    if style.bold:
        yield "bold"
    if style.color is not None:
        yield style.color.name
