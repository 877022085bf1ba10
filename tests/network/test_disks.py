"""A server whose disk is full: all wait and say so, and nothing is lost once there is room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from attrs import evolve

from tests.network import disks
from tests.network.servers import server_in
from typedpipes import Plumber, Processor, Source
from typedpipes.nats import BrokerAway, connection, submit, submitting, work
from typedpipes.network import caller

COUNT = 120
FULL = 40

pytestmark = pytest.mark.skipif(
    not disks.can_be_made(), reason="no file system can be mounted here: that needs root on Linux"
)


async def lengthen(number: int) -> str:
    return f"{number:3000}"


async def shorten(text: str) -> int:
    return int(text)


async def nothing() -> AsyncIterator[int]:
    for number in range(0):
        yield number


def draw(disk: disks.Disk | None = None) -> Plumber:
    """Draw a chain of long texts, whose source has the disk full in the middle."""

    async def numbers() -> AsyncIterator[int]:
        for number in range(COUNT):
            if number == FULL and disk is not None:
                disk.fill()
            yield number

    plumber = Plumber("full")
    source = Source(nothing if disk is None else numbers, name="numbers")
    texts = plumber.connect(source).to(Processor(lengthen, workers=4))
    texts.to(Processor(shorten, workers=4)).collect(name="all")
    return plumber


async def says(plumber: Plumber, what: str) -> None:
    """Wait until this is said to be wrong with the broker."""
    async for gauges in plumber.watch(every=0.05):
        if gauges.wedge is not None and what in gauges.wedge:
            return
    raise AssertionError("the run ended, and nothing was wrong")


async def test_a_run_goes_on_when_the_disk_has_room_again_and_the_server_has_begun_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "ANSWER_WITHIN", 0.3)
    with disks.disk() as disk:
        async with server_in(disk.folder) as (server, patient):
            broker = evolve(patient, keep_within=1.0)
            plumber = draw(disk)
            workers = [asyncio.create_task(work(draw(), broker)) for _ in range(2)]
            async with submitting(plumber, broker):
                await says(plumber, "nothing is stored, as while a disk is full")
                disk.free()
                await asyncio.to_thread(server.begin_anew)
                report = await plumber.ended()
            await asyncio.gather(*workers)

    assert report.collected["all"] == [*range(COUNT)]
    assert {each.received for each in report.counts} == {COUNT}


async def test_a_caller_does_not_wait_for_ever_for_a_disk_that_stays_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(caller, "PATIENCE", 1.0)
    with disks.disk() as disk:
        async with server_in(disk.folder) as (_, broker):
            working = asyncio.create_task(work(draw(), broker))

            with pytest.raises(BrokerAway, match="a disk is full"):
                await submit(draw(disk), broker)

            working.cancel()
            await asyncio.wait([working])
