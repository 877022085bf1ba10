"""Tasks beside a run that wait for it, when its broker is away for longer than a caller waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.network.servers import server_in
from typedpipes import Feed, Plumber, Processor, QueueClosed, RunStateError
from typedpipes.nats import Broker, BrokerAway, RemoteRun, submitting, work
from typedpipes.network import caller
from typedpipes.network.wire import Gone


async def double(number: int) -> int:
    return 2 * number


class Drawn:
    """A drawing with all that a task beside its run may wait for."""

    def __init__(self) -> None:
        self.feed = Feed[int](maxsize=1)
        self.plumber = Plumber("doubling")
        self.queue = self.plumber.connect(self.feed).to(Processor(double, buffer=1)).read(maxsize=1)

    async def fill(self) -> None:
        while True:
            await self.feed.put(1)

    async def read(self) -> None:
        while True:
            await self.queue.get()


async def waiting(
    drawn: Drawn, broker: Broker, has_begun: asyncio.Event
) -> dict[str, BaseException]:
    """Return what each task beside a run raises, and the block."""
    seen: dict[str, BaseException] = {}
    tasks: dict[str, asyncio.Task[object]] = {}
    try:
        async with submitting(drawn.plumber, broker):
            tasks["ended"] = asyncio.create_task(drawn.plumber.ended())
            tasks["read"] = asyncio.create_task(drawn.read())
            tasks["put"] = asyncio.create_task(drawn.fill())
            has_begun.set()
            await asyncio.Event().wait()
    except Exception as error:  # noqa: BLE001  # it is looked at below
        seen["block"] = error
    for name, task in tasks.items():
        (raised,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(raised, BaseException)
        seen[name] = raised
    return seen


async def test_all_that_wait_are_told_that_the_broker_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller, "PATIENCE", 1.0)
    drawn, has_begun = Drawn(), asyncio.Event()
    async with server_in(tmp_path) as (server, broker):
        wait = asyncio.create_task(waiting(drawn, broker, has_begun))
        await has_begun.wait()

        server.kill()

        seen = await wait
        server.begin()
    assert isinstance(seen["ended"], BrokerAway)
    assert isinstance(seen["block"], BrokerAway)
    assert isinstance(seen["read"], QueueClosed)
    assert isinstance(seen["read"].__cause__, BrokerAway)
    assert isinstance(seen["put"], QueueClosed)


async def test_all_that_wait_are_told_that_the_run_was_forgotten(tmp_path: Path) -> None:
    drawn, has_begun = Drawn(), asyncio.Event()
    async with server_in(tmp_path) as (_, broker):
        wait = asyncio.create_task(waiting(drawn, broker, has_begun))
        working = asyncio.create_task(work(Drawn().plumber, broker))
        await has_begun.wait()
        async with RemoteRun(broker, "doubling")._wire() as wire:
            await wire.forget()

        seen = await wait
        await working
    for name in ("ended", "block"):
        assert isinstance(seen[name], RunStateError)
        assert isinstance(seen[name].__cause__, Gone)
        assert "another process has forgotten the run 'doubling'" in str(seen[name])
    assert isinstance(seen["read"], QueueClosed)
    assert isinstance(seen["put"], QueueClosed)
