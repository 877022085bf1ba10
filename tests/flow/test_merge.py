# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The merge: several edges take turns, and none waits for ever."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.flow.ends import Ends, edges, take, take_all, take_some, untimed
from typedpipes.flow.edge import GAP
from typedpipes.flow.merge import Merge

COLUMNS = st.lists(st.integers(0, 12), min_size=2, max_size=4).map(
    lambda counts: [
        [100 * place + each for each in range(count)] for place, count in enumerate(counts)
    ]
)
"""How many items each edge has; each item says which edge it comes from."""


def merge(ends: Sequence[Ends[int]], prefer: int | None = None) -> Merge[int]:
    return Merge([each.edge for each in ends], prefer)


def test_edges_take_turns_and_each_gives_a_slice() -> None:
    merged = merge(edges([1, 2, 3], [11, 12, 13], [21, 22, 23]))

    slices = [take(merged, 2) for _ in range(3)]
    assert slices == [[1, 2], [11, 12], [21, 22]]
    assert merged.available() == 1  # what the edge has left whose turn it is


def test_an_edge_without_items_is_passed_over_and_keeps_its_turn() -> None:
    ends = edges([1, 2], [], [21, 22])
    merged = merge(ends)

    first = [take(merged, 1), take(merged, 1)]
    ends[1].edge.append(11)
    then = [take(merged, 1) for _ in range(3)]

    assert first == [[1], [21]]
    assert then == [[2], [11], [22]]


@untimed
@given(COLUMNS, st.integers(1, 5))
def test_an_edge_with_items_has_its_turn_after_one_slice_of_each_other(
    columns: list[list[int]], longest: int
) -> None:
    merged = merge(edges(*columns))
    turns: list[int] = []
    while count := min(merged.available(), longest):
        turns.append(take(merged, count)[0] // 100)

    for place, column in enumerate(columns):
        had = [turn for turn, each in enumerate(turns) if each == place]
        gaps = [later - turn for turn, later in zip([-1, *had], had, strict=False)]
        assert max(gaps, default=0) <= len(columns)
        assert len(had) == -(-len(column) // longest)


def test_a_preferred_edge_is_taken_from_as_long_as_it_has_items() -> None:
    ends = edges([1, 2, 3, 4], [11, 12, 13, 14], [21, 22])
    merged = merge(ends, prefer=1)

    first = [take(merged, 2) for _ in range(3)]
    for item in (15, 16):
        ends[1].edge.append(item)
    then = [take(merged, 2) for _ in range(3)]

    assert first == [[11, 12], [13, 14], [1, 2]]
    assert then == [[15, 16], [21, 22], [3, 4]]


@untimed
@given(st.lists(st.booleans(), min_size=12, max_size=12))
def test_the_others_take_turns_whenever_the_preferred_edge_has_nothing(comes: list[bool]) -> None:
    ends = edges([], [*range(100, 150)], [*range(200, 250)])
    merged = merge(ends, prefer=0)
    others: list[int] = []

    for urgent in comes:
        if urgent:
            ends[0].edge.append(0)
        (item,) = take(merged, 1)
        assert (item == 0) == urgent
        others += [] if urgent else [item // 100]

    assert all(one != next_one for one, next_one in pairwise(others))


@untimed
@given(
    COLUMNS,
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.sampled_from([None, 0, 1]),
)
def test_all_items_come_out_and_each_edge_keeps_its_order(
    columns: list[list[int]], slices: list[int], prefer: int | None
) -> None:
    merged = merge(edges(*columns), prefer)

    taken = take_all(merged, slices)

    for place, column in enumerate(columns):
        assert [item for item in taken if item // 100 == place] == column
    assert len(taken) == merged.taken == sum(map(len, columns))


def test_a_take_that_was_abandoned_counts_what_it_gave_and_costs_the_turn() -> None:
    merged = merge(edges([1, 2, 3], [11, 12]))

    assert take_some(merged, 1, planned=3) == [1]
    assert merged.taken == 1
    assert take(merged, 2) == [11, 12]
    assert merged.taken == 3


def test_gaps_are_cleared_away_on_every_edge() -> None:
    ends = [Ends[object]([GAP, 1, GAP, 2]), Ends[object]([GAP, 11])]
    for each in ends:
        each.edge.skip_gaps()
    merged = Merge([each.edge for each in ends])

    merged.advance()
    assert [each.edge.items[0] for each in ends] == [1, 11]
    assert merged.peek() == [1, 2, 11]
    assert merged.waiting() == 3
    assert take_all(merged) == [1, 11, 2]
    assert merged.taken == 3


def test_a_merge_is_over_with_the_last_of_its_edges() -> None:
    ends = edges([1], [])
    merged = merge(ends)

    ends[1].edge.close()
    assert not merged.over()
    ends[0].edge.close()
    assert not merged.over()
    take(merged, 1)
    assert merged.over()


def test_a_reader_that_wants_items_waits_at_every_edge_that_is_open() -> None:
    ends = [Ends[int]() for _ in range(3)]
    ends[1].edge.close()

    merge(ends).want_items()

    assert [each.edge.reader_waits for each in ends] == [True, False, True]
    assert [each.writer.attention for each in ends] == [True, False, True]


def test_every_writer_that_waits_is_woken_once_its_edge_is_low() -> None:
    ends = edges(range(4), range(4), maxsize=4)
    merged = merge(ends)
    ends[0].edge.want_room()
    assert merged.before_low() == 1  # although any number may be taken of the other one
    ends[1].edge.want_room()

    take(merged, 4)  # of the first
    assert [each.writer.wakes for each in ends] == [1, 0]
    take(merged, 4)
    assert [each.writer.wakes for each in ends] == [1, 1]


def test_a_merge_holds_what_its_edges_hold() -> None:
    assert merge([Ends[int](maxsize=3) for _ in range(3)]).maxsize == 9


def test_leaving_leaves_every_edge() -> None:
    ends = edges([1], [2])

    merge(ends).leave()

    assert [each.writer.leavings for each in ends] == [1, 1]
    assert [list(each.edge.items) for each in ends] == [[1], [2]]
