"""Commands that go on beside a test, over a broker of their own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.commands import PATIENCE, command, environment, typedpipes


class Commands:
    """Commands that go on beside a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[str]] = []
        self.broker = ""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        started = subprocess.Popen(
            command(*arguments),
            cwd=self._folder,
            env=environment(TYPEDPIPES_BROKER=self.broker) if self.broker else environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self._processes.append(started)
        return started

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return typedpipes(*arguments, folder=self._folder, TYPEDPIPES_BROKER=self.broker)

    def has(self, run: str) -> None:
        """Wait until there is a run of this name."""
        while self.run("runs", run).returncode:
            time.sleep(0.05)

    def end(self) -> None:
        for process in reversed(self._processes):
            with process:
                process.terminate()
                process.communicate(timeout=PATIENCE)


@contextmanager
def over_a_broker(folder: Path) -> Generator[Commands]:
    """Have a broker run for the commands in a folder."""
    commands = Commands(folder)
    broker = commands.start("broker", "--folder", "store")
    assert broker.stdout is not None
    commands.broker = broker.stdout.readline().strip()
    yield commands
    commands.end()
    assert broker.returncode == 0
