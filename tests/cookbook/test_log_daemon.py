"""The log daemon, as a process with a log that grows, ended by real signals."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cookbook.programs import BOTH, file_of

HOUR = "3600"


@contextmanager
def following(program: Path, log: Path, seconds: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, str(program), str(log), seconds]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        try:
            yield daemon
        finally:
            daemon.kill()


def next_line(daemon: subprocess.Popen[str]) -> str:
    """Wait until it prints a line."""
    assert daemon.stdout is not None
    line = daemon.stdout.readline()
    assert line, "it has ended"
    return line.strip()


def write(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("which", BOTH)
def test_a_signal_ends_it_and_the_interval_that_has_begun_is_shown(
    which: str, ending: signal.Signals, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    write(log, "INFO all is well\n" * 300 + "ERROR a flood\nERROR a fi")

    with following(file_of(which, "log_daemon", tmp_path), log, HOUR) as daemon:
        shown = [next_line(daemon)]
        write(log, "re\nINFO it is out\nERROR a storm\n")
        shown += [next_line(daemon), next_line(daemon)]
        daemon.send_signal(ending)
        rest, _ = daemon.communicate()

    assert shown == ["ERROR a flood", "ERROR a fire", "ERROR a storm"]
    assert rest == "Counter({'INFO': 301, 'ERROR': 3})\n"
    assert daemon.returncode == 0


@pytest.mark.parametrize("which", BOTH)
def test_it_shows_the_counts_of_each_interval(which: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    write(log, "")

    counted: list[int] = []
    with following(file_of(which, "log_daemon", tmp_path), log, "0.05") as daemon:
        for _ in range(3):
            write(log, "INFO all is well\n" * 40)
            goal = sum(counted) + 40
            while sum(counted) < goal:
                counted.extend(map(int, re.findall(r"'INFO': (\d+)", next_line(daemon))))

    assert sum(counted) == 120
