# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The edge: what each verb does, who is woken by it, and what is counted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flow.ends import Ends, take, take_some, untimed
from typedpipes.flow.edge import AHEAD, GAP, NO_END, NOWHERE, Edge

ITEMS = st.integers(0, 9)


def breaks_after(*numbers: int) -> Iterator[int]:
    yield from numbers
    raise OSError("no connection")


# Items


def test_items_come_out_in_the_order_in_which_they_were_put() -> None:
    edge = Edge[int](10, low=5)

    edge.append(1)
    edge.appender()(2)
    edge.extend([3, 4])

    assert list(edge.take(4)) == [1, 2, 3, 4]


def test_room_is_what_the_bound_leaves() -> None:
    edge = Ends([1, 2, 3], maxsize=5).edge

    assert edge.room() == 2
    take(edge, 2)
    assert edge.room() == 4


def test_an_edge_is_over_once_it_is_closed_and_empty() -> None:
    edge = Ends([1]).edge

    assert not edge.over()
    edge.close()
    assert not edge.over()
    take(edge, 1)
    assert edge.over()


def test_put_counts_what_append_and_extend_put() -> None:
    edge = Ends[int]().edge

    edge.append(1)
    edge.extend([2, 3])

    assert edge.put == 3


def test_what_an_iterable_gave_before_it_raised_is_put_and_counted() -> None:
    edge = Ends([0]).edge

    with pytest.raises(OSError, match="no connection"):
        edge.extend(breaks_after(1, 2))

    assert list(edge.items) == [0, 1, 2]
    assert edge.put == 3


def test_an_edge_that_nothing_was_put_into_answers_as_an_empty_one() -> None:
    edge = Edge[int](3, low=1)

    assert (edge.available(), edge.waiting(), edge.room()) == (0, 0, 3)
    assert edge.peek() == edge.drain() == []
    edge.advance()
    edge.took()


# What a reader asks for


def test_a_reader_that_wants_items_asks_the_writer_for_attention() -> None:
    ends = Ends[int]()

    ends.edge.want_items()

    assert ends.writer.attention
    assert not ends.reader.attention


def test_a_reader_that_waits_is_woken_once_something_was_put() -> None:
    ends = Ends[int]()
    ends.edge.want_items()

    ends.edge.gave()
    assert ends.reader.wakes == 0  # there is nothing yet
    ends.edge.append(1)
    assert ends.reader.wakes == 0  # the writer has not said so yet
    ends.edge.gave()
    assert ends.reader.wakes == 1


def test_a_reader_that_waits_is_woken_before_what_is_about_to_be_put() -> None:
    ends = Ends[int]()
    ends.edge.want_items()

    ends.edge.gave(more=True)

    assert ends.reader.wakes == 1


def test_a_reader_is_woken_once_for_each_time_it_asks() -> None:
    ends = Ends[int]()

    ends.edge.want_items()
    for number in range(3):
        ends.edge.append(number)
        ends.edge.gave()
    assert ends.reader.wakes == 1
    ends.edge.want_items()
    ends.edge.gave()
    assert ends.reader.wakes == 2


def test_a_reader_that_did_not_ask_is_not_woken() -> None:
    ends = Ends([1])

    ends.edge.gave()
    ends.edge.close()

    assert ends.reader.wakes == 0


def test_closing_wakes_a_reader_that_waits_though_there_is_nothing() -> None:
    ends = Ends[int]()
    ends.edge.want_items()

    ends.edge.close()
    ends.edge.close()

    assert ends.reader.wakes == 1
    assert ends.edge.over()


# What a writer asks for


def test_a_writer_that_wants_room_soon_asks_the_reader_for_attention() -> None:
    ends = Ends([1], maxsize=1)

    asked: list[bool] = []
    for soon in (False, True):
        ends.edge.want_room(soon=soon)
        asked.append(ends.reader.attention)

    assert asked == [False, True]
    assert not ends.writer.attention


@pytest.mark.parametrize("maxsize", [1, 2, 3, 10, 11])
def test_a_writer_that_waits_is_woken_when_one_more_item_makes_the_edge_half_empty(
    maxsize: int,
) -> None:
    ends = Ends(range(maxsize), maxsize=maxsize)
    ends.edge.want_room()

    left: list[int] = []
    for _ in range(maxsize):
        ends.edge.took()
        left += [len(ends.edge.items)] * ends.writer.wakes
        take_some(ends.edge, 1, 1)

    assert left[0] == maxsize // 2 + 1


def test_a_writer_is_woken_once_for_each_time_it_asks() -> None:
    ends = Ends(range(4), maxsize=4)
    ends.edge.want_room()

    while ends.edge.items:
        take(ends.edge, 1)

    assert ends.writer.wakes == 1


def test_a_writer_that_did_not_ask_is_not_woken() -> None:
    ends = Ends(range(4), maxsize=4)

    take(ends.edge, 4)

    assert ends.writer.wakes == 0


@untimed
@given(maxsize=st.integers(1, 20), data=st.data())
def test_before_low_is_how_many_may_be_taken_before_the_writer_is_woken(
    maxsize: int, data: st.DataObject
) -> None:
    low = data.draw(st.integers(0, maxsize - 1))
    ends = Ends(range(data.draw(st.integers(1, maxsize))), maxsize=maxsize, low=low)
    ends.edge.want_room()
    if ends.edge.is_low():
        assert ends.edge.before_low() == 1
    else:
        for _ in range(ends.edge.before_low()):
            assert not ends.edge.is_low()
            take_some(ends.edge, 1, 1)
    assert ends.edge.is_low()
    assert ends.writer.wakes == 0  # these were questions

    ends.edge.took()

    assert ends.writer.wakes == 1


def test_any_number_may_be_taken_before_a_writer_that_does_not_wait() -> None:
    edge = Ends([1]).edge

    assert edge.before_low() == sys.maxsize
    assert not edge.is_low()


# Leaving


def test_a_reader_that_leaves_tells_the_writer_once_and_takes_nothing_with_it() -> None:
    ends = Ends([1, 2], maxsize=2)
    ends.edge.want_room()

    ends.edge.leave()
    ends.edge.leave()
    ends.edge.took()

    assert ends.edge.left
    assert ends.writer.leavings == 1
    assert ends.writer.wakes == 0  # there is no room to wait for any more
    assert list(ends.edge.items) == [1, 2]


def test_ends_that_were_forgotten_hear_of_nothing() -> None:
    ends = Ends([1], maxsize=1)
    ends.edge.want_items()
    ends.edge.want_room()

    ends.edge.forget_reader()
    ends.edge.forget_writer()
    ends.edge.gave()
    ends.edge.took()
    ends.edge.leave()

    assert ends.edge.reader is ends.edge.writer is NO_END
    assert ends.reader.wakes == ends.writer.wakes == ends.writer.leavings == 0


# Gaps


def test_gaps_are_items_where_they_are_to_be_passed_on() -> None:
    edge = Ends[object]([GAP, 1, GAP]).edge

    edge.advance()

    assert edge.available() == 3
    assert take(edge, 3) == [GAP, 1, GAP]
    assert edge.taken == 3


def test_gaps_in_front_are_cleared_away_where_they_are_skipped() -> None:
    edge = Ends[object]([GAP, GAP, 1, 2, GAP, 3]).edge
    edge.skip_gaps()

    assert edge.available() == 0  # a question clears nothing away
    edge.advance()

    assert edge.available() == 2  # up to the next gap
    assert take(edge, 2) == [1, 2]
    edge.advance()
    assert take(edge, 1) == [3]
    assert edge.taken == 3


def test_an_edge_with_nothing_but_gaps_is_over_once_they_are_cleared_away() -> None:
    edge = Ends[object]([GAP, GAP]).edge
    edge.skip_gaps()
    edge.close()

    edge.advance()

    assert edge.over()
    assert edge.taken == 0


def test_clearing_gaps_away_wakes_a_writer_that_waits_for_room() -> None:
    ends = Ends[object]([GAP] * 4, maxsize=4)
    ends.edge.skip_gaps()
    ends.edge.want_room()

    ends.edge.advance()

    assert ends.writer.wakes == 1


def test_gaps_are_not_seen_by_those_who_only_look() -> None:
    edge = Ends[object]([1, GAP, 2]).edge
    edge.skip_gaps()

    assert edge.waiting() == 2
    assert edge.peek() == [1, 2]
    assert edge.room() == 97  # but they take their place


def test_a_plan_for_an_edge_with_gaps_looks_a_bounded_number_of_items_ahead() -> None:
    edge = Ends(range(AHEAD + 5), maxsize=AHEAD + 5).edge
    edge.skip_gaps()

    assert edge.available() == AHEAD


# Counting


def test_taken_counts_each_item_when_it_is_asked_for() -> None:
    edge = Ends(range(5)).edge
    counts = [edge.taken]

    for _ in edge.take(3):
        counts.append(edge.taken)  # noqa: PERF401  # it is looked at on the way

    assert counts == [0, 1, 2, 3]


@untimed
@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), max_size=10))
def test_taken_counts_only_what_was_taken_before_a_take_was_abandoned(
    takes: list[tuple[int, int]],
) -> None:
    edge = Ends(range(100)).edge
    taken: list[int] = []

    for planned, count in takes:
        taken += islice(edge.take(planned), count if planned > 1 else 1)
        assert edge.taken == len(taken)

    assert taken == list(range(len(taken)))
    assert list(edge.items) == list(range(len(taken), 100))


# Taking back, and letting go


def test_draining_takes_back_all_but_gaps_and_wakes_both_ends() -> None:
    ends = Ends[object]([1, GAP, 2], maxsize=3)
    ends.edge.want_room()
    ends.reader.attention = False

    assert ends.edge.drain() == [1, 2]

    assert not ends.edge.items
    assert ends.writer.wakes == 1
    assert ends.reader.attention  # what it has seen is gone
    assert ends.edge.taken == 0  # the reader took none of it


def test_draining_an_empty_edge_disturbs_nothing() -> None:
    ends = Ends[int]()

    assert ends.edge.drain() == []

    assert not ends.reader.attention


def test_what_a_detached_writer_still_puts_goes_nowhere() -> None:
    edge = Ends([1]).edge
    put = edge.appender()

    edge.detach_writer()
    put(2)

    assert list(edge.items) == [1]
    edge.append(3)
    assert list(edge.items) == [1, 3]


def test_a_writer_can_be_detached_before_it_put_anything() -> None:
    edge = Edge[int](1, low=0)

    edge.detach_writer()

    assert edge.peek() == []


@pytest.mark.parametrize("gaps", [0, 1, 3])
def test_one_that_waits_until_all_is_read_is_woken_by_the_last_item_before_gaps(gaps: int) -> None:
    ends = Ends[object]([1, GAP, 2, 3] + [GAP] * gaps)
    ends.edge.close()
    waiting = Ends[object]().reader

    ends.edge.call_when_read(waiting)
    seen = [(len(take(ends.edge, 1)), waiting.wakes) for _ in range(3)]
    assert [wakes for _, wakes in seen] == [0, 0, 1]  # with the item before the last one

    take(ends.edge, 1)
    assert waiting.wakes == 1
    assert ends.writer.wakes == 0  # it has closed the edge


def test_nowhere_there_always_is_room_and_nothing_is_kept() -> None:
    NOWHERE.append(1)
    NOWHERE.extend([2, 3])
    NOWHERE.close()

    assert NOWHERE.room() == sys.maxsize
    assert NOWHERE.edges == ()
    assert NOWHERE.peek() == []
    assert not NOWHERE.closed
    assert not NOWHERE.left
