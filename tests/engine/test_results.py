# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""The results of many workers: a line keeps the order, a bag does not, and both are bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flow.ends import untimed
from typedpipes.engine.results import Bag, Line, Results, Slot
from typedpipes.flow.edge import GAP, Edge


def edge(maxsize: int = 100) -> Edge[object]:
    return Edge[object](maxsize, low=maxsize // 2)


def finish(slot: Slot, *results: object) -> None:
    """Note that an item was worked on to the end, with these results."""
    slot.results.extend(results)
    slot.done = True


def test_a_line_puts_nothing_before_the_first_item_is_done() -> None:
    line, outputs = Line(3, share=1), edge()
    first, second, third = (line.open() for _ in range(3))

    finish(third, 3)
    finish(second, 2)
    line.put(outputs)
    assert not line.ready()
    assert not outputs.items
    finish(first, 1)
    assert line.ready()
    line.put(outputs)

    assert list(outputs.items) == [1, 2, 3]
    assert not line.ready()


def test_the_first_in_a_line_passes_on_what_it_has_before_it_is_done() -> None:
    line, outputs = Line(2, share=2), edge()
    first, second = line.open(), line.open()
    first.results += [1, 2]
    finish(second, 3)

    line.put(outputs)
    assert list(outputs.items) == [1, 2]
    finish(first)
    line.put(outputs)

    assert list(outputs.items) == [1, 2, 3]


def test_an_item_without_a_result_lets_the_next_one_pass() -> None:
    line, outputs = Line(2, share=1), edge()
    first, second = line.open(), line.open()
    finish(first)
    finish(second, 2)

    line.put(outputs)

    assert list(outputs.items) == [2]
    assert line.places(free=9) == 2


def test_a_line_says_whose_results_are_next() -> None:
    line = Line(2, share=1)
    first, second = line.open(), line.open()

    assert line.is_next(first)
    assert not line.is_next(second)
    finish(first)
    line.put(edge())
    assert line.is_next(second)


def test_a_line_begins_no_more_items_than_it_has_places() -> None:
    line = Line(3, share=1)

    assert line.places(free=2) == 2
    assert line.places(free=9) == 3
    finish(line.open(), 1)
    assert line.places(free=9) == 2  # a result that waits keeps its place
    line.put(edge())
    assert line.places(free=9) == 3


def test_one_ahead_of_its_turn_may_add_its_share_and_the_first_as_there_is_room() -> None:
    line, outputs = Line(2, share=2), edge(1)
    first, second = line.open(), line.open()

    assert line.may_add(second, outputs)
    second.results += [1, 2]
    assert not line.may_add(second, outputs)
    assert line.may_add(first, outputs)
    first.results.append(0)
    assert not line.may_add(first, outputs)  # one after the other
    line.put(outputs)
    assert not line.may_add(first, outputs)  # there is no room


@untimed
@given(st.data(), st.permutations(range(8)), st.integers(1, 3))
def test_a_line_puts_all_in_order_whatever_the_order_in_which_items_are_done(
    data: st.DataObject, order: list[int], maxsize: int
) -> None:
    line, outputs = Line(len(order), share=2), edge(maxsize)
    reads = st.booleans()
    slots = [line.open() for _ in order]
    made = {
        number: [(number, part) for part in range(data.draw(st.integers(0, 2)))] for number in order
    }
    got: list[object] = []

    for number in order:
        finish(slots[number], *made[number])
        line.put(outputs)
        assert len(outputs.items) <= maxsize
        if data.draw(reads) and outputs.items:
            got += outputs.take(1)
    line.put(outputs)
    while outputs.items:
        got += outputs.take(1)
        line.put(outputs)

    assert got == [each for number in sorted(made) for each in made[number]]
    assert line.places(free=99) == len(order)
    assert not line.ready()


def test_a_bag_puts_results_as_they_come() -> None:
    bag, outputs = Bag(), edge()
    first, second = bag.open(), bag.open()

    second.results.append(2)
    bag.put(outputs)
    first.results.append(1)
    bag.put(outputs)

    assert list(outputs.items) == [2, 1]
    assert bag.is_next(first)
    assert bag.is_next(second)


def test_what_a_bag_holds_takes_the_places_of_workers() -> None:
    bag, outputs = Bag(), edge(1)
    slot = bag.open()
    slot.results += [1, 2, 3]

    bag.put(outputs)

    assert bag.ready()
    assert list(bag.held()) == [2, 3]
    assert bag.places(free=5) == 3
    assert not bag.may_add(slot, outputs)


@pytest.mark.parametrize("results", [Line(5, share=3), Bag()])
def test_what_is_held_is_told_without_gaps_or_with_none(results: Results) -> None:
    slots = [results.open() for _ in range(2)]
    slots[1].results += [3]
    slots[0].results += [1, GAP, 2] if isinstance(results, Line) else [1, 2]  # no bag has gaps

    held = list(results.held())

    assert sorted(map(str, held)) == ["1", "2", "3"]
    assert held == [1, 2, 3] or isinstance(results, Bag)


def test_what_finds_no_room_is_put_later_in_its_order() -> None:
    line, outputs = Line(4, share=1), edge(2)
    for number in range(4):
        finish(line.open(), number)

    line.put(outputs)
    assert list(outputs.items) == [0, 1]
    assert line.ready()
    taken = list(outputs.take(2))
    line.put(outputs)

    assert [*taken, *outputs.items] == [0, 1, 2, 3]
    assert not line.ready()
