"""A census in a process of its own, and the signals that end it."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import pytest
from attrs import define

from demos.census.files import python_files
from demos.census.pipeline import draw
from demos.census.signatures import Parsed
from demos.census.tally import Tally
from typedpipes import Doom, doomsday

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = "def double(number: int) -> int:\n    return 2 * number\n"
PATIENCE = 60  # seconds until a process that does not end is a failed test


@contextmanager
def census(folder: Path) -> Generator[tuple[subprocess.Popen[str], IO[str]], None, None]:
    """Run the census of a folder, in a process group of its own as a shell would."""
    command = [sys.executable, "-W", "error", "-m", "demos.census", str(folder)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def gate_in(folder: Path) -> Path:
    """Make the first file of a folder a pipe: who opens it waits until the census reads it."""
    gate = folder / "a_gate.py"
    os.mkfifo(gate)
    return gate


def read_until(output: IO[str], words: str) -> str:
    """Read what a process prints up to the line with these words."""
    lines: list[str] = []
    for line in output:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"it ended without saying {words!r}:\n{''.join(lines)}")


def report_in(output: str) -> dict[str, dict[str, int]]:
    """Find the report of the run, and give the numbers of each node by their columns."""
    _, _, table = output.partition("\ncensus: ")
    _, heading, *lines = table.splitlines()
    columns = re.split(r"\s{2,}", heading.strip())
    rows = (line.split() for line in lines if not line.startswith("doom"))
    return {name: dict(zip(columns, map(int, row), strict=True)) for name, *row in rows}


def ended(node: dict[str, int]) -> int:
    """Add up what became of the items of a node; a column of zeros is left out of a report."""
    return sum(node.get(fate, 0) for fate in ("completed", "failed", "dropped", "interrupted"))


def test_sigterm_drains_a_census_which_exits_0_with_a_report_that_adds_up(tmp_path: Path) -> None:
    gate = gate_in(tmp_path)
    for number in range(1000):
        (tmp_path / f"b{number}.py").write_text(FUNCTION)

    with census(tmp_path) as (process, output):
        with gate.open("w") as first_file:
            process.send_signal(signal.SIGTERM)
            told = read_until(output, "draining (signal")
            first_file.write(FUNCTION)
        told += output.read()
        status = process.wait(PATIENCE)

    assert status == 0, told
    report = report_in(told)
    found = report["files"]["emitted"]
    total = re.search(r"total\W+(\d+)\W+(\d+)\W+(\d+)", told)
    assert 0 < found < 1001
    assert {ended(node) for name, node in report.items() if name != "failures"} == {found}
    assert total
    assert {int(number) for number in total.groups()} == {found}
    assert "doom (drain): signal SIGTERM" in told


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_two_signals_abort_a_census_though_its_processes_are_busy(
    tmp_path: Path, sent: signal.Signals
) -> None:
    gate = gate_in(tmp_path)
    slow = tmp_path / "b.py"
    slow.write_text("def nothing(): pass\n" * 100_000)  # keeps a core busy for a second or two
    for number in range(50):
        (tmp_path / f"c{number}.py").hardlink_to(slow)

    with census(tmp_path) as (process, output):
        gate.write_text(FUNCTION)
        # As Ctrl-C does, or a service manager: the children get it too.
        os.killpg(process.pid, sent)
        told = read_until(output, "draining (signal")
        os.killpg(process.pid, sent)
        told += output.read()
        status = process.wait(PATIENCE)

    assert status == 130, told
    assert "doom (abort): " in told
    assert "Traceback" not in told
    report = report_in(told)
    assert report["parse"]["interrupted"] > 0
    assert not report["parse"].get("failed")
    assert all(node["received"] == ended(node) for node in report.values())


@define
class Doomed(Tally):
    """A tally that ends the run with its first file."""

    mode: Literal["drain", "abort"] = "drain"

    async def add(self, counted: tuple[Parsed, int, int]) -> None:
        await Tally.add(self, counted)
        await doomsday.get().put(Doom("one is enough", mode=self.mode))


@pytest.mark.parametrize("mode", ["drain", "abort"])
async def test_when_a_census_ends_its_threads_and_processes_have_ended(
    mode: Literal["drain", "abort"], tmp_path: Path
) -> None:
    for number in range(100):
        (tmp_path / f"{number}.py").write_text(FUNCTION)
    before = set(threading.enumerate())

    await draw(list(python_files(tmp_path)), Doomed(mode=mode)).run()

    assert set(threading.enumerate()) <= before
    assert not multiprocessing.active_children()
