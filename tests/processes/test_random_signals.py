"""A run with child processes is ended by signals at random moments.

There are six endings, or as many as the environment variable ENDINGS says:
`ENDINGS=200 pytest tests/processes/test_random_signals.py`. Each has a seed of its own, so one that
fails can be tried again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENDINGS = int(os.environ.get("ENDINGS", "6"))


@pytest.mark.parametrize("seed", range(ENDINGS))
def test_whenever_signals_come_no_item_is_lost_and_no_process_is_left(seed: int) -> None:
    rng = random.Random(seed)
    sent = rng.choice([[signal.SIGINT], [signal.SIGTERM], [signal.SIGTERM, signal.SIGINT]])
    send = rng.choice([os.kill, os.killpg])
    before = rng.choice([0, 1, rng.randint(2, 2000)])
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.support.endless"],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with program:
        assert program.stdout is not None
        first = [*islice(program.stdout, 1 + before)]

        for number in sent:
            send(program.pid, number)
        # Children have the same standard error, so this waits for the last of them.
        rest = [*program.stdout]

    lines = [*first, *rest]
    told, became = lines[1:-1], json.loads(lines[-1])
    drained = program.returncode == 0
    assert program.returncode == 0 or (program.returncode == 130 and len(sent) == 2)
    assert [int(line) for line in told] == [*range(len(told))]
    assert sorted([*range(len(told)), *became["left"]]) == [*range(became["emitted"])]
    assert became["failed"] == 0
    assert not (drained and became["left"])
