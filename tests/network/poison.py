"""Items that end the process that works on them, and what becomes of their runs."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

from tests.network.drawings import RUN
from typedpipes import Failure, Plumber, Report
from typedpipes.network.caller import run_route
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.route import route_of
from typedpipes.network.worker import work_for


class Poisoned(ABC):
    """A run over one process at a time. Where an item ends it, another one follows.

    Attributes:
        failed: the failures that were noted.
        deaths: how many processes have been ended.
    """

    def __init__(self) -> None:
        self.failed: list[Failure[int]] = []
        self.deaths = 0
        self._death = asyncio.Event()  # of the process that goes on

    @abstractmethod
    def draw(self) -> Plumber:
        """Return the drawing, as each process has its own."""

    async def die(self) -> None:
        """End the process in which this is called."""
        self._death.set()
        await asyncio.Event().wait()

    async def note(self, failure: Failure[int]) -> None:
        """Note a failure; for a sink."""
        self.failed.append(failure)

    @property
    def kinds(self) -> set[str]:
        """What kinds of errors the failures have."""
        return {str(each.error).partition(":")[0] for each in self.failed}

    async def run(self, longest: int) -> Report:
        """Run the drawing, in slices of at most so many items."""
        broker = MemoryBroker()
        blueprint = self.draw().blueprint()
        route = route_of(blueprint, longest=longest)
        lives = asyncio.create_task(self._lives(broker))
        try:
            async with asyncio.timeout(5000):  # of the clock
                return await run_route(MemoryWire(broker), route, blueprint)
        finally:
            lives.cancel()
            await asyncio.wait([lives])

    async def _lives(self, broker: MemoryBroker) -> None:
        """Be one process after the other."""
        while True:
            self._death = asyncio.Event()
            wire = MemoryWire(broker)
            working = asyncio.create_task(work_for(wire, RUN, self.draw().blueprint()))
            dying = asyncio.create_task(self._death.wait())
            try:
                await asyncio.wait((working, dying), return_when=asyncio.FIRST_COMPLETED)
            finally:
                wire.cut()
                for task in (working, dying):
                    task.cancel()
                await asyncio.wait((working, dying))
            self.deaths += self._death.is_set()
