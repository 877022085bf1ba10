"""A trial: one case, run once against a server with a file store."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
from attrs import frozen

from benchmarks.network.case import Case, draw
from benchmarks.network.counting import CountingWire, counting
from benchmarks.network.notes import Notes, rate
from typedpipes.nats.broker import Broker
from typedpipes.nats.serve import serving
from typedpipes.network.submission import begun

ROOT = Path(__file__).parent.parent.parent
_LOOK = 0.05  # seconds
_TICKS = os.sysconf("SC_CLK_TCK")  # of the processor, in a second


@frozen
class Found:
    """What a trial found.

    Attributes:
        rate: slices a second: of the processor, in all processes together; or of the source, if
            there is no process.
        cost: seconds of the processor for each slice, in the processes measured.
        server: the same, of the server.
        source: slices a second that the source gave, in the last half of its time.
        refusals: how often the server had no room for a record of the source.
    """

    rate: float
    cost: float
    server: float
    source: float
    refusals: int


async def tried(case: Case) -> Found:
    """Run a case once."""
    async with serving(None, 0) as (broker, server):
        return await _Trial(case, broker, server.pid).run()


class _Trial:
    def __init__(self, case: Case, broker: Broker, server: int) -> None:
        self._case = case
        self._broker = broker
        self._server = server
        self._made = Notes()
        self._given = asyncio.Event()

    async def run(self) -> Found:
        case = self._case
        drawing = draw(case, self._numbers)
        wires: list[CountingWire] = []
        connection = counting(self._broker, "rates", wires)
        async with begun(drawing.plumber, connection, "rates", longest=case.slice) as caller:
            before = self._spent_by_server()
            notes = [self._made]
            if case.processes:
                if case.buffer is None:
                    while drawing.plumber.report().of(drawing.numbers).emitted < case.items:  # noqa: ASYNC110  # no event: others count
                        await asyncio.sleep(_LOOK)
                before = self._spent_by_server()
                working = (self._work() for _ in range(case.processes))
                notes = await asyncio.gather(*working)
            else:
                await self._given.wait()
            spent = self._spent_by_server() - before
            drawing.plumber.abort("it is measured")
            await caller.outcome()
        slices = case.items / case.slice
        skip = 0.5 if case.buffer else 0.1
        cost = sum(each.cost * len(each.at) for each in notes) / slices
        return Found(
            rate(notes, skip=skip),
            cost,
            spent / slices,
            rate([self._made], skip=0.5),
            wires[0].refusals,
        )

    async def _numbers(self) -> AsyncIterator[int]:
        for number in range(self._case.items):
            if number % self._case.slice == 0:
                self._made.add()
            yield number
        self._given.set()

    async def _work(self) -> Notes:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.network.worker",
            self._case.name,
            self._broker.url,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            printed, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return msgspec.json.decode(printed, type=Notes)

    def _spent_by_server(self) -> float:
        """Return the seconds of the processor that the server has used."""
        parts = Path(f"/proc/{self._server}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / _TICKS
