"""Results of many workers for requests: in order for each, none waiting for those of another."""

from __future__ import annotations

from typedpipes.engine.lanes import Lanes
from typedpipes.flow.edge import Edge
from typedpipes.flow.request import Request, Tagged


def a_request() -> Request:
    return Request(1, {}, lambda _: None)


def test_a_request_does_not_wait_for_one_before_it() -> None:
    lanes, edge = Lanes(places=4, share=1), Edge[object](4, low=0)
    first, second = Tagged(1, a_request()), Tagged(2, a_request())
    lanes.open(first)
    slot = lanes.open(second)

    slot.results.append("two")
    slot.done = True
    lanes.put(edge)

    assert [*edge.items] == ["two"]
    assert lanes.places(free=9) == 3


def test_results_of_one_request_wait_for_those_before_them() -> None:
    lanes, edge = Lanes(places=4, share=2), Edge[object](4, low=0)
    request = a_request()
    first, second = (lanes.open(Tagged(number, request)) for number in range(2))

    second.results.append("two")
    second.done = True
    lanes.put(edge)
    before = [*edge.items]
    first.results.append("one")
    first.done = True
    lanes.put(edge)

    assert before == []
    assert [*edge.items] == ["one", "two"]


def test_requests_have_the_room_in_turn() -> None:
    lanes, edge = Lanes(places=4, share=9), Edge[object](1, low=0)
    slots = [lanes.open(Tagged(number, a_request())) for number in range(3)]
    for name, slot in zip("abc", slots, strict=True):
        slot.results += [name, name]

    put: list[object] = []
    for _ in range(6):
        lanes.put(edge)
        put.append(edge.items.popleft())

    assert put == ["a", "b", "c", "a", "b", "c"]


def test_what_is_held_is_there_to_be_seen() -> None:
    lanes, edge = Lanes(places=4, share=9), Edge[object](1, low=0)
    slots = [lanes.open(Tagged(number, a_request())) for number in range(2)]
    slots[0].results += ["a", "b"]
    slots[1].results += ["c"]

    lanes.put(edge)

    assert [*edge.items] == ["a"]
    assert sorted(map(str, lanes.held())) == ["b", "c"]
    assert lanes.ready()
