# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The zip: tuples whose parts belong together, gaps in place of some of them, and its end."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flow.ends import Ends, edges, take, take_all, take_some, untimed, with_gaps
from typedpipes.flow.edge import GAP
from typedpipes.flow.zip import Zip

T = TypeVar("T")

PLACES = st.sets(st.integers(0, 11))
SLICES = st.lists(st.integers(1, 5), min_size=1, max_size=3)


def zipped(ends: Sequence[Ends[T]]) -> Zip:
    """Zip edges without gaps."""
    return Zip([each.edge for each in ends])


def paired(*columns: Sequence[object], passes: bool = False) -> Zip:
    """Zip edges whose gaps stand for partners."""
    made = [each.edge for each in edges(*columns)]
    return Zip(made, pairs=made, passes=passes)


def test_tuples_have_a_part_of_every_edge_in_the_order_of_the_edges() -> None:
    pairs = zipped(edges([1, 2, 3], [11, 12], [21, 22, 23]))

    assert pairs.available() == 2  # as many as the edge with the fewest
    assert take(pairs, 2) == [(1, 11, 21), (2, 12, 22)]
    assert pairs.available() == 0
    assert pairs.taken == 2


@untimed
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), max_size=10))
def test_a_take_that_was_abandoned_leaves_the_edges_in_step(takes: list[tuple[int, int]]) -> None:
    ends = edges(range(100), range(100), range(100))
    pairs = zipped(ends)
    taken: list[object] = []

    for planned, count in takes:
        taken += take_some(pairs, count, planned)
        assert pairs.taken == len(taken)

    assert taken == [(place,) * 3 for place in range(len(taken))]
    assert {len(each.edge.items) for each in ends} == {100 - len(taken)}


# Gaps


def test_a_tuple_with_a_gap_is_left_out_and_counted_and_later_ones_keep_their_partners() -> None:
    pairs = paired([1, GAP, 3, GAP], [11, 12, 13, GAP])

    assert take_all(pairs) == [(1, 11), (3, 13)]
    assert (pairs.taken, pairs.dropped) == (2, 2)


def test_a_tuple_is_not_left_out_before_all_its_parts_are_there() -> None:
    ends = [Ends[object]([GAP]), Ends[object]([])]
    pairs = Zip([each.edge for each in ends], pairs=[ends[0].edge])

    pairs.advance()
    assert (pairs.dropped, len(ends[0].edge.items)) == (0, 1)
    ends[1].edge.append(11)
    pairs.advance()
    assert (pairs.dropped, len(ends[0].edge.items), len(ends[1].edge.items)) == (1, 0, 0)


def test_gaps_that_stand_for_no_partner_are_skipped() -> None:
    ends = [Ends[object]([1, 2]), Ends[object]([GAP, 11, GAP, GAP, 12])]
    ends[1].edge.skip_gaps()
    pairs = zipped(ends)

    assert pairs.peek() == [(1, 11), (2, 12)]
    assert take_all(pairs) == [(1, 11), (2, 12)]
    assert pairs.dropped == 0


def test_a_zip_that_passes_gaps_on_gives_one_for_a_tuple_with_a_gap() -> None:
    pairs = paired([1, GAP, 3], [11, 12, GAP], passes=True)

    assert pairs.available() == 3
    assert take(pairs, 3) == [(1, 11), GAP, GAP]
    assert (pairs.taken, pairs.dropped) == (3, 2)


def test_a_zip_that_is_to_skip_gaps_passes_none_on_any_more() -> None:
    pairs = paired([1, GAP, 3], [11, 12, 13], passes=True)

    pairs.skip_gaps()

    assert take_all(pairs) == [(1, 11), (3, 13)]
    assert (pairs.taken, pairs.dropped) == (2, 1)


@pytest.mark.parametrize("passes", [False, True])
def test_those_who_only_look_see_whole_tuples(passes: bool) -> None:
    pairs = paired([GAP, 2, 3], [11, 12, GAP, 14], passes=passes)

    assert pairs.peek() == [(2, 12)]
    assert pairs.waiting() == 1
    assert (pairs.taken, pairs.dropped) == (0, 0)


@untimed
@given(st.integers(0, 12), PLACES, PLACES, SLICES, st.booleans())
def test_whatever_is_missing_no_item_gets_the_partner_of_another(
    count: int, gone: set[int], also_gone: set[int], slices: list[int], passes: bool
) -> None:
    columns = with_gaps(range(count), gone), with_gaps(range(count), also_gone)
    pairs = paired(*columns, passes=passes)
    torn = [place for place in range(count) if place in gone | also_gone]

    taken: list[object] = [*take_all(pairs, slices)]

    whole = [(place, place) for place in range(count) if place not in torn]
    assert [each for each in taken if each is not GAP] == whole
    assert len(taken) == pairs.taken == (count if passes else len(whole))
    assert pairs.dropped == len(torn)


def test_a_writer_that_a_torn_tuple_wakes_sees_all_edges_without_it() -> None:
    ends = [Ends[object]([item], maxsize=1) for item in (GAP, 1, 2)]
    pairs = Zip([each.edge for each in ends], pairs=[ends[0].edge])
    seen: list[list[int]] = []
    for each in ends:
        each.edge.want_room()
        each.writer.when_woken = lambda: seen.append([len(one.edge.items) for one in ends])

    pairs.advance()

    assert seen == [[0, 0, 0]] * 3


# The end


def test_a_zip_is_over_when_all_edges_are() -> None:
    ends = edges([1], [11])
    pairs = zipped(ends)
    for each in ends:
        each.edge.close()

    assert not pairs.over()
    take(pairs, 1)
    assert pairs.over()
    assert not pairs.short


def test_a_zip_is_over_when_an_item_will_never_find_its_partner() -> None:
    ends = edges([1], [11, 12])
    pairs = zipped(ends)

    ends[0].edge.close()
    take(pairs, 1)

    assert pairs.over()
    assert pairs.short


def test_a_zip_waits_for_an_edge_that_may_be_over_too() -> None:
    ends = edges([1], [11])
    pairs = zipped(ends)

    ends[0].edge.close()
    take(pairs, 1)
    assert not pairs.over()  # the other one may end with this tuple, or have more
    ends[1].edge.append(12)
    assert pairs.over()
    assert pairs.short


def test_a_reader_that_wants_items_waits_at_every_edge_that_is_open_and_empty() -> None:
    ends = edges([1], [], [], [])
    ends[2].edge.close()

    zipped(ends).want_items()

    assert [each.edge.reader_waits for each in ends] == [False, True, False, True]


# Neighbors


def test_every_writer_that_waits_is_woken_once_its_edge_is_low() -> None:
    ends = [Ends(range(4), maxsize=4), Ends(range(4), maxsize=10)]
    pairs = zipped(ends)
    for each in ends:
        each.edge.want_room()

    assert pairs.before_low() == 1
    pairs.took()
    assert [each.writer.wakes for each in ends] == [0, 1]
    take(pairs, 1)
    assert [each.writer.wakes for each in ends] == [1, 1]


def test_a_zip_holds_what_its_smallest_edge_holds() -> None:
    ends = [Ends[int](maxsize=5), Ends[int](maxsize=2)]

    assert zipped(ends).maxsize == 2


def test_leaving_leaves_every_edge() -> None:
    ends = edges([1], [2])

    zipped(ends).leave()

    assert [each.writer.leavings for each in ends] == [1, 1]


class Part:
    """Something that can be referred to weakly."""


@pytest.mark.parametrize("zips", [False, True])
def test_inputs_say_whether_what_takes_from_them_keeps_the_item_it_gave_last(zips: bool) -> None:
    part = Part()
    seen = weakref.ref(part)
    ends = edges([part, Part()], [Part(), Part()])
    inputs = zipped(ends) if zips else ends[0].edge
    del part

    taking = inputs.take(2)
    next(taking)

    assert (seen() is not None) == inputs.keeps_last
    assert inputs.keeps_last == zips
