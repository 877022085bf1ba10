# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The SVG as a picture: can it be read?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.show.drawings import census, length, same, small, store
from tests.show.test_layout import Graph, graphs, unhurried
from tests.support.contrast import contrast
from typedpipes import Plumber, Processor, Sink, Source
from typedpipes.show import show
from typedpipes.show.picture import Arrow, Box, Kind, Picture
from typedpipes.show.svg import svg

Point = tuple[float, float]
SVG = "{http://www.w3.org/2000/svg}"
KINDS: Sequence[Kind] = ("source", "processor", "sink", "fitting", "join")


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  # our own


def shown(plumber: Plumber) -> ET.Element:
    return parsed(show(plumber.blueprint(), "svg"))


def drawn(
    graph: Graph, boxes: Sequence[Box] = (), types: Sequence[str] = ("list[str]",)
) -> ET.Element:
    count, links = graph
    boxes = boxes or [Box(str(number), f"box {number}", "", "processor") for number in range(count)]
    arrows = [
        Arrow(str(start), str(end), types[number % len(types)])
        for number, (start, end) in enumerate(links)
    ]
    return parsed(svg(Picture("picture", boxes, arrows)))


def parts(root: ET.Element, name: str, of: str) -> list[ET.Element]:
    """Find elements by one of their classes."""
    return [each for each in root.iter(f"{SVG}{name}") if of in each.get("class", "").split()]


def heads(root: ET.Element, edge: str) -> list[float]:
    """Return how far to the right the heads of an edge are."""
    groups = [each for each in parts(root, "g", "edge") if each.get("data-edge") == edge]
    return [tip(head) for group in groups for head in parts(group, "path", "head")]


def tip(head: ET.Element) -> float:
    return float(head.attrib["d"].split()[-3])


def along(path: str) -> Iterator[Point]:
    """Return points on a path of one `M` and any number of `L` and `C`."""
    here: Point = (0.0, 0.0)
    for command, numbers in re.findall(r"([MLC]) ([-\d., ]+)", path):
        flat = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        points: list[Point] = [here, *zip(flat[::2], flat[1::2], strict=True)]
        if command != "M":
            for step in range(33):
                yield between(points, step / 32)
        here = points[-1]


def between(points: Sequence[Point], share: float) -> Point:
    """Return the point of a Bézier curve, as de Casteljau found it."""
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


def bounds(path: str) -> tuple[float, float, float, float]:
    """Return the left, top, right and bottom of a path of straight lines."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def areas(root: ET.Element) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Return the place of everything that a line must not run through."""
    for rect in [*parts(root, "rect", "box"), *parts(root, "rect", "halo")]:
        x, y, width, height = (number(rect, name) for name in ("x", "y", "width", "height"))
        yield rect.attrib["class"].split()[0], (x, y, x + width, y + height)
    for path in parts(root, "path", "box"):
        yield "box", bounds(path.attrib["d"])


@st.composite
def boxes(draw: st.DrawFn, count: int) -> list[Box]:
    """Boxes of all shapes, wide and narrow, high and low."""
    titles = st.sampled_from(["x", "some node", "a name that is much longer than others"])
    return [
        Box(str(key), draw(titles), draw(st.sampled_from(["", "4 workers"])), draw(kinds))
        for key in range(count)
    ]


kinds = st.sampled_from(KINDS)
types = st.lists(st.sampled_from(["", "str", "dict[str, list[tuple[int, int]]]"]), min_size=1)


@unhurried
@given(graphs(), types, st.data())
def test_no_arrow_runs_through_a_box_or_through_the_label_of_another(
    graph: Graph, types: list[str], data: st.DataObject
) -> None:
    root = drawn(graph, data.draw(boxes(graph[0])), types)
    things = [*areas(root)]

    for path in parts(root, "path", "arrow"):
        through = Counter(
            kind
            for kind, (left, top, right, bottom) in things
            if any(
                left + 0.1 < x < right - 0.1 and top + 0.1 < y < bottom - 0.1
                for x, y in along(path.attrib["d"])
            )
        )

        assert through["box"] == 0
        assert through["halo"] <= 1  # its own


def test_the_heads_of_many_arrows_stand_apart() -> None:
    root = drawn((21, [(start, 20) for start in range(20)]))

    ends = sorted(map(tip, parts(root, "path", "head")))
    assert len(ends) == 20
    assert min(other - one for one, other in pairwise(ends)) > 9


def zipped(*order: int) -> Plumber:
    """A zip of three branches of one fork, in some order."""
    plumber = Plumber()
    words = plumber.connect(Source(["one"], name="words"))
    branches = [
        words.to(Processor(length, name="a")),
        words.to(Processor(same, name="b")).to(Processor(same, name="c")),
        words,
    ]
    one, two, three = (branches[place] for place in order)
    plumber.zip(one, two, three).to(Sink(store))
    return plumber


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_heads_of_a_zip_stand_in_the_order_of_its_tuples_and_are_numbered(
    order: tuple[int, int, int],
) -> None:
    root = shown(zipped(*order))

    names = ["a", "c", "words"]
    ends = [heads(root, f"{names[place]} -> store") for place in order]
    numbers = sorted((number(text, "x"), text.text) for text in parts(root, "text", "place"))
    assert ends == sorted(ends)
    assert [text for _, text in numbers] == ["1", "2", "3"]
    assert all(0 < x - end < 10 for (x, _), (end,) in zip(numbers, ends, strict=True))


def test_the_order_of_a_zip_is_in_every_other_format() -> None:
    blueprint = zipped(2, 0, 1).blueprint()

    assert "words" in show(blueprint, "text").split(" -> zip before store [1]")[0]
    assert '"words" -> "zip before store" [label="1: str"]' in show(blueprint, "dot")
    assert '|"1#58; str"|' in show(blueprint, "mermaid")


def test_a_fork_is_labelled_once() -> None:
    plumber = Plumber()
    words = plumber.connect(Source(["one"]))
    for name in "abc":
        words.to(Sink(store, name=name))

    root = shown(plumber)

    assert [text.text for text in parts(root, "text", "label")] == [None]  # behind its title
    assert len(parts(root, "path", "head")) == 3


def test_results_and_failures_of_a_node_have_a_label_each() -> None:
    root = shown(census())

    labels = ["".join(text.itertext()) for text in parts(root, "text", "label")]
    assert sum("Failure[Text]" in label and "|" not in label for label in labels) == 1
    assert sum("Parsed" in label and "tuple" not in label for label in labels) == 1


def test_the_role_of_a_node_shows_in_its_shape() -> None:
    shapes: dict[str, object] = {}
    for kind in KINDS:
        root = drawn((1, []), [Box("0", "box", "", kind)])
        (node,) = parts(root, "g", "node")
        shapes[kind] = [
            (each.tag, each.get("rx"), each.get("d", "").count("L"))
            for each in node
            if each.tag in (f"{SVG}rect", f"{SVG}path")
        ]

    assert len({str(shape) for shape in shapes.values()}) == len(KINDS)


def test_nodes_and_edges_can_be_found_by_their_names() -> None:
    root = shown(census())

    nodes = {each.get("data-node") for each in parts(root, "g", "node")}
    edges = {each.get("data-edge") for each in parts(root, "g", "edge")}
    assert nodes == {
        *("files", "read", "parse", "count_functions", "count_typed", "tally", "failures"),
        None,  # a zip before a node is no node
    }
    assert {"files -> read", "parse -> tally", "parse -!> failures"} <= edges


def test_a_persian_name_is_shown_as_it_is_written() -> None:
    name = "می\N{ZERO WIDTH NON-JOINER}خوانم"
    plumber = Plumber()
    plumber.connect(Source(["one"])).to(Sink(store, name=name))

    assert name in show(plumber.blueprint(), "svg")


def colours(style: str) -> dict[str, dict[str, str]]:
    """Return the colours of each class."""
    found: dict[str, dict[str, str]] = {}
    for selector, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        for each in selector.split(","):
            named = re.findall(r"(fill|stroke): (#[0-9a-f]{6})", rules)
            found.setdefault(each.strip().removeprefix(".typedpipes "), {}).update(named)
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_lines_and_borders_can_be_seen_by_day_and_by_night(dark: bool) -> None:
    (style,) = shown(small()).iter(f"{SVG}style")
    light, _, night = str(style.text).partition("@media (prefers-color-scheme: dark) {")
    found = colours(night if dark else light)
    ground = found[".ground"]["fill"]

    for kind in (".box", ".source", ".sink", ".fitting", ".join", ".arrow", ".failures .arrow"):
        assert contrast(found[kind]["stroke"], ground) >= 3, kind
        assert contrast(found[kind]["stroke"], found[kind].get("fill", ground)) >= 3, kind
    for text in ("text", ".label", ".failures-label", ".place", ".note"):
        assert contrast(found[text]["fill"], ground) >= 4.5, text


Rectangle = tuple[float, float, float, float]


def rectangle(rect: ET.Element) -> Rectangle:
    left, top = float(rect.get("x", "")), float(rect.get("y", ""))
    right, bottom = left + float(rect.get("width", "")), top + float(rect.get("height", ""))
    return left, top, right, bottom


def meets(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def surrounds(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[0] and one[1] < other[1] and other[2] < one[2] and other[3] < one[3]


@unhurried
@example((8, [(0, 4), (0, 5), (0, 6), (4, 7)]), ["a", *[""] * 3, *["a"] * 4])
@given(graphs(), st.lists(st.sampled_from(["", "a", "a/b", "a/b/c", "d"]), min_size=25))
def test_a_frame_is_around_the_boxes_of_its_segment_and_no_others(
    graph: Graph, segments: Sequence[str]
) -> None:
    boxes = [
        Box(str(number), f"box {number}", "", "processor", str(number), segments[number])
        for number in range(graph[0])
    ]

    root = drawn(graph, boxes)

    frames = [
        (each.get("data-segment", ""), rectangle(each)) for each in parts(root, "rect", "segment")
    ]
    for node in parts(root, "g", "node"):
        (rect,) = node.iter(f"{SVG}rect")
        segment = segments[int(node.get("data-node", ""))]
        around = [name for name, frame in frames if surrounds(frame, rectangle(rect))]
        assert {name for name, frame in frames if meets(frame, rectangle(rect))} == {*around}
        path = segment.split("/") if segment else []
        assert sorted(around) == ["/".join(path[:depth]) for depth in range(1, len(path) + 1)]
