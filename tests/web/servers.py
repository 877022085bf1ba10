"""The real server of the web demo, as a process on a free port."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from demos.web.status import Status

ROOT = Path(__file__).resolve().parents[2]
has_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc")
PATIENCE = 60  # seconds until a process that does not do what it should is a failed test


class Server:
    """A server that runs, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._printed = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._printed:
                self._lines.append(line)
                self._printed.notify_all()

    @property
    def url(self) -> str:
        """Wait until it listens, and give its address."""
        address: str = re.findall(r"http://[\d.]+:\d+", self.line_with("http://"))[0]
        return address

    def line_with(self, words: str) -> str:
        """Wait until it prints a line with these words, unless it has done so."""

        def found() -> str | None:
            return next((line for line in self._lines if words in line), None)

        with self._printed:
            line = self._printed.wait_for(found, PATIENCE)
            assert line, f"it does not say {words!r}:\n{''.join(self._lines)}"
            return line

    def end(self) -> int:
        """Wait until it has ended, and give its exit code."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    @property
    def printed(self) -> str:
        """All that it has printed."""
        with self._printed:
            return "".join(self._lines)

    def get(self, path: str) -> tuple[str, bytes]:
        """Fetch a page: its type, and what is in it."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=PATIENCE) as answer:  # noqa: S310  # our own server
            return answer.headers["Content-Type"], answer.read()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def most_memory(self) -> int:
        """Return how many bytes of memory it has had at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])

    def open_files(self) -> int:
        """Count the files and connections that it has open."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def child(self) -> int:
        """Return the process that draws for it."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text())

    @contextmanager
    def not_drawing(self) -> Generator[None]:
        """Hold the process that draws, as if a graph took for ever."""
        child = self.child()
        os.kill(child, signal.SIGSTOP)
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGCONT)

    def status(self) -> Status:
        """Ask what it does."""
        return msgspec.json.decode(self.get("/status")[1], type=Status)


@contextmanager
def serving(*options: str) -> Generator[Server]:
    """Start the server of the web demo."""
    with process_of("demos.web.server", "--port", "0", *options) as server:
        yield server


@contextmanager
def process_of(module: str, *options: str) -> Generator[Server]:
    """Start a server that prints its address, and see to it that it does not outlive the test."""
    with _process("-m", module, *options) as server:
        yield server


@contextmanager
def process_of_file(file: Path, **environment: str) -> Generator[Server]:
    """Do the same with a server in a file."""
    with _process("-u", str(file), **environment) as server:
        yield server


@contextmanager
def _process(*arguments: str, **environment: str) -> Generator[Server]:
    command = [sys.executable, "-W", "error", *arguments]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        server = Server(process)
        try:
            yield server
        finally:
            process.kill()
            server.end()
