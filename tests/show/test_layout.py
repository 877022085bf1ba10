"""The layout of an SVG: what must hold of any graph, and that crossings are few."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import combinations, pairwise
from types import FrameType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from typedpipes.show.layout import Forks, Plan, Size, plan
from typedpipes.show.layout.order import crossings, ordered

BOX, LABEL = Size(80, 34), Size(40, 17)
SIZES = st.builds(Size, st.integers(6, 300), st.integers(4, 50))
unhurried = settings(deadline=None)
Link = tuple[int, int]
Graph = tuple[int, list[Link]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 25))
    ends = st.integers(0, count - 1)
    links = draw(st.lists(st.tuples(ends, ends), max_size=60))
    return count, [(one, other) for one, other in links if one < other]


def complete(count: int) -> Graph:
    """Every box gives to all that come after it."""
    return count, [*combinations(range(count), 2)]


def laid_out(count: int, links: list[Link], ranked: set[int] | None = None) -> Plan:
    starts = sorted({start for start, _ in links})
    forks = Forks([starts.index(start) for start, _ in links], [LABEL] * len(starts))
    return plan([BOX] * count, links, forks, ranked or set())


def lines_of(work: Callable[[], object]) -> int:
    """Count the lines of the layout that are executed: a time that no machine changes."""
    executed = 0

    def line(_frame: FrameType, event: str, _argument: object) -> Any:  # noqa: ANN401  # as sys has it
        nonlocal executed
        executed += event == "line"
        return line

    def call(frame: FrameType, _event: str, _argument: object) -> Any:  # noqa: ANN401  # as sys has it
        return line if "/show/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return executed


@unhurried
@given(graphs())
def test_boxes_and_labels_do_not_overlap(graph: Graph) -> None:  # type: ignore[misc]  # @given
    layout = laid_out(*graph)

    places = [(*box, BOX) for box in layout.boxes]
    places += [(*label, LABEL) for label in layout.labels]

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
        heights = [round(y, 6) for _, y in route]
        assert heights == sorted(heights)
        assert heights[0] == round(layout.boxes[start][1] + BOX.height / 2, 6)
        assert heights[-1] == round(layout.boxes[end][1] - BOX.height / 2, 6)
        assert abs(route[0][0] - layout.boxes[start][0]) < BOX.width / 2
        assert abs(route[-1][0] - layout.boxes[end][0]) < BOX.width / 2


def test_a_chain_is_one_straight_line() -> None:
    layout = laid_out(4, [(0, 1), (1, 2), (2, 3)])

    assert {round(x, 3) for route in layout.routes for x, _ in route} == {BOX.width / 2}


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


@unhurried
@given(graphs(), st.data())
def test_arrows_go_sideways_only_where_there_is_nothing(graph: Graph, data: st.DataObject) -> None:  # type: ignore[misc]  # @given
    count, links = graph
    sizes = data.draw(st.lists(SIZES, min_size=count, max_size=count))
    labels = data.draw(st.lists(SIZES, min_size=len(links), max_size=len(links)))
    layout = plan(sizes, links, Forks(range(len(links)), labels))

    things = [*zip(layout.boxes, sizes, strict=True), *zip(layout.labels, labels, strict=True)]
    for route in layout.routes:
        for (x1, top), (x2, bottom) in pairwise(route):
            for (_, y), size in things:
                above, below = y - size.height / 2, y + size.height / 2
                assert x1 == x2 or above > bottom - 1e-6 or below < top + 1e-6


@unhurried
@given(graphs(), st.integers(0, 24))
def test_arrows_of_a_ranked_box_end_in_their_order(graph: Graph, box: int) -> None:  # type: ignore[misc]  # @given
    layout = laid_out(*graph, ranked={box})

    heads = [
        route[-1][0] for (_, end), route in zip(graph[1], layout.routes, strict=True) if end == box
    ]

    assert heads == sorted(heads)


def test_givers_stand_in_the_order_of_the_box_that_ranks_them() -> None:
    layout = laid_out(4, [(1, 3), (0, 3), (2, 3)], ranked={3})

    assert layout.boxes[1][0] < layout.boxes[0][0] < layout.boxes[2][0]


def test_arrows_cross_where_two_boxes_rank_the_same_givers_differently() -> None:
    links = [(0, 2), (1, 2), (1, 3), (0, 3)]
    layout = laid_out(4, links, ranked={2, 3})

    ends = [route[-1][0] for route in layout.routes]
    assert ends[0] < ends[1]
    assert ends[2] < ends[3]


def test_arrows_of_a_fork_are_one_line_down_to_where_they_part() -> None:
    layout = laid_out(5, [(0, 1), (1, 2), (2, 3), (3, 4), (0, 3), (0, 4)])

    to_three, to_four = layout.routes[4:]
    assert to_three[:-2] == to_four[: len(to_three) - 2]
    assert len(layout.labels) == 4


def test_twenty_boxes_with_all_arrows_are_laid_out_in_few_steps() -> None:
    graph = complete(20)

    assert lines_of(lambda: laid_out(*graph)) < 1_000_000


def test_a_thousand_boxes_in_rows_are_laid_out_in_few_steps() -> None:
    links = [(box - 20 + shift, box) for box in range(20, 1000) for shift in (0, 3, -7)]
    graph = (1000, [(start, end) for start, end in links if start >= 0])

    assert lines_of(lambda: laid_out(*graph)) < 3_000_000


def test_steps_do_not_grow_faster_than_the_graph() -> None:
    wide = [(box % 100, 100 + other) for box in range(100) for other in range(100)]
    wider = [(box % 200, 200 + other) for box in range(200) for other in range(200)]

    few, many = (lines_of(lambda: laid_out(*graph)) for graph in ((200, wide), (400, wider)))  # noqa: B023  # called at once

    assert many < 6 * few  # four times as many arrows


def test_two_thousand_boxes_are_laid_out() -> None:
    links = [(box // 3, box) for box in range(1, 2000)]

    assert len(laid_out(2000, links).boxes) == 2000
