"""The benchmarks compare like with like: each contestant really does what a workload asks."""

from __future__ import annotations

import pytest

from benchmarks.contestant import Cannot, Contestant, no_chain
from benchmarks.contestants import installed, load
from benchmarks.race import Effort, Race, Result, run
from benchmarks.verdict import better_peers, misses, wanted
from benchmarks.workload import Target, Workload, WrongResult, check
from benchmarks.workloads import WORKLOADS

FEW = 10
LONG = {"row-1000", "row-10000"}
LOSES_ITEMS = {"pypeln"}  # now and then, as the table then says
CONTESTANTS = {one.name: one for one in installed()}
WORKLOADS_BY_NAME = {one.name: one for one in WORKLOADS}


def tried(workload: Workload) -> bool:
    """All but those that repeat a shorter one at greater length, or start a process."""
    return workload.name not in LONG and not workload.name.startswith(("items-", "peak-"))


# What peers do with their own tasks and queues at the end is not our concern.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("contestant", CONTESTANTS.values(), ids=CONTESTANTS)
def test_every_contestant_gives_right_results_or_says_that_it_cannot(
    contestant: Contestant,
) -> None:
    missing: list[str] = []
    for workload in filter(tried, WORKLOADS):
        if workload.suits(contestant):
            try:
                run(workload, contestant, FEW)
            except Cannot:
                missing.append(workload.name)
            except WrongResult:
                assert contestant.name in LOSES_ITEMS

    assert "chain-1" not in missing or contestant.chain is no_chain
    assert not missing or contestant.name != "typedpipes"


def test_a_child_process_tells_time_and_memory() -> None:
    per_item = run(WORKLOADS_BY_NAME["items-10000"], load("typedpipes"), FEW)
    peak = run(WORKLOADS_BY_NAME["peak-100000"], load("typedpipes"), FEW)

    assert per_item > 0
    assert peak > 1


def test_workloads_have_names_of_their_own() -> None:
    assert len(WORKLOADS_BY_NAME) == len(WORKLOADS)


def test_a_target_may_depend_only_on_a_workload_that_is_there() -> None:
    others = {one.target.than for one in WORKLOADS} - {None}

    assert others <= set(WORKLOADS_BY_NAME)


@pytest.mark.parametrize("received", [[1, 2], [1, 2, 2], [1, 3, 2]])
def test_a_lost_doubled_or_misplaced_item_is_a_wrong_result(received: list[int]) -> None:
    with pytest.raises(WrongResult):
        check(received, [1, 2, 3], ordered=True)


def test_any_order_is_right_where_none_was_asked_for() -> None:
    check([3, 1, 2], [1, 2, 3], ordered=False)


def test_one_that_loses_an_item_gets_no_figure_but_a_reason() -> None:
    async def lossy(items: object, steps: object, sink: object, *, bound: int = 0) -> None:
        """Does nothing with what it is given."""

    liar = Contestant(name="liar", title="liar", chain=lossy)

    result = Race(WORKLOADS_BY_NAME["chain-1"], [liar], Effort(0, 1, 0), tell=print).result()

    assert not result.figures
    assert result.failures == {"liar"}
    assert result.missing["liar"].startswith("0 of 400 items arrived")


def test_what_misses_a_target_is_said() -> None:
    workload = WORKLOADS_BY_NAME["chain-1"]
    result = Result(workload, {"typedpipes": 3.0, "queues": 6.0, "aiostream": 2.9, "loop": 1.0})

    said = list(misses(result, {}))

    assert len(said) == 2
    assert "should be at most" in said[0]
    assert "asyncio.Queue needs 2.00 times as much" in said[1]
    assert better_peers(result) == ["aiostream"]


def test_what_meets_its_target_is_not() -> None:
    result = Result(WORKLOADS_BY_NAME["chain-1"], {"typedpipes": 1.5, "queues": 15.0})

    assert not list(misses(result, {}))


def test_a_target_may_be_a_multiple_of_another_figure() -> None:
    result = Result(WORKLOADS_BY_NAME["row-100"], {"typedpipes": 301.0})

    assert not list(misses(result, {"row-10": 201.0}))
    assert list(misses(result, {"row-10": 199.0}))


def test_targets_are_shown_in_few_words() -> None:
    assert wanted(WORKLOADS_BY_NAME["chain-1"]) == "≤ 2.20 x, asyncio.Queue / 6"
    assert wanted(WORKLOADS_BY_NAME["latency"]) == "≤ asyncio.Queue"
    assert Target() == WORKLOADS_BY_NAME["row-10"].target
