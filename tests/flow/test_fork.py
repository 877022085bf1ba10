"""The fork: every reader gets every item, and each may leave when it likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.flow.ends import Ends, edges, take
from typedpipes.flow.edge import GAP, Append
from typedpipes.flow.fork import Fork

COUNTS = [2, 3, 4, 5]
"""Up to four edges have a way of their own to be filled."""


def fork(ends: Sequence[Ends[int]]) -> Fork[int]:
    """Make a fork that hears which readers leave, as the node behind which it stands does."""
    made = Fork([each.edge for each in ends])
    for each in ends:
        each.edge.writer = Telling(made)
    return made


class Telling:
    """A writer that tells its fork when a reader leaves."""

    def __init__(self, outputs: Fork[int]) -> None:
        self.attention: bool = False
        self._outputs = outputs

    def wake(self) -> None:
        """Do nothing."""

    def reader_left(self) -> None:
        self._outputs.reader_left()


def contents(ends: Sequence[Ends[int]]) -> list[list[int]]:
    return [list(each.edge.items) for each in ends]


def by_append(outputs: Fork[int]) -> Append[int]:
    return outputs.append


def by_appender(outputs: Fork[int]) -> Append[int]:
    return outputs.appender()


def by_extend(outputs: Fork[int]) -> Append[int]:
    return lambda item: outputs.extend([item])


WAYS = [by_append, by_appender, by_extend]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("way", WAYS)
def test_every_edge_gets_every_item(way: Callable[[Fork[int]], Append[int]], count: int) -> None:
    ends = [Ends[int]() for _ in range(count)]
    put = way(fork(ends))

    for item in range(3):
        put(item)

    assert contents(ends) == [[0, 1, 2]] * count


@pytest.mark.parametrize("count", COUNTS)
def test_there_is_room_where_all_edges_have_room(count: int) -> None:
    ends = [Ends[int](maxsize=3 + place) for place in range(count)]
    outputs = fork(ends)

    assert outputs.room() == 3
    outputs.extend([1, 2])
    take(ends[0].edge, 2)
    assert outputs.room() == 2  # of the second


def test_what_an_iterable_gave_before_it_raised_is_in_all_edges() -> None:
    def numbers() -> Iterator[int]:
        yield from (1, 2)
        raise OSError("no connection")

    ends = edges([0], [0])
    outputs = fork(ends)

    with pytest.raises(OSError, match="no connection"):
        outputs.extend(numbers())

    assert contents(ends) == [[0, 1, 2]] * 2
    assert outputs.put == 2


def test_only_the_fullest_edge_is_asked_for_room() -> None:
    ends = [Ends(range(count), maxsize=4) for count in (1, 4, 2)]

    fork(ends).want_room()

    assert [each.reader.attention for each in ends] == [False, True, False]
    assert [each.edge.writer_waits for each in ends] == [False, True, False]


def test_every_reader_that_waits_is_woken() -> None:
    ends = [Ends[int]() for _ in range(3)]
    outputs = fork(ends)
    for each in ends[:2]:
        each.edge.want_items()

    outputs.append(1)
    outputs.gave()

    assert [each.reader.wakes for each in ends] == [1, 1, 0]


def test_closing_closes_every_edge() -> None:
    ends = [Ends[int]() for _ in range(3)]

    fork(ends).close()

    assert all(each.edge.closed for each in ends)


# Readers that leave


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("way", WAYS)
def test_readers_leave_one_after_another_while_an_item_is_in_hand(
    way: Callable[[Fork[int]], Append[int]], count: int
) -> None:
    ends = [Ends[int]() for _ in range(count)]
    outputs = fork(ends)
    put = way(outputs)  # it is kept, as by one with an item in hand

    put(0)
    for item, each in enumerate(ends[:-1], start=1):
        each.edge.leave()
        put(item)

    last = count - 1
    assert contents(ends) == [*[list(range(place + 1)) for place in range(last)], [*range(count)]]
    assert not outputs.left
    ends[last].edge.leave()
    assert outputs.left


def test_an_edge_whose_reader_has_left_takes_no_room() -> None:
    ends = [Ends(range(2), maxsize=2), Ends[int](maxsize=5)]
    outputs = fork(ends)

    ends[0].edge.leave()

    assert outputs.room() == 5
    outputs.extend(range(5))
    assert contents(ends) == [[0, 1], [0, 1, 2, 3, 4]]


def test_what_is_put_when_all_readers_have_left_is_kept_where_the_last_one_was() -> None:
    ends = [Ends[int]() for _ in range(2)]
    outputs = fork(ends)
    put = outputs.appender()

    ends[1].edge.leave()
    ends[0].edge.leave()
    put(1)

    assert contents(ends) == [[1], []]
    assert outputs.peek() == [1]


# What not all readers have taken


def test_what_is_left_is_what_some_reader_has_not_taken_and_each_item_once() -> None:
    ends = [Ends[int]() for _ in range(3)]
    outputs = fork(ends)
    outputs.extend(range(6))
    for each, taken in zip(ends, (4, 1, 6), strict=True):
        take(each.edge, taken)

    assert outputs.peek() == [1, 2, 3, 4, 5]
    assert outputs.drain() == [1, 2, 3, 4, 5]
    assert contents(ends) == [[], [], []]
    assert outputs.peek() == []


def test_items_that_are_equal_are_told_apart() -> None:
    ends = [Ends[int]() for _ in range(2)]
    outputs = fork(ends)
    outputs.extend([7, 7, 7])
    take(ends[0].edge, 2)
    take(ends[1].edge, 1)

    assert outputs.peek() == [7, 7]


def test_what_a_reader_left_behind_and_what_came_later_are_left_together() -> None:
    ends = [Ends[int]() for _ in range(2)]
    outputs = fork(ends)
    outputs.extend(range(3))
    take(ends[0].edge, 1)
    ends[0].edge.leave()  # it leaves 1 and 2
    outputs.extend([3, 4])
    take(ends[1].edge, 4)

    assert outputs.peek() == [1, 2, 4]


def test_gaps_are_not_among_what_is_left() -> None:
    ends = [Ends[object]() for _ in range(2)]
    outputs = Fork([each.edge for each in ends])

    outputs.extend([1, GAP, 2])

    assert outputs.peek() == [1, 2]
