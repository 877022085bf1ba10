"""What clients do to make the server large: it stays small."""

from __future__ import annotations

from contextlib import AsyncExitStack

from demos.web.conversation import conversation
from demos.web.limits import Limits
from demos.web.protocol import Check, Checked, Refused, Result, Run, Started
from tests.web.servers import has_proc, serving
from tests.web.visitors import Connect, endless, hear_until, run, websocket

UNREAD = Limits().unread
MEGABYTE = 1_000_000


def doublings(count: int, text: str) -> dict[str, object]:
    """Define a graph that puts a text beside its mirror image, and the result again, and again."""
    nodes: dict[str, object] = {
        "n0": {"coro": "strings", "args": {"strings": [text], "times": 1_000_000}},
        "end": {"coro": "emit"},
    }
    graph: dict[str, list[str]] = {}
    for number in range(count):
        nodes[f"a{number}"] = {"coro": "reverse"}
        nodes[f"n{number + 1}"] = {"coro": "join"}
        graph[f"n{number}"] = [f"a{number}", f"n{number + 1}"]
        graph[f"a{number}"] = [f"n{number + 1}"]
    return {"nodes": nodes, "graph": {**graph, f"n{count}": ["end"]}}


@has_proc
async def test_nine_doublings_of_a_long_text_fail_before_they_take_memory() -> None:
    with serving() as server:
        async with websocket(server.url) as visitor:
            _, ended = await run(visitor, doublings(9, "x" * 15_000))
        memory = server.most_memory()

    assert ended.by == "failure"
    assert "is too large here" in ended.what
    assert memory < 200 * MEGABYTE


@has_proc
async def test_many_runs_of_items_that_just_fit_stay_small() -> None:
    with serving("--grace", "0.1") as server:
        async with AsyncExitStack() as stack:
            visitors = [await stack.enter_async_context(websocket(server.url)) for _ in range(40)]
            for visitor in visitors:
                await visitor.ask(Run(doublings(5, "\N{ROCKET}")))
            for visitor in visitors:
                for _ in range(UNREAD):
                    await hear_until(visitor, Result)
            may_hold = server.status().may_hold
        memory = server.most_memory()

    assert may_hold <= Limits().all_bytes
    assert memory < 200 * MEGABYTE


async def test_runs_that_would_hold_too_much_together_are_refused() -> None:
    with serving("--all-bytes", "3000000") as server:
        async with conversation(server.url) as first, conversation(server.url) as second:
            await first.ask(Run(endless(every=0.01, buffer=100)))
            await hear_until(first, Started)
            await second.ask(Run(endless(every=0.01, buffer=100)))
            refused = await hear_until(second, Refused)
            await second.ask(Run(endless(every=0.01, buffer=1)))
            await hear_until(second, Started)

    assert "more than the 3,000,000 that are allowed" in refused.what


async def test_a_client_does_not_pile_up_what_it_asks_to_be_drawn(connect: Connect) -> None:
    with serving() as server:
        async with connect(server.url) as visitor:
            for number in range(200):
                await visitor.ask(Check(doublings(9, f"{number}")))
            last = doublings(1, "last")
            await visitor.ask(Check(last))
            while (checked := await hear_until(visitor, Checked)).svg.count("data-node") > 5:
                pass

    assert "a0" in checked.svg
