"""Items that end the process in the middle of the results of their generator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from typing_extensions import override

from tests.network.poison import Poisoned
from tests.support.clock import Clock
from typedpipes import Plumber, Processor, Report, Sink, Source

COUNT = 20
POISON = [3, 4, 12]
EACH = 9  # results


class Counting(Poisoned):
    """Counts in a generator; some numbers end its process in the middle.

    Args:
        at: how many results such an item has before.
        workers: of the generator.
        ordered: whether it is.
    """

    def __init__(self, at: int, *, workers: int, ordered: bool = True) -> None:
        super().__init__()
        self._at = at
        self._workers = workers
        self._ordered = ordered

    async def _count(self, number: int) -> AsyncIterator[int]:
        for each in range(EACH):
            await asyncio.sleep(0.01)  # so that others are in progress beside it
            if number in POISON and each == self._at:
                await self.die()
            yield 100 * number + each

    @override
    def draw(self) -> Plumber:
        plumber = Plumber("poisoned")
        counting = Processor(self._count, workers=self._workers, ordered=self._ordered, buffer=5)
        plumber.connect(Source(range(COUNT))).to(counting).collect(name="numbers", buffer=5)
        plumber.failures(counting).to(Sink(self.note, name="failures"))
        return plumber


def results_of(report: Report, number: int) -> Sequence[object]:
    """Return the results of an item, without what tells it from others."""
    numbers = report.collected["numbers"]
    return [each % 100 for each in numbers if isinstance(each, int) and each // 100 == number]


def play(poisoned: Counting, longest: int) -> Report:
    async def run() -> Report:
        return await poisoned.run(longest)

    return Clock().run(run())


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("longest", [1, 5])
@pytest.mark.parametrize("at", [0, 2, 8])
def test_items_that_end_their_process_fail_and_no_others_do(
    at: int, longest: int, workers: int, ordered: bool
) -> None:
    poisoned = Counting(at, workers=workers, ordered=ordered)

    report = play(poisoned, longest)

    assert sorted(each.item for each in poisoned.failed) == POISON
    assert poisoned.kinds == {"typedpipes.nats.WorkerDied"}
    assert poisoned.deaths <= 3 * len(POISON)
    for number in range(COUNT):
        results = results_of(report, number)
        if number in POISON:  # what was given before stays
            assert results == [*range(at)][: len(results)]
        else:
            assert results == [*range(EACH)]
    if ordered:
        numbers = [each for each in report.collected["numbers"] if isinstance(each, int)]
        assert numbers == sorted(numbers)


def test_what_was_given_before_the_process_died_stays_and_comes_once() -> None:
    poisoned = Counting(at=3, workers=1)

    report = play(poisoned, longest=1)

    assert [results_of(report, number) for number in POISON] == [[0, 1, 2]] * 3
    (counts,) = [each for each in report.counts if each.name == "_count"]
    assert (counts.received, counts.failed) == (COUNT, len(POISON))
    assert counts.emitted == (COUNT - len(POISON)) * EACH + len(POISON) * 3


def test_a_generator_that_waits_for_room_keeps_no_other_item_from_its_trial() -> None:
    """Else the item that all wait for could never be called."""
    poisoned = Counting(at=EACH - 1, workers=4)

    report = play(poisoned, longest=1)

    assert report.ending == "finished"
    assert len(report.collected["numbers"]) == COUNT * EACH - len(POISON)
