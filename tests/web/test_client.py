"""The client of the web demo, started as a reader starts it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.web.servers import PATIENCE, ROOT, Server, serving
from tests.web.visitors import endless

pytestmark = pytest.mark.slow  # each starts a process or two
CLIENT = [sys.executable, "-u", "-W", "error", "-m", "demos.web.client", "--url"]


def client(url: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a client to its end."""
    return subprocess.run(
        [*CLIENT, url, *options],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_it_prints_results_of_its_strings_and_a_report(server: Server) -> None:
    done = client(server.url, "draw", "live")

    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert sorted(lines[1:5]) == ["  4", "  4", "  EVIL", "  WARD"]
    assert lines[5].endswith("has ended: it ran to its end")
    assert lines[-1].split() == ["out", "4", "in", "4", "done", "0", "not", "done", "0", "out"]


def test_it_tells_what_is_wrong_with_a_definition(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('[nodes.a]\ncoro = "string"\n')

    done = client(server.url, "--definition", file)

    assert done.returncode == 1
    assert done.stderr == (
        "the definition is wrong:\n"
        "  - line 2: nodes.a.coro: the coroutine 'string' is not offered. "
        "Did you mean 'strings'?\n"
    )


def test_it_tells_what_to_do_without_a_server() -> None:
    done = client("http://127.0.0.1:1")

    assert done.returncode == 1
    assert done.stderr.startswith("no server at http://127.0.0.1:1: ")
    assert done.stderr.endswith("Start one: python -m demos.web.server\n")


@contextmanager
def without_an_end(url: str, folder: Path) -> Generator[subprocess.Popen[str]]:
    """Start a client whose run does not end by itself, and wait for its first result."""
    file = folder / "endless.json"
    file.write_bytes(msgspec.json.encode(endless(every=0.01)))
    with subprocess.Popen(
        [*CLIENT, url, "--definition", file],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        begin = [process.stdout.readline() for _ in range(2)]
        assert begin[1] == "  1\n"
        yield process


def test_it_cancels_its_run_when_it_is_interrupted(server: Server, tmp_path: Path) -> None:
    with without_an_end(server.url, tmp_path) as process:
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert "has ended: you cancelled it; what was inside flowed out" in printed


def test_it_says_so_when_its_server_dies(tmp_path: Path) -> None:
    with serving() as server, without_an_end(server.url, tmp_path) as process:
        server.process.kill()
        printed, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert printed.endswith("the server has hung up\n")
