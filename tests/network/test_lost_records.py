"""Records that the broker had acknowledged are gone: the run says so, and waits for nothing."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from pathlib import Path

import pytest

from tests.network.brokers import to
from tests.network.drawings import RUN, submit_for
from tests.network.servers import server_in
from tests.support.clock import Clock
from typedpipes import PipelineFailed, Plumber, Processor, Sink, Source
from typedpipes.errors import ProcessorFailed
from typedpipes.nats import RecordsLost, submit, work
from typedpipes.network import backwards
from typedpipes.network.backwards import LONG_ENOUGH, Backwards
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.wire import Stored
from typedpipes.network.worker import work_for


class Counting:
    """A drawing without an end, that a test can stop at some item."""

    def __init__(self) -> None:
        self.stored = 0
        self._changed = asyncio.Event()

    async def pass_on(self, number: int) -> int:
        await asyncio.sleep(0.01)
        return number

    async def store(self, _: int) -> None:
        self.stored += 1
        self._changed.set()

    async def has(self, count: int) -> None:
        while self.stored < count:
            self._changed.clear()
            await self._changed.wait()

    def draw(self) -> Plumber:
        plumber = Plumber("counting")
        numbers = plumber.connect(Source(itertools.count(), name="numbers"))
        numbers.to(Processor(self.pass_on, name="pass on")).to(Sink(self.store, name="store"))
        return plumber


def error_of(failed: PipelineFailed) -> tuple[str, str]:
    (error,) = failed.exceptions
    assert isinstance(error, ProcessorFailed)
    return error.processor, str(error.__cause__)


@pytest.mark.parametrize("node", ["numbers", "pass on", "store"])
def test_a_run_whose_records_are_gone_says_whose_and_how_many(node: str) -> None:
    async def play() -> PipelineFailed:
        broker, counting = MemoryBroker(), Counting()
        working = asyncio.create_task(
            work_for(MemoryWire(broker), RUN, counting.draw().blueprint())
        )
        submitted = asyncio.create_task(submit_for(to(broker), counting.draw()))
        await counting.has(20)
        copy = broker.rest(node)
        await counting.has(40)
        broker.put_back(node, copy)
        with pytest.raises(PipelineFailed) as failed:
            await submitted
        await working
        return failed.value

    failed = Clock().run(play())

    where, said = error_of(failed)
    assert where == node
    assert said.startswith(f"typedpipes.nats.RecordsLost: records of {node!r} are gone")
    assert failed.report.ending == "failed"


@pytest.mark.slow
async def test_a_server_whose_store_is_put_back_to_an_older_copy_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backwards, "LONG_ENOUGH", 1.0)  # no server of this leads no more
    counting = Counting()
    store, copy = tmp_path / "store", tmp_path / "copy"
    async with server_in(tmp_path) as (server, broker):
        working = asyncio.create_task(work(counting.draw(), broker))
        submitted = asyncio.create_task(submit(counting.draw(), broker))
        await counting.has(20)
        server.kill()
        shutil.copytree(store, copy)
        before = counting.stored
        server.begin()
        await counting.has(before + 200)
        server.kill()
        shutil.rmtree(store)
        shutil.copytree(copy, store)
        server.begin()

        with pytest.raises(PipelineFailed) as failed:
            await submitted
        await working

    where, said = error_of(failed.value)
    assert where in ("numbers", "pass on", "store")
    assert "RecordsLost: records of" in said


def _stored(sequence: int) -> Stored:
    return Stored(sequence, b"")


def test_an_answer_that_is_behind_for_a_moment_is_no_loss() -> None:
    """A server that leads no more may say what it has, until it finds out."""

    async def play() -> None:
        backwards = Backwards("a")
        backwards.look(7, _stored(5))
        await asyncio.sleep(LONG_ENOUGH - 1)
        backwards.look(7, _stored(5))
        backwards.look(7, _stored(7))
        await asyncio.sleep(2)
        backwards.look(7, _stored(5))
        await asyncio.sleep(LONG_ENOUGH)
        with pytest.raises(RecordsLost, match="number 7 was stored, and the last is 5"):
            backwards.look(7, _stored(5))

    Clock().run(play())
