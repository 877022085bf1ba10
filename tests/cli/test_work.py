"""`typedpipes work` under supervision: several processes, and when they are ready."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.cli.brokered import Commands, over_a_broker
from tests.cli.commands import PATIENCE, typedpipes
from typedpipes.cli.ready import readiness
from typedpipes.cli.workers import Backoff

GRAPHS = """\
import asyncio
import os
from collections.abc import AsyncIterator
from typedpipes import Plumber, Processor, Sink, Source

async def slowly(number: int) -> None:
    print("begun", number, os.getpid(), flush=True)
    await asyncio.sleep(0.1)
    print("done", number, os.getpid(), flush=True)

async def endless() -> AsyncIterator[int]:
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(0.01)

def draw() -> Plumber:
    plumber = Plumber("steady")
    plumber.connect(Source(endless, name="numbers")).to(Sink(slowly, name="store", buffer=4))
    return plumber

async def count(number: int) -> AsyncIterator[int]:
    for each in range(3):
        if (number, each) == (2, 1):
            await asyncio.sleep(0.1)
            os._exit(9)
        yield 10 * number + each

def deadly() -> Plumber:
    plumber = Plumber("deadly")
    plumber.connect(Source(range(5))).to(Processor(count, buffer=1)).collect(name="all", buffer=1)
    return plumber

def dead() -> Plumber:
    os._exit(3)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(GRAPHS)
    return tmp_path


@pytest.fixture
def commands(folder: Path) -> Iterator[Commands]:
    with over_a_broker(folder) as commands:
        yield commands


def until(test: Callable[[], bool], *running: subprocess.Popen[str]) -> None:
    """Wait until something is true, while processes go on."""
    while not test():
        for process in running:
            assert process.poll() is None
        time.sleep(0.02)


def output(of: IO[str] | None) -> IO[str]:
    assert of is not None
    return of


def test_several_processes_work_and_the_file_says_when_all_do(
    commands: Commands, folder: Path
) -> None:
    ready = folder / "ready"
    ready.write_text("of one that was killed")
    workers = commands.start("work", "net:draw", "--processes", "3", "--ready", "ready")
    until(lambda: ready.exists() and ready.read_text() == f"{workers.pid}\n", workers)

    running = commands.start("run", "net:draw", "--broker", "--report", "none")
    for _ in range(6):
        output(workers.stdout).readline()
    commands.run("runs", "steady", "--drain")

    done, said = workers.communicate(timeout=PATIENCE)
    assert workers.returncode == 0
    assert not ready.exists()
    assert said.count("works for the run 'steady'") == 2 * 3  # begins to, and no longer
    running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
    lines = [line.split() for line in done.splitlines()]
    assert [word for word, *_ in lines] == ["begun", "done"] * (len(lines) // 2)


@pytest.mark.slow
def test_a_process_that_dies_is_restarted(commands: Commands) -> None:
    running = commands.start(
        "run", "net:draw", "--broker", "--report", "none", "--keep-within", "0.5"
    )
    workers = commands.start("work", "net:draw", "--processes", "2", "--keep-within", "0.5")
    killed: list[int] = []
    at: list[str] = []
    while len(killed) < 3:  # one more than there are
        word, item, pid = output(workers.stdout).readline().split()
        # Another one each time: else it would be the item that kills.
        if word == "begun" and item not in at and int(pid) not in killed:
            os.kill(int(pid), signal.SIGKILL)
            killed.append(int(pid))
            at.append(item)

    for number in killed:
        lines = iter(output(workers.stderr).readline, "")
        line = next(line for line in lines if "was ended by" in line)
        assert line.startswith("typedpipes: worker ")
        assert f"(process {number}) was ended by SIGKILL; another one begins in " in line
    commands.run("runs", "steady", "--drain")
    workers.communicate(timeout=PATIENCE)
    running.communicate(timeout=PATIENCE)

    assert (workers.returncode, running.returncode) == (0, 0)


@pytest.mark.slow
def test_an_item_that_ends_each_process_fails_and_the_others_do_not(commands: Commands) -> None:
    workers = commands.start("work", "net:deadly", "--processes", "2", "--keep-within", "0.5")

    done = commands.run(
        *("run", "net:deadly", "--broker", "--on-failure", "drain", "--keep-within", "0.5"),
        *("--grace", "60", "--report", "json"),
    )

    report = json.loads(done.stdout)
    assert report["collected"] == {"all": [0, 1, 2, 10, 11, 12, 20, 30, 31, 32, 40, 41, 42]}
    (error,) = report["errors"]
    assert error.startswith("'count' failed on 2: ")
    assert "WorkerDied" in error
    _, said = workers.communicate(timeout=PATIENCE)
    assert said.count("has ended with exit code 9; another one begins in") == 3
    assert workers.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kill", "number"),
    [(os.kill, signal.SIGTERM), (os.killpg, signal.SIGTERM), (os.killpg, signal.SIGINT)],
    ids=["parent", "group", "Ctrl-C"],
)
def test_a_signal_lets_all_processes_finish_what_they_have_in_hand(
    commands: Commands,
    folder: Path,
    kill: Callable[[int, int], None],
    number: signal.Signals,
) -> None:
    workers = commands.start("work", "net:draw", "--processes", "2", "--ready", "ready")
    until((folder / "ready").exists, workers)  # before, a process of the group just ends
    running = commands.start("run", "net:draw", "--broker", "--report", "none")
    first = output(workers.stdout).readline()

    kill(workers.pid, number)

    rest, said = workers.communicate(timeout=PATIENCE)
    assert workers.returncode == 0
    assert "ended" not in said
    words = [line.split()[:2] for line in (first + rest).splitlines()]
    begun = [item for word, item in words if word == "begun"]
    done = [item for word, item in words if word == "done"]
    assert begun == done
    commands.run("runs", "steady", "--abort")
    running.communicate(timeout=PATIENCE)


def test_the_processes_leave_when_their_parent_is_killed(commands: Commands) -> None:
    running = commands.start("run", "net:draw", "--broker", "--report", "none")
    workers = commands.start("work", "net:draw", "--processes", "2")
    output(workers.stdout).readline()

    workers.kill()

    workers.communicate(timeout=PATIENCE)  # until none of them has its output open
    commands.run("runs", "steady", "--abort")
    running.communicate(timeout=PATIENCE)


def test_the_exit_code_of_a_process_that_refuses_to_work_is_that_of_its_parent(
    folder: Path,
) -> None:
    done = typedpipes(
        *("work", "net:missing", "--processes", "2", "-b", "nats://127.0.0.1:1"), folder=folder
    )

    assert done.returncode == 2
    assert "'missing'" in done.stderr
    assert "another one begins" not in done.stderr


def test_a_signal_ends_the_wait_for_another_process(folder: Path) -> None:
    workers = Commands(folder).start(
        *("work", "net:dead", "--processes", "2", "-b", "nats://127.0.0.1:1")
    )
    line = output(workers.stderr).readline()

    workers.terminate()
    workers.communicate(timeout=PATIENCE)

    assert "has ended with exit code 3; another one begins in 1 s" in line
    assert workers.returncode == 0


def test_several_processes_do_not_read_the_standard_input(folder: Path) -> None:
    done = typedpipes(*("work", "-", "--processes", "2", "-b", "nats://127.0.0.1:1"), folder=folder)

    assert done.returncode == 2
    assert "several processes cannot all read the standard input" in done.stderr


def test_a_file_that_cannot_be_written_is_refused(folder: Path) -> None:
    done = typedpipes(
        *("work", "net:draw", "--ready", "no/such/folder", "-b", "nats://127.0.0.1:1"),
        folder=folder,
    )

    assert done.returncode == 2
    assert "cannot write 'no/such/folder': " in done.stderr


@pytest.mark.parametrize("processes", ["1", "2"])
def test_systemd_is_told_once_that_a_worker_waits(
    commands: Commands, folder: Path, monkeypatch: pytest.MonkeyPatch, processes: str
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        workers = commands.start("work", "net:draw", "--processes", processes)

        told = systemd.recv(100)

        workers.terminate()
        workers.communicate(timeout=PATIENCE)
        assert workers.returncode == 0
        systemd.setblocking(False)
        with pytest.raises(BlockingIOError):
            systemd.recv(100)
    assert told == b"READY=1"


@pytest.mark.skipif(not Path("/proc/net/unix").exists(), reason="only Linux has such addresses")
def test_systemd_may_listen_at_an_address_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"typedpipes-{os.getpid()}"
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name}")

        with readiness(None) as tell:
            tell()

        assert systemd.recv(100) == b"READY=1"


def test_the_pauses_grow_while_processes_do_not_live_for_long() -> None:
    backoff = Backoff()

    pauses = [backoff.after(lived) for lived in (0, 1, 2, 3, 4, 5, 6, 60, 1)]

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 1, 2]
