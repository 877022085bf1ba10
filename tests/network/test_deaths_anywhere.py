"""Whatever dies at whatever moment: zips, merges, splits and generators give what they give."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeAlias

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.drawings import RUN
from tests.network.mishaps import Fleet, FreezingWire, Mishap, mishaps
from tests.support.clock import Clock
from typedpipes import First, Plumber, Processor, Report, Second, Source
from typedpipes.network.caller import run_route
from typedpipes.network.memory import MemoryBroker, MemoryWire
from typedpipes.network.route import route_of
from typedpipes.network.worker import work_for

NUMBERS = range(24)


async def add_one(number: int) -> int:
    await asyncio.sleep(number % 3 / 10)
    return number + 1


async def negate(number: int) -> int:
    await asyncio.sleep(number % 5 / 10)
    return -number


async def several(number: int) -> AsyncIterator[int]:
    for each in range(number % 4):
        await asyncio.sleep(number % 3 / 10)
        yield 10 * number + each


async def spread(numbers: list[int]) -> AsyncIterator[int]:
    for number in numbers:
        yield number


def is_no_third(number: int) -> bool:
    return number % 3 != 0


def odd_first(number: int) -> First[int] | Second[int]:
    return First(number) if number % 2 else Second(number)


@frozen
class Settings:
    """How processors work."""

    workers: int
    ordered: bool
    buffer: int

    def of(
        self, coro: Callable[[int], Awaitable[int] | AsyncIterable[int]], *, ordered: bool = True
    ) -> Processor[int, int]:
        return Processor(
            coro, workers=self.workers, ordered=ordered or self.ordered, buffer=self.buffer
        )


Case: TypeAlias = Callable[[Settings], tuple[Plumber, Sequence[object], bool]]
"""Draws something; returns it, what is collected, and whether that is in order."""


def zipped(settings: Settings) -> tuple[Plumber, Sequence[object], bool]:
    """Draw a fork, with something dropped on one branch, and a zip."""
    plumber = Plumber("zip")
    numbers = plumber.connect(Source(NUMBERS))
    left = numbers.keep(is_no_third).to(settings.of(add_one))
    plumber.zip(left, numbers.to(settings.of(negate))).collect(name="results")
    return plumber, [(each + 1, -each) for each in NUMBERS if each % 3], True


def zipped_strangers(settings: Settings) -> tuple[Plumber, Sequence[object], bool]:
    """Draw a zip of two sources, one of which ends first, and lets go of some."""
    plumber = Plumber("zip")
    left = plumber.connect(Source(NUMBERS, name="left")).keep(is_no_third).to(settings.of(add_one))
    right = plumber.connect(Source(range(100, 110), name="right")).to(settings.of(negate))
    plumber.zip(left, right).collect(name="results")
    kept = [each + 1 for each in NUMBERS if each % 3]
    return plumber, [*zip(kept, range(-100, -110, -1), strict=False)], True


def merged(settings: Settings) -> tuple[Plumber, Sequence[object], bool]:
    """Draw a merge of two branches."""
    plumber = Plumber("merge")
    left = plumber.connect(Source(NUMBERS, name="left")).to(settings.of(add_one))
    right = plumber.connect(Source(range(100, 110), name="right"))
    plumber.merge(left, right).to(settings.of(negate)).collect(name="results")
    return plumber, [-each - 1 for each in NUMBERS] + [-each for each in range(100, 110)], False


def rejoined(settings: Settings) -> tuple[Plumber, Sequence[object], bool]:
    """Draw a split into two ways, one of which drops something, and take both as one again."""
    plumber = Plumber("split")
    odd, even = plumber.connect(Source(NUMBERS)).split(odd_first)
    ends = odd.keep(is_no_third).to(settings.of(add_one)), even.to(settings.of(negate))
    ends[0].rejoin(ends[1]).collect(name="results")
    found = [each + 1 if each % 2 else -each for each in NUMBERS if each % 6 != 3]
    return plumber, found, True


def generated(settings: Settings) -> tuple[Plumber, Sequence[object], bool]:
    """Draw a generator."""
    plumber = Plumber("generator")
    processor = settings.of(several, ordered=False)
    plumber.connect(Source(NUMBERS)).to(processor).collect(name="results")
    found = [10 * number + each for number in NUMBERS for each in range(number % 4)]
    return plumber, found, settings.ordered or settings.workers == 1


def gathered(settings: Settings) -> tuple[Plumber, Sequence[object], bool]:
    """Draw a batch behind something that drops items."""
    plumber = Plumber("batch")
    numbers = plumber.connect(Source(NUMBERS)).keep(is_no_third).to(settings.of(add_one))
    numbers.batch(5).collect(name="results")
    kept = [each + 1 for each in NUMBERS if each % 3]
    return plumber, [kept[at : at + 5] for at in range(0, len(kept), 5)], True


def gathered_in_time(settings: Settings) -> tuple[Plumber, Sequence[object], bool]:
    """Draw a batch whose lists do not wait for long, and take them apart again."""
    plumber = Plumber("batch")
    numbers = plumber.connect(Source(NUMBERS)).to(settings.of(add_one))
    numbers.batch(5, within=0.15).to(Processor(spread)).collect(name="results")
    return plumber, [each + 1 for each in NUMBERS], True


CASES: Sequence[Case] = (
    zipped,
    zipped_strangers,
    merged,
    rejoined,
    generated,
    gathered,
    gathered_in_time,
)


async def run(broker: MemoryBroker, fleet: Fleet, plumber: Plumber, longest: int) -> Report:
    blueprint = plumber.blueprint()
    smallest = min(edge.maxsize for edge in blueprint.edges)
    route = route_of(blueprint, longest=min(longest, smallest))
    async with fleet.at_work():
        report = await run_route(MemoryWire(broker), route, blueprint)
    caps = {stop.name: stop.cap for stop in route.stops}
    for leg in [leg for stop in route.stops for leg in stop.legs]:
        cap = caps[leg.start]
        assert cap is not None
        assert broker.most[leg.name] <= cap
    return report


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CASES),
    st.builds(Settings, st.integers(1, 4), st.booleans(), st.integers(1, 5)),
    mishaps(),
    st.integers(1, 3),
)
def test_every_result_comes_once_whatever_goes_wrong(
    case: Case, how: Settings, planned: Sequence[Mishap], longest: int
) -> None:
    broker = MemoryBroker()
    fleet = Fleet(broker, lambda: case(how)[0], planned)
    plumber, expected, in_order = case(how)

    report = Clock().run(run(broker, fleet, plumber, longest))

    results = report.collected["results"]
    if in_order:
        assert results == expected
    else:
        assert Counter(results) == Counter(expected)
    for counts in report.counts:
        assert counts.received == counts.completed + counts.failed + counts.dropped
    assert broker.is_empty


async def run_with_one_that_freezes(case: Case, how: Settings, nth: int, seconds: float) -> Report:
    broker = MemoryBroker()
    plumber = case(how)[0]
    blueprint = plumber.blueprint()
    route = route_of(blueprint, longest=1)
    async with asyncio.timeout(3000), asyncio.TaskGroup() as group:
        for wire in (FreezingWire(broker, nth, seconds), MemoryWire(broker), MemoryWire(broker)):
            group.create_task(work_for(wire, RUN, case(how)[0].blueprint()))
        report = group.create_task(run_route(MemoryWire(broker), route, blueprint))
    return report.result()


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(CASES),
    st.builds(Settings, st.integers(1, 4), st.booleans(), st.integers(1, 5)),
    st.integers(10, 150),
    st.floats(9.0, 20.0),
)
def test_a_process_that_was_frozen_and_comes_back_changes_nothing(
    case: Case, how: Settings, nth: int, seconds: float
) -> None:
    _, expected, in_order = case(how)

    report = Clock().run(run_with_one_that_freezes(case, how, nth, seconds))

    results = report.collected["results"]
    if in_order:
        assert results == expected
    else:
        assert Counter(results) == Counter(expected)
