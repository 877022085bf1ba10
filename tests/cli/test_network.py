"""`typedpipes broker`, `work`, `runs` and `run --broker`, each as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.brokered import Commands, over_a_broker
from tests.cli.commands import PATIENCE, environment, typedpipes

GRAPHS = """\
import asyncio
from collections.abc import AsyncIterator
from typedpipes import Plumber, Processor, Sink, Source

async def double(number: int) -> int:
    return 2 * number

async def slowly(number: int) -> None:
    print("begun", number, flush=True)
    await asyncio.sleep(0.2)
    print("done", number, flush=True)

async def endless() -> AsyncIterator[int]:
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(0.01)

def draw() -> Plumber:
    plumber = Plumber("doubling")
    plumber.connect(Source(range(5))).to(Processor(double)).collect(name="doubles")
    return plumber

async def check(number: int) -> int:
    if number == 3:
        raise ValueError("not this one")
    return number

def failing() -> Plumber:
    plumber = Plumber("failing")
    plumber.connect(Source(range(6))).to(Processor(check)).collect(name="checked")
    return plumber

def steady() -> Plumber:
    plumber = Plumber("steady")
    plumber.connect(Source(endless, name="numbers")).to(Sink(slowly, name="store", buffer=4))
    return plumber
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(GRAPHS)
    return tmp_path


@pytest.fixture
def commands(folder: Path) -> Iterator[Commands]:
    with over_a_broker(folder) as commands:
        yield commands


def test_a_graph_runs_over_a_broker_in_workers(commands: Commands) -> None:
    early = commands.start("work", "net:draw")

    done = commands.run("run", "net:draw", "--broker", "--report", "json")

    assert json.loads(done.stdout)["collected"] == {"doubles": [0, 2, 4, 6, 8]}
    assert done.returncode == 0
    _, said = early.communicate(timeout=PATIENCE)
    assert said.splitlines() == [
        "typedpipes: works for the run 'doubling'",
        "typedpipes: no longer works for the run 'doubling'",
    ]
    late = commands.run("work", "net:draw")
    assert late.returncode == early.returncode == 0
    assert late.stderr == (
        "typedpipes: the run 'doubling' is over already: finished. "
        "To wait for the next one: wait=True, or --wait\n"
    )
    listed = commands.run("runs").stdout
    assert listed.startswith("doubling  finished ")


def test_an_item_that_fails_drains_the_run_if_that_is_asked_for(commands: Commands) -> None:
    worker = commands.start("work", "net:failing")

    done = commands.run(
        "run", "net:failing", "--broker", "--on-failure", "drain", "--report", "json"
    )

    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["collected"] == {"checked": [0, 1, 2, 4, 5]}
    (error,) = report["errors"]
    assert error.startswith("'check' failed on 3: ")
    worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="it looks for a child in /proc")
def test_a_broker_whose_server_ends_by_itself_ends_and_says_so(commands: Commands) -> None:
    broker = commands.start("broker")
    assert broker.stdout is not None
    assert broker.stderr is not None
    assert broker.stdout.readline().startswith("nats://")
    (server,) = Path(f"/proc/{broker.pid}/task/{broker.pid}/children").read_text().split()

    os.kill(int(server), signal.SIGKILL)

    assert broker.wait() == 1
    assert "the broker has ended by itself, with exit code -9" in broker.stderr.read()


def test_a_plain_run_does_not_go_over_the_broker_of_the_environment(commands: Commands) -> None:
    done = commands.run("run", "net:draw", "--report", "json")  # there is no worker

    assert json.loads(done.stdout)["collected"] == {"doubles": [0, 2, 4, 6, 8]}
    assert commands.run("runs").stdout == "There are no runs on this broker.\n"


def test_a_worker_that_gets_sigterm_finishes_what_it_has_in_hand(commands: Commands) -> None:
    running = commands.start("run", "net:steady", "--broker", "--run", "first", "--report", "none")
    leaving = commands.start("work", "net:steady", "--run", "first")
    assert leaving.stdout is not None
    begun = leaving.stdout.readline()
    leaving.send_signal(signal.SIGTERM)

    rest, _ = leaving.communicate(timeout=PATIENCE)

    assert leaving.returncode == 0
    assert begun == "begun 0\n"
    assert rest == "done 0\n"
    other = commands.start("work", "net:steady", "--run", "first")
    assert other.stdout is not None
    assert other.stdout.readline() == "begun 1\n"
    assert commands.run("runs", "first", "--drain", "--reason", "enough").returncode == 0
    _, said = running.communicate(timeout=PATIENCE)
    assert (running.returncode, said) == (
        0,
        "typedpipes: draining (enough), a second signal aborts\n",
    )


def test_a_run_is_shown_and_paused_and_aborted(commands: Commands) -> None:
    running = commands.start("run", "net:steady", "--broker", "--report", "table")
    commands.start("work", "net:steady")
    commands.has("steady")

    paused = commands.run("runs", "steady", "--pause", "store")
    shown = commands.run("runs", "steady")
    resumed = commands.run("runs", "steady", "--resume", "*")
    permissions = json.loads(commands.run("runs", "steady", "--permissions").stdout)
    document = json.loads(commands.run("runs", "--format", "json").stdout)
    aborted = commands.run("runs", "steady", "--abort", "--reason", "enough")

    assert [each.returncode for each in (paused, shown, resumed, aborted)] == [0, 0, 0, 0]
    assert "tp.steady.>" in permissions["publish"]["allow"]
    first, head, *rows = shown.stdout.splitlines()
    assert first == "steady  running, paused: store"
    assert head.split() == ["received", "completed", "emitted"]
    assert [row.split()[0] for row in rows] == ["numbers", "store"]
    assert [(each["name"], each["state"], each["paused"]) for each in document] == [
        ("steady", "running", [])
    ]
    report, news = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert report.startswith("steady: aborted")
    assert news == "typedpipes: aborting (enough)\n"


def test_a_run_whose_caller_is_killed_is_resumed(commands: Commands) -> None:
    first = commands.start("run", "net:steady", "--broker", "--keep-within", "0.5")
    worker = commands.start("work", "net:steady", "--keep-within", "0.5")
    assert worker.stdout is not None
    worker.stdout.readline()
    first.kill()
    first.wait()

    again = commands.start("run", "net:steady", "--broker", "--keep-within", "0.5")
    _, refused = again.communicate(timeout=PATIENCE)
    second = commands.start(
        "run", "net:steady", "--broker", "--resume", "--keep-within", "0.5", "--report", "json"
    )
    while "no caller" in commands.run("runs", "steady", "--keep-within", "0.5").stdout:
        time.sleep(0.05)
    commands.run("runs", "steady", "--drain")

    assert again.returncode == 1
    assert "there is a run 'steady' on this broker already" in refused
    said, _ = second.communicate(timeout=PATIENCE)
    source, sink = json.loads(said)["processors"]
    assert source["received"] == sink["completed"]
    done, _ = worker.communicate(timeout=PATIENCE)
    stored = [line for line in done.splitlines() if line.startswith("done")]
    assert len(stored) == len(set(stored)) == sink["completed"]


REFUSED = [
    (["work", "net:draw"], "which broker? Name it: --broker URL, or set TYPEDPIPES_BROKER"),
    (["run", "net:draw", "--broker"], "which broker? Name it: --broker URL, or set"),
    (["work", "net:draw", "-b", "nats://secret@10.0.0.1"], "in the clear"),
    (["work", "net:draw", "-b", "nats://127.0.0.1:1", "--only", "triple"], "no processor 'triple'"),
    (["runs", "--drain", "-b", "nats://127.0.0.1:1"], "which run? Name it"),
    (["run", "net:draw", "--resume"], "are for runs over a broker"),
    (["run", "net:draw", "--replicas", "3"], "are for runs over a broker"),
    (["run", "net:draw", "-b", "nats://127.0.0.1", "--replicas", "6"], "Must be <= 5"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_cannot_be_done_over_a_broker_is_told_in_a_line(
    arguments: list[str], said: str, folder: Path
) -> None:
    done = typedpipes(*arguments, folder=folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_the_client_the_extra_is_named(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['nats'] = None")
    path = f"{folder}:{environment()['PYTHONPATH']}"

    done = typedpipes("runs", "-b", "nats://127.0.0.1:1", folder=folder, PYTHONPATH=path)

    assert done.returncode == 2
    assert done.stderr == (
        "typedpipes: typedpipes.nats needs nats-py: pip install 'typedpipes[nats]'\n"
    )


def test_a_broker_without_the_client_names_both_extras_that_it_needs(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import sys; sys.modules['nats'] = None")
    path = f"{folder}:{environment()['PYTHONPATH']}"

    done = typedpipes("broker", folder=folder, PYTHONPATH=path)

    assert done.returncode == 2
    assert done.stderr == (
        "typedpipes: typedpipes broker needs nats-py and a nats-server: "
        "pip install 'typedpipes[nats,broker]'\n"
    )
