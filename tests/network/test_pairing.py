"""How a zip avoids that its processes wait for each other, and what happens without that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

import pytest

from tests.network.drawings import RUN
from tests.network.mishaps import Fleet, Mishap, What
from tests.support.clock import Clock
from typedpipes import Plumber, Processor, Report, Source
from typedpipes.network import duty
from typedpipes.network.caller import run_route
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.pairing import Pairing, _opened
from typedpipes.network.route import route_of
from typedpipes.network.wire import Reach, Taken
from typedpipes.network.worker import work_for

PROCESSES = 3


async def linger(number: int) -> int:
    await asyncio.sleep(number % 3 / 100)
    return -number


def is_no_third(number: int) -> bool:
    return number % 3 != 0


def draw() -> Plumber:
    plumber = Plumber("pairs")
    numbers = plumber.connect(Source(range(60)))
    plumber.zip(numbers.keep(is_no_third), numbers.to(Processor(linger))).collect(name="pairs")
    return plumber


class DistantWire(MemoryWire):
    """A wire on which what is asked for takes some time to get there, now more, now less."""

    def __init__(self, broker: MemoryBroker, process: int) -> None:
        super().__init__(broker)
        self._distance = Random(process)

    async def take(self, leg: Reach, wait: float) -> Taken | None:
        await asyncio.sleep(self._distance.random() / 10)
        return await super().take(leg, wait)


async def run() -> Report:
    """Run it with several processes; raise a `TimeoutError` if it hangs."""
    broker = MemoryBroker()
    blueprint = draw().blueprint()
    async with asyncio.timeout(1000), asyncio.TaskGroup() as group:
        for process in range(PROCESSES):
            wire = DistantWire(broker, process)
            group.create_task(work_for(wire, RUN, draw().blueprint()))
        route = route_of(blueprint, longest=1)
        report = group.create_task(run_route(MemoryWire(broker), route, blueprint))
    return report.result()


def test_a_zip_in_several_processes_pairs_to_the_end() -> None:
    report = Clock().run(run())

    assert report.collected["pairs"] == [(each, -each) for each in range(60) if each % 3]


class Naive(Pairing):
    """Takes from all inputs at once."""

    async def _pair(self) -> None:
        while not self._turn.is_over:
            taken = await asyncio.gather(*(hand.take() for _, hand in self._hands))
            slices = zip(self._hands, taken, strict=True)
            await self._use_up({leg.number: _opened(each, leg) for (leg, _), each in slices})


def test_taking_from_all_inputs_at_once_would_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duty, "Pairing", Naive)

    with pytest.raises(TimeoutError):
        Clock().run(run())


def full_fork() -> Plumber:
    """Draw a fork without room for more than one item, both branches of which lead to a zip."""
    plumber = Plumber("pairs")
    numbers = plumber.connect(Source(range(20)))
    plumber.zip(numbers, numbers, buffer=1).collect(name="pairs")
    return plumber


async def run_with(planned: Sequence[Mishap]) -> Report:
    broker = MemoryBroker()
    blueprint = full_fork().blueprint()
    async with asyncio.timeout(1000), Fleet(broker, full_fork, planned).at_work():
        return await run_route(MemoryWire(broker), route_of(blueprint), blueprint)


@pytest.mark.parametrize("nth", range(1, 13))
@pytest.mark.parametrize("what", ["before", "dies before"])
def test_a_zip_goes_on_when_it_is_lost_that_it_has_done_something(what: What, nth: int) -> None:
    planned = [Mishap(process, "done", nth, what) for process in range(PROCESSES)]

    report = Clock().run(run_with(planned))

    assert report.collected["pairs"] == [(each, each) for each in range(20)]
