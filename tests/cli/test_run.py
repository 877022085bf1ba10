"""`typedpipes run`, as a process: what it prints where, and how signals end it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.commands import PATIENCE, command, environment, typedpipes


def test_a_run_ends_with_a_table_and_is_calm_when_piped(folder: Path) -> None:
    done = typedpipes("run", "graphs:draw", folder=folder)

    first, second, title, *table = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert (first, second) == ("3", "3")
    assert title.startswith("words: finished, ")
    assert [line.split() for line in table] == [
        ["received", "completed", "emitted"],
        ["words", "2", "2", "2"],
        ["length", "2", "2", "2"],
        ["show", "2", "2", "0"],
    ]


def test_a_definition_runs(folder: Path) -> None:
    done = typedpipes("run", "words.toml", "-c", "graphs", "--report", "none", folder=folder)

    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n3\n", "")


def test_a_report_can_be_read_by_a_program(folder: Path) -> None:
    done = typedpipes("run", "graphs:draw", "--report", "json", folder=folder)

    report = json.loads(done.stdout)
    assert done.stderr == "3\n3\n"
    assert (report["plumber"], report["ending"], report["errors"]) == ("words", "finished", [])
    assert report["processors"][1] == {
        "name": "length",
        "received": 2,
        "completed": 2,
        "failed": 0,
        "dropped": 0,
        "interrupted": 0,
        "emitted": 2,
        "cut_short": False,
        "unprocessed": 0,
        "undelivered": 0,
    }


def test_what_was_collected_is_in_the_report_for_programs(folder: Path) -> None:
    done = typedpipes("run", "graphs:collecting", "-r", "json", folder=folder)

    assert json.loads(done.stdout)["collected"] == {
        "numbers": [1, "1j", "'\\ud800'", "<Unprintable object>"],
        "integers": [1],
    }


def test_a_failed_run_tells_its_error_in_a_line_and_still_reports(folder: Path) -> None:
    done = typedpipes("run", "graphs:failing", "--report", "json", folder=folder)

    error = "'divide' failed on 3: ZeroDivisionError('division by zero')"
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert done.stderr == f"typedpipes: {error}\n"
    assert (report["ending"], report["errors"]) == ("failed", [error])


def test_what_is_inside_flows_out_after_a_failure_if_it_is_asked_for(folder: Path) -> None:
    done = typedpipes(
        "run", "graphs:failing", "--on-failure", "drain", "--report", "json", folder=folder
    )

    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["ending"] == "failed"
    assert [each["unprocessed"] for each in report["processors"]] == [0, 0, 0, 0]


@contextmanager
def started(*arguments: str, folder: Path) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_drains(number: signal.Signals, folder: Path) -> None:
    with started("run", "graphs:endless", folder=folder) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == ["0\n", "1\n", "2\n"]

        process.send_signal(number)
        told, news = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert told.startswith("endless: drained, ")
    assert news == f"typedpipes: draining (signal {number.name}), a second signal aborts\n"


def test_a_second_signal_aborts(folder: Path) -> None:
    with started("run", "graphs:stubborn", folder=folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "waiting\n"

        process.send_signal(signal.SIGINT)
        assert "draining (signal SIGINT)" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        told, news = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert told.startswith("stubborn: aborted, ")
    assert news == "typedpipes: aborting (signal SIGINT)\n"


def test_the_end_of_the_grace_aborts(folder: Path) -> None:
    with started("run", "graphs:stubborn", "--grace", "0.01", folder=folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"

        process.send_signal(signal.SIGINT)
        told, news = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert told.startswith("stubborn: aborted, ")
    assert news.splitlines() == [
        "typedpipes: draining (signal SIGINT), a second signal aborts",
        "typedpipes: aborting (not everything flowed out within 0.01 s)",
    ]


def test_a_terminal_shows_how_the_run_goes_on(folder: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("run", "graphs:endless"),
        cwd=folder,
        env=environment(TERM="xterm", LINES="24"),
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    with process:
        try:
            shown = b""
            while b"show" not in shown or b"0%" not in shown:
                shown += os.read(ours, 4096)
        finally:
            process.send_signal(signal.SIGINT)
            _drain(ours)
            process.communicate(timeout=PATIENCE)

    headings = b"processor", b"in", b"out", b"failed", b"in flight", b"per second", b"edge"
    assert all(heading in shown for heading in headings)


def _drain(terminal: int) -> None:
    """Read until there is no writer, which a terminal tells by an error."""
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        pass
    finally:
        os.close(terminal)
