"""Frames: the boxes of a picture, sorted into the segments that they were drawn in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import field, frozen

from typedpipes.show.picture import Box


@frozen
class Frame:
    """A segment, or the whole picture.

    Attributes:
        name: the full name of the segment; `""` for the whole picture.
        boxes: those that are in no frame inside this one.
        inside: the frames in it.
    """

    name: str
    boxes: list[Box] = field(factory=list[Box])
    inside: dict[str, Frame] = field(factory=dict[str, "Frame"])

    @property
    def title(self) -> str:
        """The name of the segment alone."""
        return self.name.rpartition("/")[2]

    def all_boxes(self) -> Iterator[Box]:
        """Yield the boxes in it, those of the frames inside included."""
        yield from self.boxes
        for frame in self.inside.values():
            yield from frame.all_boxes()

    def all_frames(self) -> Iterator[Frame]:
        """Yield the frames in it, each before those inside it."""
        for frame in self.inside.values():
            yield frame
            yield from frame.all_frames()


def framed(boxes: Sequence[Box]) -> Frame:
    """Return a frame for the whole picture, with those of its segments in it."""
    whole = Frame("")
    for box in boxes:
        frame = whole
        for title in box.segment.split("/") if box.segment else ():
            name = f"{frame.name}/{title}" if frame.name else title
            frame = frame.inside.setdefault(title, Frame(name))
        frame.boxes.append(box)
    return whole
