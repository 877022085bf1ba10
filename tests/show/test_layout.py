"""The layout of an SVG: what must hold of any graph, and that crossings are few."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from typedpipes.show.layout import Plan, Size, plan
from typedpipes.show.layout.order import crossings, ordered

BOX, LABEL = Size(80, 34), Size(40, 17)
unhurried = settings(deadline=None)
Link = tuple[int, int]
Graph = tuple[int, list[Link]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 25))
    ends = st.integers(0, count - 1)
    links = draw(st.lists(st.tuples(ends, ends), max_size=60))
    return count, [(one, other) for one, other in links if one < other]


def laid_out(count: int, links: list[Link]) -> Plan:
    return plan([BOX] * count, links, [LABEL] * len(links))


@unhurried
@given(graphs())
def test_boxes_and_labels_do_not_overlap(graph: Graph) -> None:  # type: ignore[misc]  # @given
    layout = laid_out(*graph)

    places = [(*box, BOX) for box in layout.boxes]
    places += [(*route.label, LABEL) for route in layout.routes]

    for (x1, y1, one), (x2, y2, other) in combinations(places, 2):
        apart = abs(x1 - x2) - (one.width + other.width) / 2
        below = abs(y1 - y2) - (one.height + other.height) / 2
        assert max(apart, below) > 5


@unhurried
@given(graphs())
def test_everything_is_inside_the_picture(graph: Graph) -> None:  # type: ignore[misc]  # @given
    layout = laid_out(*graph)

    for x, y in layout.boxes:
        assert BOX.width / 2 - 1e-6 <= x <= layout.size.width - BOX.width / 2 + 1e-6
        assert BOX.height / 2 - 1e-6 <= y <= layout.size.height - BOX.height / 2 + 1e-6


@unhurried
@given(graphs())
def test_arrows_go_down_from_the_bottom_of_one_box_to_the_top_of_another(graph: Graph) -> None:  # type: ignore[misc]  # @given
    layout = laid_out(*graph)

    for (start, end), route in zip(graph[1], layout.routes, strict=True):
        heights = [y for _, y in route.points]
        assert heights == sorted(heights)
        assert heights[0] == layout.boxes[start][1] + BOX.height / 2
        assert heights[-1] == layout.boxes[end][1] - BOX.height / 2
        assert abs(route.points[0][0] - layout.boxes[start][0]) < BOX.width / 2
        assert abs(route.points[-1][0] - layout.boxes[end][0]) < BOX.width / 2


def test_a_chain_is_one_straight_line() -> None:
    layout = laid_out(4, [(0, 1), (1, 2), (2, 3)])

    assert {round(x, 3) for route in layout.routes for x, _ in route.points} == {BOX.width / 2}


def test_a_tree_is_drawn_without_crossings() -> None:
    links = [((child - 1) // 3, child) for child in range(1, 40)]
    rows = [[0], [3, 1, 2], [12, 4, 9, 7, 5, 11, 6, 8, 10], [*range(39, 12, -1)]]

    assert crossings(rows, links) > 0
    assert crossings(ordered(rows, links), links) == 0


def test_sweeping_finds_an_order_without_crossings() -> None:
    links = [(0, 3), (1, 2), (1, 4), (2, 6), (2, 7), (3, 5), (4, 6)]
    rows = [[0, 1], [2, 3, 4], [5, 6, 7]]

    assert crossings(rows, links) > 0
    assert crossings(ordered(rows, links), links) == 0


def test_a_source_that_is_needed_far_below_stands_there() -> None:
    layout = laid_out(5, [(0, 1), (1, 2), (2, 4), (3, 4)])

    assert layout.boxes[3][1] == layout.boxes[2][1]


def test_two_thousand_boxes_are_laid_out() -> None:
    links = [(box // 3, box) for box in range(1, 2000)]

    assert len(laid_out(2000, links).boxes) == 2000
