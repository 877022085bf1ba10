"""Zips, merges, splits and generators in real worker processes that are killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from attrs import evolve

from tests.network.program import KEEP_WITHIN
from tests.network.program_of_joins import COUNT, draw
from tests.network.servers import server_in
from tests.network.test_kills import Crew
from typedpipes import Report
from typedpipes.nats import Broker, serve, submit

PROGRAM = "tests.network.program_of_joins"


async def run(broker: Broker, at: Mapping[int, Callable[[], object]]) -> Report:
    async def numbers() -> AsyncIterator[int]:
        for number in range(COUNT):
            if number in at:
                await asyncio.to_thread(at[number])
            yield number

    return await submit(draw(numbers), evolve(broker, keep_within=KEEP_WITHIN))


def check(report: Report) -> None:
    """All pairs are right, all results in order, and none is lost or comes twice."""
    numbers = range(COUNT)
    collected = report.collected
    assert collected["pairs"] == [(each, each * each) for each in numbers if each % 3]
    assert collected["evens"] == [each + each % 2 for each in numbers]
    assert collected["repeated"] == [
        10 * each + part for each in numbers for part in range(each % 3)
    ]
    odd, even = [*range(1, COUNT, 2)], [*range(0, COUNT, 2)]
    assert [each for each in collected["merged"] if each in odd] == odd
    assert [each for each in collected["merged"] if each in even] == even
    for each in report.counts:
        assert each.received == each.completed + each.failed + each.dropped


@pytest.mark.slow
async def test_joins_keep_their_promises_when_workers_and_the_server_are_killed(
    tmp_path: Path,
) -> None:
    async with server_in(tmp_path) as (server, broker):
        with Crew(broker.url, PROGRAM) as crew:
            for _ in range(3):
                crew.hire()
            kills = dict.fromkeys(range(20, COUNT, 30), crew.kill_one)

            report = await run(broker, {**kills, 90: server.begin_anew})

            check(report)
            assert (crew.killed, server.begun) == (5, 2)


@pytest.mark.slow
async def test_joins_keep_their_promises_when_workers_die_between_giving_and_saying_so() -> None:
    async with serve() as broker:
        with Crew(broker.url, PROGRAM) as crew:
            for nth in (7, 30, 61):
                crew.hire(str(nth))
            crew.hire()

            report = await run(broker, {})

            check(report)
