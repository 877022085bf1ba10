"""What a run may hold is bounded in bytes, by the size of an item and by how many there may be."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import copy_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.web.budget import TooLarge, bounded, budget_of, most
from demos.web.drawing import check, draw
from demos.web.limits import Limits
from demos.web.offered import OFFERED, avoid, explain, join, measure, reverse, shout, square
from demos.web.protocol import Checked, Message, Wrong
from demos.web.running import Running
from demos.web.session import Session
from tests.support.clock import Clock
from tests.web.visitors import endless
from typedpipes import Failure

MOST = 1_000
Call = Callable[[str, int], Coroutine[object, object, str | int]]
MAKE: dict[str, Call] = {
    "shout": lambda text, _: shout(text),
    "reverse": lambda text, _: reverse(text),
    "join": lambda text, _: join((text, text)),
    "measure": lambda text, number: measure((text, number)),
    "explain": lambda text, _: explain(Failure(text, ValueError(text), "node")),
    "square": lambda _, number: square(number),
    "avoid": lambda text, _: avoid(text, text[:-1] or "x"),
}
PASS_ON = {"strings", "numbers", "length", "letters", "slowly", "emit"}


texts = st.builds(str.__mul__, st.text(min_size=1, max_size=3), st.integers(1, 500))


def made(call: Call, text: str, number: int) -> str | int:
    """Make something in a run whose items may have so many bytes."""

    def run() -> str | int:
        most.set(MOST)
        return asyncio.run(asyncio.wait_for(call(text, number), None))

    return copy_context().run(run)


def test_every_coroutine_that_is_offered_is_tried_or_makes_nothing_large() -> None:
    assert set(OFFERED) == set(MAKE) | PASS_ON


@pytest.mark.parametrize("name", MAKE)
@settings(deadline=None)
@given(text=texts, number=st.integers(-(10**700), 10**700))
def test_what_is_made_is_bounded_or_fails(name: str, text: str, number: int) -> None:  # type: ignore[misc]  # @given
    try:
        item = made(MAKE[name], text, number)
    except ValueError as error:
        item = str(error)  # it is kept in a failure

    assert sys.getsizeof(item) <= MOST


def test_an_item_that_is_too_large_says_what_helps() -> None:
    text = "x" * 2_000
    size = sys.getsizeof(text)  # it depends on the version of Python

    def run() -> None:
        most.set(MOST)
        with pytest.raises(TooLarge, match=f"an item of {size:,} bytes is too large here: 1,000 "):
            bounded(text)

    copy_context().run(run)


def test_a_number_always_has_a_form_as_text() -> None:
    number = 2**2_000

    with pytest.raises(TooLarge, match=r"the square of a number of 4,001 bits is too large here"):
        asyncio.run(asyncio.wait_for(square(2**4_000), None))

    assert made(MAKE["square"], "", number) == number * number


def forks(count: int, *, buffer: int) -> dict[str, object]:
    """Define a source that gives to many sinks, all of whose failures go to one node."""
    names = [f"n{number}" for number in range(count)]
    node = {"aggregate_inputs": False, "buffer": buffer}
    nodes: dict[str, object] = {name: {"coro": "reverse", **node} for name in names}
    nodes["inp"] = {"coro": "strings", "args": {"strings": ["x"]}}
    nodes["out"] = {"coro": "emit", **node}
    nodes["why"] = {"coro": "explain", **node}
    return {
        "nodes": nodes,
        "graph": {"inp": names, **{name: ["out"] for name in [*names, "why"]}},
        "failures": {name: ["why"] for name in names},
    }


def test_the_more_a_graph_holds_the_smaller_its_items_may_be() -> None:
    limits = Limits()
    small, large = (draw(forks(5, buffer=buffer), limits).budget for buffer in (1, 50))

    assert small.places < large.places
    assert small.item == limits.item_bytes
    assert large.item < limits.item_bytes
    assert limits.run_bytes * 0.99 < large.total <= limits.run_bytes


def test_a_graph_that_has_room_for_too_much_is_refused_and_says_what_helps() -> None:
    answer = check(forks(17, buffer=100), Limits())

    assert isinstance(answer, Wrong)
    (mistake,) = answer.mistakes
    assert mistake.where == "nodes"
    assert "Set a smaller 'buffer'" in mistake.what
    assert isinstance(check(forks(17, buffer=10), Limits()), Checked)


class NoReader:
    """A line to a client that reads nothing."""

    async def send(self, message: Message) -> None: ...
    async def close(self) -> None: ...


@pytest.mark.parametrize(
    "definition",
    [
        endless(buffer=7),
        {
            "nodes": {
                "inp": {"coro": "numbers", "args": {"every": 0}},
                "a": {"coro": "square", "workers": 4, "window": 9, "buffer": 3},
                "b": {"coro": "square", "workers": 3, "ordered": False, "buffer": 2},
                "out": {"coro": "emit", "workers": 2, "aggregate_inputs": False, "buffer": 4},
            },
            "graph": {"inp": ["a", "b"], "a": ["out"], "b": ["out"]},
        },
    ],
)
async def test_no_more_items_are_in_a_graph_than_its_budget_counts(
    definition: dict[str, object], clock: Clock
) -> None:
    limits = Limits(grace=0.1)
    drawn = draw(definition, limits)
    client = Session(NoReader(), limits)
    running = Running(1, drawn, client, limits)
    task = asyncio.create_task(running.run())
    await asyncio.sleep(5)  # time passes when nothing moves any more
    running.stop("it is full", "server", "abort")
    ended = await task

    assert clock.now > 1000
    nodes = ended.report.processors
    waiting = sum(node.unprocessed + node.interrupted for node in nodes)
    held_back = sum(node.completed - node.emitted for node in nodes[1:-1])
    inside = waiting + held_back
    assert 0 < inside <= drawn.budget.places


async def test_a_client_that_reads_slowly_has_few_large_results_unread(clock: Clock) -> None:
    client = Session(NoReader(), Limits(unread_bytes=1_000))

    async def give() -> None:
        while True:
            await client.give("x" * 400)

    giving = asyncio.create_task(give())
    given: list[int] = []
    for taken in (1, 3, 4):
        await asyncio.sleep(1)  # time passes when it waits
        given.append(client.given)
        client.taken(taken)
    giving.cancel()

    assert clock.now > 1000
    assert given == [3, 4, 6]


def test_a_budget_counts_every_edge_and_what_is_in_hand() -> None:
    limits = Limits()
    drawn = draw(endless(buffer=7), limits)

    budget = budget_of(drawn.plumber.blueprint(), limits)

    assert budget.places == 2 * 7 + 1 + 2 * 2  # two edges, a source and two nodes at work
