"""A census in a process of its own, and the signals that end it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

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


def numbers(output: str, row: str) -> list[int]:
    """Find the row of a table by its name, and give the numbers in it."""
    found = re.search(rf"^\W*{row}\s(.*)$", output, flags=re.MULTILINE)
    assert found, f"there is no row {row!r} in:\n{output}"
    return [int(number) for number in re.findall(r"\b\d+\b(?![.%])", found[1])]


def test_sigterm_drains_a_census_which_exits_0_with_a_report_that_adds_up(tmp_path: Path) -> None:
    gate = gate_in(tmp_path)
    for number in range(1000):
        (tmp_path / f"b{number}.py").write_text(FUNCTION)

    with census(tmp_path) as (process, output):
        with gate.open("w") as first_file:
            process.send_signal(signal.SIGTERM)
            told = read_until(output, "Stopping: signal")
            first_file.write(FUNCTION)
        told += output.read()
        status = process.wait(PATIENCE)

    assert status == 0, told
    found, *_ = numbers(told, "files")
    read, *_ = numbers(told, "read")
    tallied, *_ = numbers(told, "tally")
    files, functions, typed, *_ = numbers(told, "total")
    assert 0 < found < 1001
    assert found == read == tallied == files == functions == typed
    assert "doom (drain): signal SIGTERM" in told


def test_two_interrupts_abort_a_census_though_its_processes_are_busy(tmp_path: Path) -> None:
    gate = gate_in(tmp_path)
    slow = tmp_path / "b.py"
    slow.write_text("def nothing(): pass\n" * 100_000)  # keeps a core busy for a second or two
    for number in range(50):
        (tmp_path / f"c{number}.py").hardlink_to(slow)

    with census(tmp_path) as (process, output):
        gate.write_text(FUNCTION)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: the children get it too
        told = read_until(output, "Stopping: signal")
        os.killpg(process.pid, signal.SIGINT)
        told += output.read()
        status = process.wait(PATIENCE)

    assert status == 130, told
    assert "doom (abort): " in told
    assert "Traceback" not in told
    received, completed, *_ = numbers(told, "parse")
    assert completed < received
