# mypy: disable-error-code="misc"
# The decorator of hypothesis gives Callable[..., None], and the dots are an Any.
"""Pieces keep the order of their items, however they are split, answered and taken back."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from typedpipes.engine.held import HeldResults
from typedpipes.flow.edge import GAP, Edge
from typedpipes.offload.handed import Handed
from typedpipes.offload.piece import Piece
from typedpipes.offload.waiting import Waiting


def pieces_of(*sizes: int) -> list[Piece]:
    """Return pieces of these sizes, whose items are numbers one after the other."""
    numbers = iter(range(sum(sizes)))
    return [Piece([next(numbers) for _ in range(size)]) for size in sizes]


def items_of(pieces: Sequence[Piece]) -> list[int]:
    return [item for piece in pieces for item in piece.items]


@given(st.lists(st.integers(1, 9), max_size=9), st.integers(1, 20))
def test_what_waits_is_taken_in_order_and_as_much_as_was_asked_for(
    sizes: list[int], count: int
) -> None:
    waiting = Waiting()
    for piece in pieces_of(*sizes):
        waiting.add(piece)

    taken = items_of(waiting.take(count))

    assert taken == [*range(min(count, sum(sizes)))]
    assert waiting.count == sum(sizes) - len(taken)
    assert items_of(waiting.take_all()) == [*range(len(taken), sum(sizes))]


def test_an_item_that_must_go_alone_is_taken_alone() -> None:
    waiting = Waiting()
    pieces = pieces_of(2, 1, 2)
    pieces[1].alone = True
    for piece in pieces:
        waiting.add(piece)

    taken = [items_of(waiting.take(5)) for _ in range(3)]

    assert taken == [[0, 1], [2], [3, 4]]


def test_what_is_taken_back_goes_before_what_waits() -> None:
    waiting = Waiting()
    first, second, third = pieces_of(1, 2, 1)
    waiting.add(third)

    waiting.put_first([first, second])

    assert waiting.count == 4
    assert items_of(waiting.take_all()) == [0, 1, 2, 3]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9), st.data())
def test_a_child_answers_in_order_and_what_it_does_not_is_taken_back(
    sizes: list[int], data: st.DataObject
) -> None:
    count = sum(sizes)
    answered = data.draw(st.integers(0, count))
    kept = data.draw(st.integers(answered, count))
    handed = Handed()
    handed.add(pieces_of(*sizes))

    answers = handed.answer([-number for number in range(answered)])
    back = handed.take_from(kept)

    assert [item for _, items, _ in answers for item in items] == [*range(answered)]
    assert [result for _, _, results in answers for result in results] == [
        -number for number in range(answered)
    ]
    assert items_of(back) == [*range(kept, count)]
    assert [handed.has(number) for number in range(count)] == [
        answered <= number < kept for number in range(count)
    ]
    assert handed.count == kept - answered
    assert handed.first == (answered if kept > answered else count)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9), st.data())
def test_items_in_the_middle_are_taken_back_and_the_others_keep_their_numbers(
    sizes: list[int], data: st.DataObject
) -> None:
    count = sum(sizes)
    first = data.draw(st.integers(0, count))
    some = data.draw(st.integers(0, count))
    handed = Handed()
    handed.add(pieces_of(*sizes))

    taken = items_of(handed.take(first, some))

    assert taken == [*range(first, min(first + some, count))]
    assert [number for number in range(count) if handed.has(number)] == [
        number for number in range(count) if number not in taken
    ]
    assert handed.count == count - len(taken)


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=6),
    st.booleans(),
    st.integers(1, 12),
    st.randoms(use_true_random=False),
)
def test_results_keep_their_order_however_they_are_worked_on(
    sizes: list[int],
    in_order: bool,
    room: int,
    rng: random.Random,
) -> None:
    held = HeldResults(in_order=in_order)
    outputs = Edge[int](room, low=0)
    pieces = pieces_of(*sizes)
    held.expect(pieces)
    to_do = deque(pieces)
    put: list[int] = []

    while to_do:
        rng.shuffle(to_do)
        piece = to_do.popleft()
        count = rng.randint(1, len(piece.items))
        if count < len(piece.items) and rng.random() < 0.5:
            to_do.append(piece.split(count))
        results = piece.items[:count]
        del piece.items[:count]
        if piece.items:
            to_do.append(piece)
        held.add(piece, results)
        held.put(outputs)
        put += outputs.drain()
    while held.ready:
        held.put(outputs)
        put += outputs.drain()

    assert (put if in_order else sorted(put)) == [*range(sum(sizes))]
    assert held.count == 0


def test_gaps_keep_their_place_and_are_not_told_as_results() -> None:
    held = HeldResults(in_order=True)
    outputs = Edge[object](10, low=0)
    first, second = pieces_of(1, 1)
    held.expect([first])
    held.add_gaps([GAP, GAP])
    held.expect([second])

    second.items.clear()
    held.add(second, ["second"])
    told = [*held]
    held.put(outputs)
    before = [*outputs.items]
    first.items.clear()
    held.add(first, ["first"])
    held.put(outputs)

    assert told == ["second"]
    assert before == []
    assert [*outputs.items] == ["first", GAP, GAP, "second"]
