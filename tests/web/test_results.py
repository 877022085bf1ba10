"""What clients of the web demo get: their own results, in order, as they come, and a report."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from demos.web.client import definition
from demos.web.drawing import draw
from demos.web.limits import Limits
from demos.web.protocol import Ended, Message, Result, Run, Started, Welcome
from demos.web.running import Running
from demos.web.session import Session
from tests.web.servers import Server
from tests.web.visitors import Connect, endless, hear_until, run

CLIENTS = 50


async def test_a_client_gets_what_both_branches_make_of_its_strings(
    connect: Connect, server: Server
) -> None:
    async with connect(server.url) as visitor:
        values, ended = await run(visitor, definition(["draw", "live"]))

    assert [value for value in values if isinstance(value, str)] == ["WARD", "EVIL"]
    assert [value for value in values if isinstance(value, int)] == [4, 4]
    assert ended.by == "itself"
    assert ended.report.ending == "finished"
    assert {node.name: node.completed for node in ended.report.processors} == {
        "inp": 2,
        "coro1": 2,
        "coro2": 2,
        "coro3": 2,
        "out": 4,
    }


async def test_results_come_while_the_pipeline_runs(connect: Connect, server: Server) -> None:
    async with connect(server.url) as visitor:
        await visitor.ask(Run(endless(every=0.01)))
        started = await hear_until(visitor, Started)
        first = await hear_until(visitor, Result)
        going = [each.run for each in server.status().running]

    assert started.run in going
    assert first == Result(1, 1)


async def test_a_number_that_a_browser_would_round_comes_with_its_digits(
    connect: Connect, server: Server
) -> None:
    squares = {f"square{number}": {"coro": "square"} for number in range(3)}
    names = ["inp", *squares, "out"]
    nodes = {
        "inp": {"coro": "numbers", "args": {"every": 0.01}},
        **squares,
        "out": {"coro": "emit"},
    }
    graph = {one: [other] for one, other in pairwise(names)}
    async with connect(server.url) as visitor:
        await visitor.ask(Run({"nodes": nodes, "graph": graph}))
        results = [await hear_until(visitor, Result) for _ in range(200)]

    assert [result.value for result in results] == [each**8 for each in range(1, 201)]
    assert [result.exact for result in results[:98]] == [None] * 98
    assert [result.exact for result in results[98:]] == [str(each**8) for each in range(99, 201)]


async def test_a_client_is_told_first_what_is_offered(connect: Connect, server: Server) -> None:
    async with connect(server.url) as visitor:
        welcome = await visitor.hear()

    assert isinstance(welcome, Welcome)
    assert "reverse" in {offer.name for offer in welcome.offers}
    assert "(text: str) -> str" in {offer.signature for offer in welcome.offers}


async def test_a_client_runs_one_pipeline_after_the_other(connect: Connect, server: Server) -> None:
    async with connect(server.url) as visitor:
        first, _ = await run(visitor, definition(["a"]))
        second, _ = await run(visitor, definition(["b"]))

    assert sorted(map(str, first + second)) == ["1", "1", "A", "B"]


async def test_fifty_clients_at_once_get_their_own_results_in_order(
    connect: Connect, server: Server
) -> None:
    together = asyncio.Barrier(CLIENTS)

    async def visit(number: int) -> tuple[list[str | int], Ended]:
        strings = [f"client {number} says {each}" for each in range(20)]
        async with connect(server.url) as visitor:
            await together.wait()
            return await run(visitor, definition(strings))

    told = await asyncio.gather(*map(visit, range(CLIENTS)))

    for number, (values, ended) in enumerate(told):
        expected = [f"client {number} says {each}".upper()[::-1] for each in range(20)]
        assert [value for value in values if isinstance(value, str)] == expected
        assert len(values) == 40
        assert ended.by == "itself"


class NoLine:
    """A line that leads nowhere."""

    async def send(self, message: Message) -> None: ...
    async def close(self) -> None: ...


async def test_a_run_has_a_report_from_its_begin() -> None:
    limits = Limits()
    running = Running(1, draw(definition(["x"]), limits), Session(NoLine(), limits), limits)
    before = running.report()

    await running.run()

    after = running.report()
    assert before is None
    assert after is not None
    assert after.ending == "finished"
