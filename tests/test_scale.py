"""The simulation of runs over a network keeps the laws that any such run does."""

from __future__ import annotations

import pytest
from attrs import evolve

from benchmarks.scale import Costs, Plan, as_markdown, simulated

COSTS = Costs()
ONE = Plan(workers=1, calls=8, slice=1, nodes=1, cores=1, buffer=1_000)


@pytest.mark.parametrize(
    ("workers", "seconds", "spread"), [(1, 0.0, 0), (4, 0.01, 1), (9, 0.02, 1)]
)
def test_what_is_in_hand_is_the_rate_times_the_time_that_it_is_held(
    workers: int, seconds: float, spread: float
) -> None:
    plan = evolve(ONE, workers=workers, calls=64, seconds=seconds, spread=spread)

    found = simulated(plan)

    assert found.in_hand == pytest.approx(found.rate * found.held, rel=0.1)


def test_one_worker_does_as_many_slices_as_fit_into_a_second() -> None:
    found = simulated(ONE)

    assert found.rate == pytest.approx(1 / (COSTS.worker + COSTS.hint), rel=0.01)
    assert found.limit == "the workers"


def test_what_takes_long_is_done_as_often_as_calls_may_overlap() -> None:
    found = simulated(evolve(ONE, workers=4, calls=12, seconds=1.0))

    assert found.rate == pytest.approx(12 / 1.0, rel=0.01)
    assert found.limit == "the calls"


def test_twice_the_workers_do_twice_as_much_until_something_else_is_the_limit() -> None:
    rates = [
        simulated(evolve(ONE, workers=workers, calls=5_000, slice=100, cores=64, buffer=100_000))
        for workers in (4, 8, 400)
    ]

    assert rates[1].rate == pytest.approx(2 * rates[0].rate, rel=0.05)
    assert [each.limit for each in rates] == ["the workers", "the workers", "the source"]


def test_twice_the_shards_do_twice_as_much_where_a_stream_is_the_limit() -> None:
    costs = evolve(COSTS, stream=1e-3)
    plan = evolve(ONE, workers=400, calls=4_000, cores=1_000, to_all=False)

    one, two = (simulated(evolve(plan, shards=shards), costs) for shards in (1, 2))

    assert two.rate == pytest.approx(2 * one.rate, rel=0.05)


def test_where_all_of_many_processes_hear_of_each_record_the_next_one_waits_for_that() -> None:
    plan = evolve(ONE, workers=2_000, calls=10_000, slice=10, cores=2)

    to_all, to_one = (simulated(evolve(plan, to_all=to_all)) for to_all in (True, False))

    assert to_all.limit == "the turn"
    assert to_all.rate < to_one.rate / 4


def test_no_more_waits_before_a_node_than_its_buffer() -> None:
    small, large = (simulated(evolve(ONE, buffer=buffer)) for buffer in (100, 1_000))

    assert large.memory == 10 * small.memory


def test_the_table_has_a_line_for_each_plan() -> None:
    outcomes = [simulated(evolve(ONE, workers=workers)) for workers in (1, 2)]

    table = as_markdown(outcomes).splitlines()

    assert len(table) == 2 + 2
    assert {line.count("|") for line in table} == {table[0].count("|")}
