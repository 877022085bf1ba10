"""Several worker processes under one parent, which restarts those that die."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

from typedpipes.cli.parent import AT_ONCE, LEAVE
from typedpipes.cli.refusal import OK, USAGE, WRONG
from typedpipes.engine.signals import listening

_SHORTEST: Final = 1.0  # seconds between the death of a worker and the begin of another
_LONGEST: Final = 30.0
_LONG: Final = 60.0  # seconds; one that has lived for so long does not die of how it begins


async def supervise(
    command: Sequence[str],
    count: int,
    *,
    environment: Mapping[str, str],
    signals: Sequence[signal.Signals],
    ready: Callable[[], None],
) -> int:
    """Have workers run until all have ended, and restart those that die.

    At the first signal all leave, at the second at once. If this process dies, they leave.

    Args:
        command: the command line of each, which gets `--parent` and a file descriptor.
        count: how many.
        environment: their environment.
        signals: which signals end them.
        ready: called when all have become ready.

    Returns:
        The exit code of the first that refused to work, by which the others leave; else 0.
    """
    workers = _Workers(command, count, environment, ready)
    with listening(signals) as listener:
        listener.handler = workers.signalled
        async with asyncio.TaskGroup() as group:
            for number in range(1, count + 1):
                group.create_task(workers.keep(number))
    return workers.code


class Backoff:
    """How long to wait before the next worker, by how long the last one lived."""

    def __init__(self) -> None:
        self._next = _SHORTEST

    def after(self, lived: float) -> float:
        """Return the seconds to wait: twice as many each time, while they do not live for long."""
        pause = _SHORTEST if lived >= _LONG else self._next
        self._next = min(2 * pause, _LONGEST)
        return pause


class _Workers:
    """The workers, by their numbers.

    Attributes:
        code: the exit code of the first that refused to work, or 0.
    """

    def __init__(
        self,
        command: Sequence[str],
        count: int,
        environment: Mapping[str, str],
        ready: Callable[[], None],
    ) -> None:
        self.code: int = OK
        self._command = command
        self._environment = environment
        self._to_be_ready = {*range(1, count + 1)}
        self._tell_ready = ready
        self._signals = 0
        self._leaving = asyncio.Event()
        self._parents: set[asyncio.StreamWriter] = set()  # this process, to each of them

    def signalled(self, _: signal.Signals) -> bool:
        """Have all leave at the first signal, at once at the second."""
        self._signals += 1
        self._leave(LEAVE if self._signals == 1 else AT_ONCE)
        return True

    async def keep(self, number: int) -> None:
        """Have a worker of this number until it ends by itself, or leaves."""
        backoff = Backoff()
        while not self._leaving.is_set():
            began = monotonic()
            process = await self._work(number)
            if process.returncode == OK:
                return
            if process.returncode in (WRONG, USAGE):  # it has said why
                self.code = self.code or process.returncode
                self._leave(LEAVE)
                return
            end = _end_of(process)
            if self._leaving.is_set():
                _say(f"worker {number} {end}")
                return
            pause = backoff.after(monotonic() - began)
            _say(f"worker {number} {end}; another one begins in {pause:g} s")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._leaving.wait()

    async def _work(self, number: int) -> asyncio.subprocess.Process:
        """Have a process work, and return it when it has ended."""
        here, there = socket.socketpair()
        with there:
            reader, writer = await asyncio.open_connection(sock=here)
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command,
                    "--parent",
                    str(there.fileno()),
                    pass_fds=[there.fileno()],
                    env=self._environment,
                )
            except BaseException:
                writer.close()
                raise
        self._parents.add(writer)
        hearing = asyncio.create_task(self._hear(number, reader))
        try:
            if self._leaving.is_set():
                writer.write(LEAVE)
            await process.wait()
        finally:
            self._parents.remove(writer)
            writer.close()
            hearing.cancel()
            await asyncio.wait([hearing])
        return process

    async def _hear(self, number: int, worker: asyncio.StreamReader) -> None:
        """Hear that a worker is ready."""
        if await worker.read(1) and number in self._to_be_ready:
            self._to_be_ready.remove(number)
            if not self._to_be_ready:
                self._tell_ready()

    def _leave(self, word: bytes) -> None:
        self._leaving.set()
        for parent in self._parents:
            parent.write(word)


def _end_of(process: asyncio.subprocess.Process) -> str:
    code = process.returncode
    if code is not None and code < 0:
        return f"(process {process.pid}) was ended by {signal.Signals(-code).name}"
    return f"(process {process.pid}) has ended with exit code {code}"


def _say(line: str) -> None:
    sys.stderr.write(f"typedpipes: {line}\n")
    sys.stderr.flush()
