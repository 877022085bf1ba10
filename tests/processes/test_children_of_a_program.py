"""Programs with child processes: how they end, and what is said when children cannot start."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from typedpipes import Plumber, RunStateError, Source
from typedpipes.nats import Broker, submit, work

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds until a program that does not end makes its test fail

PIPELINE = """
import os
import sys
from pathlib import Path

from typedpipes import PipelineFailed, Plumber, Processor, Source, in_process, run

def work(number: int) -> int:
    if number == 3:
        with open(sys.argv[1], "w") as told:  # waits for who reads
            told.write(str(os.getpid()))
            told.flush()
            if len(sys.argv) > 2:
                open(sys.argv[2]).read()  # until it is closed
    return number

def main() -> None:
    plumber = Plumber("program")
    worker = Processor(in_process(work), workers=2)
    done = plumber.connect(Source(range(1000))).to(worker).collect()
    try:
        report = run(plumber)
        counts = report.of(worker)
        print(report.ending, counts.received == counts.completed == len(done.items))
    except PipelineFailed as failed:
        print(failed.exceptions[0])
"""
UNGUARDED = """
from contextlib import asynccontextmanager

from typedpipes import (
    PipelineFailed, Plumber, Processor, Resource, Sink, Source, in_process, run
)

def work(number: int) -> int:
    return number

@asynccontextmanager
async def open_one():
    print("opened", flush=True)
    yield "one"

async def take(one: str, thing: object) -> None:
    print("took", thing, flush=True)

plumber = Plumber("program")
worker = Processor(in_process(work), workers=2)
sink = Sink(Resource(open_one).into(take))
plumber.connect(Source(range(20))).to(worker)
plumber.outcomes(worker).to(sink)
try:
    run(plumber)
except PipelineFailed as failed:
    print(failed.exceptions[0], flush=True)
"""
GUARDED = PIPELINE + '\nif __name__ == "__main__":\n    main()\n'


def start(program: Path, code: str, arguments: Sequence[Path] = ()) -> subprocess.Popen[str]:
    program.write_text(code)
    return subprocess.Popen(
        [sys.executable, program, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def pipes(tmp_path: Path) -> tuple[Path, Path]:
    """Return two named pipes: one tells that a child is at work, it waits for the other."""
    told, held = tmp_path / "told", tmp_path / "held"
    os.mkfifo(told)
    os.mkfifo(held)
    return told, held


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_drains_and_children_do_what_they_have_begun(
    number: signal.Signals, pipes: tuple[Path, Path], tmp_path: Path
) -> None:
    told, held = pipes
    with start(tmp_path / "program.py", GUARDED, pipes) as program, told.open() as child:
        with held.open("w"):
            os.killpg(program.pid, number)
        child.read()
        printed, said = program.communicate(timeout=PATIENCE)

    assert printed == "drained True\n"
    assert said == ""
    assert program.returncode == 0


def test_a_child_ends_by_itself_when_its_parent_was_killed_in_the_middle_of_a_call(
    pipes: tuple[Path, Path], tmp_path: Path
) -> None:
    told, _ = pipes
    with start(tmp_path / "program.py", GUARDED, pipes) as program, told.open() as child:
        process = child.read(1)  # it waits for the other pipe now
        program.kill()

        rest = child.read()  # until the child is gone, who has the other end

    assert (process + rest).isdigit()
    assert program.returncode == -signal.SIGKILL


def test_a_main_module_that_every_child_would_run_is_named_as_the_reason(tmp_path: Path) -> None:
    unguarded = PIPELINE.replace("        print(failed.exceptions[0])", "        raise")
    with start(tmp_path / "program.py", unguarded + "\nmain()\n") as program:
        printed, said = program.communicate(timeout=PATIENCE)

    assert printed == ""
    assert (
        "typedpipes.RunStateError: 'program' does not run here: the main module starts a "
        "run while a child process imports it. Put that under `if __name__ == '__main__':`."
    ) in said
    assert "the child process for 'work' could not start: it exited with code 1" in said
    assert program.returncode == 1


def test_without_a_guard_the_run_fails_though_failures_are_connected_and_children_open_nothing(
    tmp_path: Path,
) -> None:
    with start(tmp_path / "program.py", UNGUARDED) as program:
        printed, said = program.communicate(timeout=PATIENCE)

    assert printed.splitlines()[0] == "opened"
    assert printed.count("opened") == 1
    assert "took" not in printed
    assert "the child process for 'work' could not start: it exited with code 1" in printed
    assert "RunStateError: 'program' does not run here" in said


@pytest.mark.parametrize("start_elsewhere", [submit, work])
async def test_a_child_that_starts_takes_no_part_in_a_run_over_a_network(
    start_elsewhere: Callable[[Plumber, Broker], Awaitable[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plumber = Plumber("program")
    plumber.connect(Source([1])).collect()
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)

    with pytest.raises(RunStateError, match="'program' does not run here: the main module"):
        await start_elsewhere(plumber, Broker("nats://127.0.0.1:1"))


def test_a_function_on_standard_input_is_refused_before_anything_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-"],
        input=GUARDED,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE,
    )

    assert (
        "in_process cannot send 'work' to a child process: the main module is a notebook, a prompt "
        "or standard input, which no other process can import."
    ) in done.stderr
