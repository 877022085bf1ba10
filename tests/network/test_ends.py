"""The end of a run at its caller, which nothing may keep from removing it."""

from __future__ import annotations

import asyncio

import pytest

from tests.network.drawings import draw
from tests.support.clock import Clock
from typedpipes.network.caller import run_route
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.route import route_of
from typedpipes.network.side_by_side import to_its_end
from typedpipes.network.worker import work_for


def test_a_caller_that_is_cancelled_while_it_removes_its_run_removes_all_of_it() -> None:
    broker = MemoryBroker()

    async def play() -> None:
        blueprint = draw().blueprint()

        def cancel(verb: str) -> Fault:
            if verb == "forget" and not calling.cancelling():
                calling.cancel()
                return "before"  # so that it has to try again
            return "none"

        wire = MemoryWire(broker, cancel)
        calling = asyncio.create_task(run_route(wire, route_of(blueprint), blueprint))
        working = asyncio.create_task(work_for(MemoryWire(broker), "run", draw().blueprint()))
        await asyncio.wait([calling, working])
        assert calling.cancelled()

    Clock().run(play())

    assert broker.is_empty


async def test_what_runs_to_its_end_outlasts_any_number_of_cancellations() -> None:
    goes_on = asyncio.Event()
    ended: list[str] = []

    async def end() -> None:
        await goes_on.wait()
        ended.append("ended")

    task = asyncio.create_task(to_its_end(end()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    goes_on.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["ended"]


async def test_what_fails_at_its_end_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("full")

    with pytest.raises(ValueError, match="full"):
        await to_its_end(fail())
