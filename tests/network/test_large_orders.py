"""Orders are one record: what is told in them has to fit into it, whatever it is."""

from __future__ import annotations

import asyncio

import pytest

from tests.network.drawings import RUN
from tests.network.test_absences import run
from tests.network.test_callers import submit
from typedpipes import (
    PipelineFailed,
    Plumber,
    ProcessorFailed,
    Report,
    Sink,
    Source,
    abort,
    drain,
)
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.worker import work_for

LARGEST = 100_000  # bytes


async def run_with(plumber: Plumber, other: Plumber) -> Report:
    broker = MemoryBroker()
    submitted = asyncio.create_task(submit(plumber, MemoryWire(broker, largest=LARGEST)))
    wire = MemoryWire(broker, largest=LARGEST)
    working = asyncio.create_task(work_for(wire, RUN, other.blueprint()))
    try:
        return await submitted
    finally:
        await working


def test_an_item_that_nearly_fills_a_record_can_fail() -> None:
    async def refuse(text: str) -> None:
        raise ValueError(text[:10])

    def draw() -> Plumber:
        plumber = Plumber("large")
        plumber.connect(Source(["x" * (LARGEST - 300)])).to(Sink(refuse, name="refuse"))
        return plumber

    with pytest.raises(PipelineFailed) as caught:
        run(lambda: run_with(draw(), draw()))

    (failed,) = caught.value.exceptions
    assert isinstance(failed, ProcessorFailed)
    assert failed.processor == "refuse"
    assert str(failed.__cause__) == "ValueError: xxxxxxxxxx"
    assert len(caught.value.report.counts[1].unprocessed) == 1


def test_a_reason_may_be_as_long_as_it_likes() -> None:
    async def end(_: int) -> None:
        drain("because " * LARGEST)

    def draw() -> Plumber:
        plumber = Plumber("long")
        plumber.connect(Source([1])).to(Sink(end))
        return plumber

    report = run(lambda: run_with(draw(), draw()))

    assert report.dooms[0].reason.startswith("because because")


def test_an_abort_is_heard_behind_any_number_of_dooms() -> None:
    async def end(number: int) -> None:
        await asyncio.sleep(0.03)
        if number == 250:
            abort("enough")
        else:
            drain(f"{number}: " + "because " * 50)

    def draw() -> Plumber:
        plumber = Plumber("often")
        plumber.connect(Source(range(300))).to(Sink(end, buffer=2000))
        return plumber

    report = run(lambda: run_with(draw(), draw()))

    assert report.dooms[0].reason.startswith("0: because")
    assert report.ending == "aborted"
