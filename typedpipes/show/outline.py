"""Where the frames of segments are in a layout: around their own boxes, and around no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce

from attrs import frozen

from typedpipes.show.frames import Frame

_PAD, _LESS, _LEAST = 12.0, 3.0, 3.0
"""The space between a frame and its boxes: of the outermost frame, how much less for each frame
around it, and at least. Twice the first is less than the space between two boxes in a row."""


@frozen
class Area:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def joined(self, other: Area) -> Area:
        """Return the smallest one around both."""
        return Area(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grown(self, by: float) -> Area:
        """Return it with so much more on each side."""
        return Area(self.left - by, self.top - by, self.right + by, self.bottom + by)


def outlines(frame: Frame, areas: Mapping[str, Area]) -> Iterator[Area]:
    """Yield what a frame is drawn as: one area, or several where others would be inside.

    Args:
        frame: the frame of a segment.
        areas: of all boxes of the picture, by their keys.
    """
    mine = {box.key for box in frame.all_boxes()}
    others = [area for key, area in areas.items() if key not in mine]
    pad = max(_PAD - _LESS * frame.name.count("/"), _LEAST)
    waiting = sorted((areas[key] for key in mine), key=lambda area: (area.top, area.left))
    while waiting:
        around, *more = waiting
        for area in more:
            joined = around.joined(area)
            if joined == around:  # it is inside already
                continue
            larger = _around_all_met(joined, waiting, pad)
            with_pad = larger.grown(pad)
            if any(with_pad.meets(other) for other in others):
                break
            around = larger
        outline = around.grown(pad)
        yield outline
        others += [area for area in waiting if outline.meets(area)]
        waiting = [area for area in waiting if not outline.meets(area)]


def _around_all_met(around: Area, areas: Iterable[Area], pad: float) -> Area:
    """Return an area that is also around all the others that it would meet with a pad."""
    while True:
        with_pad = around.grown(pad)
        met = [area for area in areas if with_pad.meets(area)]
        larger = reduce(Area.joined, met, around)
        if larger == around:
            return around
        around = larger
