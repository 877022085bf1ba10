"""Whatever goes wrong, and whoever dies: each result comes once, in order, within the bounds."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.mishaps import WORKERS, Fleet, Mishap, mishaps
from tests.support.clock import Clock
from typedpipes import Plumber, Processor, Report, Source
from typedpipes.network.caller import run_route
from typedpipes.network.memory import Fault, MemoryBroker, MemoryWire
from typedpipes.network.record import OPENING, Made, decode, encode
from typedpipes.network.route import route_of
from typedpipes.network.turn import Turn
from typedpipes.network.wire import Stream


async def add_one(number: int) -> int:
    await asyncio.sleep(number % 3 / 10)
    return number + 1


def is_no_third(number: int) -> bool:
    return number % 3 != 0


class Steps:
    """A chain of processors, each with some number of workers."""

    def __init__(self, workers: Sequence[int], *, ordered: bool, buffer: int) -> None:
        self._workers = workers
        self._ordered = ordered
        self._buffer = buffer

    def draw(self) -> Plumber:
        plumber = Plumber("chain")
        joint = plumber.connect(Source(range(30)))
        for number, workers in enumerate(self._workers):
            processor = Processor(
                add_one,
                name=f"step {number}",
                workers=workers,
                ordered=self._ordered,
                buffer=self._buffer,
            )
            joint = joint.to(processor)
        joint.keep(is_no_third).collect(name="results")
        return plumber

    def results(self) -> Sequence[int]:
        numbers = [number + len(self._workers) for number in range(30)]
        return [number for number in numbers if is_no_third(number)]


chains = st.builds(
    Steps,
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    ordered=st.booleans(),
    buffer=st.integers(1, 5),
)


async def run(broker: MemoryBroker, fleet: Fleet, plumber: Plumber, longest: int) -> Report:
    blueprint = plumber.blueprint()
    smallest = min(edge.maxsize for edge in blueprint.edges)
    route = route_of(blueprint, longest=min(longest, smallest))
    async with fleet.at_work():
        report = await run_route(MemoryWire(broker), route, blueprint)
    for leg in [leg for stop in route.stops for leg in stop.legs]:
        start = next(each for each in route.stops if each.name == leg.start)
        assert start.cap is not None
        assert broker.most[leg.name] <= start.cap
    return report


@settings(max_examples=60, deadline=None)
@given(chains, mishaps(), st.integers(1, 3))
def test_every_result_comes_once_whatever_goes_wrong(
    chain: Steps, planned: Sequence[Mishap], longest: int
) -> None:
    broker = MemoryBroker()
    fleet = Fleet(broker, chain.draw, planned)

    report = Clock().run(run(broker, fleet, chain.draw(), longest))

    results = report.collected["results"]
    if chain._ordered:
        assert results == chain.results()
    else:
        assert Counter(results) == Counter(chain.results())
    for counts in report.counts:
        assert counts.received == counts.completed + counts.failed + counts.dropped
    assert broker.is_empty


@pytest.mark.parametrize("what", ["dies before", "dies after"])
@pytest.mark.parametrize("verb", ["give", "take", "done"])
def test_the_results_keep_their_order_when_all_workers_die_at_once(verb: str, what: str) -> None:
    chain = Steps([4], ordered=True, buffer=10)
    planned = [
        Mishap(worker, verb, nth, "dies before" if what == "dies before" else "dies after")
        for worker in range(WORKERS)
        for nth in (2, 3, 4)
    ]
    broker = MemoryBroker()
    fleet = Fleet(broker, chain.draw, planned)

    report = Clock().run(run(broker, fleet, chain.draw(), 1))

    assert report.collected["results"] == chain.results()
    assert fleet.deaths > 3


def _telling_nothing(verb: str) -> Fault:
    return "before" if verb == "tell" else "none"


async def two_that_give(broker: MemoryBroker) -> Sequence[int]:
    """Have two processes give the same position, neither of which hears of the other."""
    await MemoryWire(broker).open([Stream("a", None, ())], encode(OPENING))
    wires = [MemoryWire(broker, _telling_nothing) for _ in range(2)]
    turns = [Turn(wire, "a", in_order=True) for wire in wires]
    for turn in turns:
        await turn.is_done(0)  # both have looked when it was not given
    for turn in turns:
        await turn.give(0, Made())
    last = decode((await MemoryWire(broker).last("a")).data, "a")
    return [last.position, last.of(0).floor]


def test_a_position_that_two_processes_give_is_given_once() -> None:
    broker = MemoryBroker()

    positions = Clock().run(two_that_give(broker))

    assert positions == [0, 0]
    assert broker.last("a").sequence == 2


def test_without_the_condition_it_would_be_given_twice() -> None:
    broker = MemoryBroker(conditional=False)

    Clock().run(two_that_give(broker))

    assert broker.last("a").sequence == 3
