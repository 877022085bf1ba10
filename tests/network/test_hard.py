"""The run in which everything dies, shortened; `python -m tests.network.hard` is the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.network import hosts
from tests.network.hard import Plan, run


@pytest.mark.slow
async def test_when_everything_dies_each_result_still_comes_once_and_in_order(
    tmp_path: Path,
) -> None:
    outcome = await run(Plan(items=900, workers=2, kills=5, restarts=1, poison=1), tmp_path)

    assert not outcome.wrong()
    assert outcome.deaths >= 5 + 3 - 2  # one that was about to die is not killed as well


@pytest.mark.slow
async def test_when_the_leader_of_a_cluster_dies_each_result_still_comes_once_and_in_order(
    tmp_path: Path,
) -> None:
    plan = Plan(items=400, workers=2, kills=2, restarts=1, poison=0, replicas=3)

    outcome = await run(plan, tmp_path)

    assert not outcome.wrong()
    assert outcome.deaths == 2


@pytest.mark.slow
@pytest.mark.skipif(not hosts.can_be_made(), reason="no network namespaces can be made here")
def test_two_hosts_go_on_after_a_cut_between_them() -> None:
    assert hosts.run(600, cut=3.0) == 0
