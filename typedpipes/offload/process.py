"""A child process as such: how it is started, ended, and seen to end."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from typedpipes.offload import in_child
from typedpipes.offload.claims import Claims

_SPAWN = multiprocessing.get_context("spawn")


class Process:
    """A child process, and what connects it with its parent.

    Args:
        exited: called when it has ended, by itself or not.

    Attributes:
        sock: where messages go and come from.
        claims: which item it is at.
        ended: done when it is gone.
        exit_code: what it ended with, then; a signal is below 0.

    Raises:
        OSError: the system has no room for another process.
        RuntimeError: this process is a child itself, and not done with its start.
    """

    def __init__(self, exited: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self.exit_code: int | None = None
        self.claims: Claims = Claims(_SPAWN)
        self.sock: socket.socket
        self.sock, theirs = socket.socketpair()
        heard_there, self._bell = _SPAWN.Pipe(duplex=False)
        self._process = _SPAWN.Process(
            target=in_child.main, args=(theirs, heard_there, self.claims)
        )
        try:
            with theirs, heard_there, _signals_blocked():
                self._process.start()
        except BaseException:
            self.sock.close()
            self._bell.close()
            raise
        # A program that ends in the middle of a run would wait for the process.
        self._at_exit = weakref.finalize(self, self._process.kill)
        self.sock.setblocking(False)
        self._watch = self._watch_exit(exited)

    def _watch_exit(self, exited: Callable[[], None]) -> int | None:
        """Have the system tell of the exit, where it can."""
        with suppress(AttributeError, OSError):
            watch = os.pidfd_open(self._process.pid or 0)
            self._loop.add_reader(watch, exited)
            return watch
        return None

    @property
    def is_watched(self) -> bool:
        """Whether the system tells of the exit.

        Elsewhere the end of the socket tells, which processes that the function has forked may
        keep open.
        """
        return self._watch is not None

    def ring(self) -> None:
        """Ask for results at once."""
        with suppress(OSError):  # it is gone
            self._bell.send_bytes(b"now")

    def kill(self) -> None:
        """End it at once."""
        if not self.ended.done():
            self._process.kill()

    def listen_no_more(self) -> None:
        """Do what comes first once it has exited."""
        self._loop.remove_reader(self.sock)
        self._loop.remove_writer(self.sock)
        if self._watch is not None:
            self._loop.remove_reader(self._watch)
            os.close(self._watch)

    def bury(self) -> None:
        """Do what comes last, when all that it has sent is read."""
        self.sock.close()
        self._bell.close()
        self._process.join()
        self.exit_code = self._process.exitcode
        self._at_exit.detach()
        self._process.close()
        self.ended.set_result(None)

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it."""
        return self.exit_code is not None and self.exit_code < 0

    def how(self) -> str:
        """Say how it ended."""
        if self.exit_code is not None and self.exit_code < 0:
            with suppress(ValueError):  # a signal without a name
                return f"was killed by {signal.Signals(-self.exit_code).name}"
        return f"exited with code {self.exit_code}"


@contextmanager
def _signals_blocked() -> Generator[None]:
    """Start a child that no such signal can end before it ignores them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, in_child.LEFT_TO_THE_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
