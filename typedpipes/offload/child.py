"""A child process, as its parent sees it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import weakref
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from typedpipes.errors import ChildDied
from typedpipes.offload import in_child
from typedpipes.offload.call import Call
from typedpipes.offload.calling import Raised
from typedpipes.offload.claims import Claims
from typedpipes.offload.job import Job
from typedpipes.offload.wire import Inbox, Message, Outbox, pack
from typedpipes.shorten import shorten_message

_SPAWN = multiprocessing.get_context("spawn")


class Parent(Protocol):
    """What hears of a child."""

    def settled(self, calls: Sequence[Call], seconds: float = 0.0) -> None:
        """Take note of calls that are done, and how long they took together, if that is known."""

    def returned(self, calls: Sequence[Call]) -> None:
        """Take calls back that are to be made elsewhere."""

    def changed(self, child: Child) -> None:
        """Take note that the child is ready, or gone."""


class Child:
    """A child process. All of this happens on the event loop of its parent.

    Args:
        job: what it does.
        parent: hears of it.

    Attributes:
        calls: those that it was handed and has not answered, in this order.
        ready: whether it has begun to do its job.
        open: whether it may be handed more calls.
        heard: when it last answered, or got something to do, by the clock of the event loop.
        ended: done when the process is gone.

    Raises:
        OSError: the system has no room for another process.
        RuntimeError: this process is a child itself, and not done with its start.
    """

    def __init__(self, job: Job, parent: Parent) -> None:
        self.calls: deque[Call] = deque()
        self.ready: bool = False
        self.open: bool = True
        self._job = job
        self._parent = parent
        self._loop = asyncio.get_running_loop()
        self.heard: float = self._loop.time()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._inbox = Inbox()
        self._outbox = Outbox()
        self._handed = 0
        self._answered = 0
        self._refusal = ""
        self._exit_code: int | None = None
        self._verdict: BaseException | None = None
        self._claims = Claims(_SPAWN)
        self._rung = False
        self._is_abandoned = False
        self._sock, theirs = socket.socketpair()
        heard_there, self._bell = _SPAWN.Pipe(duplex=False)
        self._process = _SPAWN.Process(
            target=in_child.main, args=(theirs, heard_there, self._claims)
        )
        try:
            with theirs, heard_there, _signals_blocked():
                self._process.start()
        except BaseException:
            self._sock.close()
            self._bell.close()
            raise
        # A program that ends in the middle of a run would wait for the process.
        self._at_exit = weakref.finalize(self, self._process.kill)
        self._sock.setblocking(False)
        self._loop.add_reader(self._sock, self._read_one)
        self._watch = self._watch_exit()
        self._send(pack(0, 0, job.sealed))

    def _watch_exit(self) -> int | None:
        """Have the system tell of the exit, where it can.

        Elsewhere the end of the socket tells, which processes that the function has forked may
        keep open.
        """
        with suppress(AttributeError, OSError):
            watch = os.pidfd_open(self._process.pid or 0)
            self._loop.add_reader(watch, self._exited)
            return watch
        return None

    # Calls

    def capacity(self, batch: int) -> int:
        """Return how many more calls it may be handed, to have two batches at most."""
        if not (self.ready and self.open) or (self.calls and self.calls[0].alone):
            return 0
        most = 2 * batch
        if self._job.calls_per_child is not None:
            most = min(most, self._job.calls_per_child - self._answered)
        return max(most - len(self.calls), 0)

    def hand(self, calls: Sequence[Call]) -> None:
        """Send calls to the child, in one message."""
        try:
            parts = pack(self._handed, len(calls), [call.item for call in calls])
        except Exception as error:  # noqa: BLE001  # whatever the items' classes raise
            self._isolate(calls, error)
            return
        if not self.calls:
            self.heard = self._loop.time()
        for number, call in enumerate(calls, self._handed):
            call.number = number
        self._handed += len(calls)
        self.calls.extend(calls)
        self._send(parts)

    def _isolate(self, calls: Sequence[Call], error: Exception) -> None:
        """Find out which of them cannot be sent: each goes alone, and one that did fails."""
        if len(calls) == 1:
            calls[0].fail(error)
            self._parent.settled(calls)
            return
        for call in calls:
            self.hand([call])

    def ring(self) -> None:
        """Ask for the results that it would send together with that of the call it is at."""
        if not self._rung and self.calls and self.calls[0].number < self._claims.at:
            self._rung = True  # so the pipe never fills up, and no one waits for it
            with suppress(OSError):  # it is gone
                self._bell.send_bytes(b"now")

    def recall(self) -> Sequence[Call]:
        """Take back what the child has not begun; nothing if it is just beginning a call."""
        with self._claims.held() as held:
            return self._take_back() if held else ()

    def _take_back(self) -> Sequence[Call]:
        first = self._claims.take_back(self._handed)
        taken: deque[Call] = deque()
        while self.calls and self.calls[-1].number >= first:
            taken.appendleft(self.calls.pop())
        return taken

    def withdraw(self, call: Call, verdict: BaseException) -> Sequence[Call] | None:
        """Have one of its calls not be made, or not be finished.

        If the child is at this call it is killed, and the call fails with the verdict. If it has
        not begun it, the call is taken back, and others with it. If it has finished it,
        nothing is done.

        Returns:
            What was taken back; `None` if the child is just beginning a call: try again.
        """
        with self._claims.held() as held:
            if not held:
                return None
            if call.number > self._claims.at:
                return self._take_back()
            if call.number == self._claims.at:
                self._verdict = verdict
                self.kill()
            return ()

    def at(self) -> Call | None:
        """Return the call that it has begun last, unless that is answered."""
        at = self._claims.at
        return next((call for call in self.calls if call.number == at), None)

    @property
    def since(self) -> float:
        """When it began that call, by the monotonic clock."""
        return self._claims.since

    # The socket

    def _send(self, parts: Sequence[memoryview]) -> None:
        self._outbox.put(parts)
        self._write()

    def _write(self) -> None:
        try:
            written = self._outbox.write(self._sock)
        except OSError:  # it is gone, as will be told
            written = True
        if written:
            self._loop.remove_writer(self._sock)
        else:
            self._loop.add_writer(self._sock, self._write)

    def _read_one(self) -> None:
        """Take note of one message; the event loop calls again if there are more."""
        try:
            self._hear(self._inbox.read(self._sock))
        except BlockingIOError:
            return
        except EOFError:
            self._loop.remove_reader(self._sock)
            if self.open:
                self.kill()
            if self._watch is None:
                self._exited()

    def read(self) -> None:
        """Take note of all that it has sent by now."""
        with suppress(BlockingIOError, EOFError):
            while not self.ended.done():
                self._hear(self._inbox.read(self._sock))

    def _hear(self, message: Message) -> None:
        if self._is_abandoned:
            return
        self.heard = self._loop.time()
        self._rung = False
        if not message.count:
            self._refusal = message.content() or ""
            self.ready = not self._refusal
            self._parent.changed(self)
            return
        calls = [self.calls.popleft() for _ in range(abs(message.count))]
        if message.count < 0:
            what = f"the child process of {self._job.name!r} cannot unpickle its item"
            self._isolate(calls, ChildDied(f"{what}: {message.content()}"))
            return
        try:
            results = message.content()
        except Exception as error:  # noqa: BLE001  # whatever the results' classes raise
            what = f"the child process that called {self._job.name!r} gave what cannot be unpickled"
            unread = ChildDied(f"{what}: {shorten_message(error)}")
            unread.__cause__ = error
            self._isolate(calls, unread)
            return
        self._answered += len(calls)
        for call, result in zip(calls, results, strict=True):
            if type(result) is Raised:
                call.fail(result.error())
            else:
                call.done, call.result = True, result
        self._parent.settled(calls, message.seconds)
        if self._answered == self._job.calls_per_child:
            self.dismiss()

    # The end

    def dismiss(self) -> None:
        """Let the child end by itself once it has done what it was handed."""
        if self.open:
            self.open = False
            with suppress(OSError):  # it is gone already
                self._sock.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """End the process at once."""
        self.open = False
        if not self.ended.done():
            self._process.kill()

    def abandon(self) -> None:
        """Kill the child, and listen to it no more: its calls are not wanted."""
        self.calls.clear()
        self._is_abandoned = True
        self.kill()

    def _exited(self) -> None:
        """Take note of the end of the process."""
        self.open = False
        self._loop.remove_reader(self._sock)
        self._loop.remove_writer(self._sock)
        if self._watch is not None:
            self._loop.remove_reader(self._watch)
            os.close(self._watch)
        self.read()
        self._sock.close()
        self._bell.close()
        self._process.join()
        self._exit_code = self._process.exitcode
        self._at_exit.detach()
        self._process.close()
        self.ended.set_result(None)
        at_fault = self._at_fault()
        if at_fault is not None:
            self.calls.remove(at_fault)
            died = f"the child process that called {self._job.name!r} died: it {self._how()}"
            at_fault.fail(self._verdict or ChildDied(died))
        left = [*self.calls]
        self.calls.clear()
        self._parent.returned(left)
        if at_fault is not None:
            self._parent.settled([at_fault])
        self._parent.changed(self)

    def _at_fault(self) -> Call | None:
        """Return the call that the child has died of.

        If it had begun none of those that it was handed, to unpickle one of their items may have
        killed it: each is handed out alone from then on, and is at fault if that happens again.
        """
        at = self.at()
        if at is not None:
            return at
        if len(self.calls) == 1 and self.calls[0].alone:
            return self.calls[0]
        for call in self.calls:
            call.alone = True
        return None

    def _how(self) -> str:
        code = self._exit_code
        if code is not None and code < 0:
            with suppress(ValueError):  # a signal without a name
                return f"was killed by {signal.Signals(-code).name}"
        return f"exited with code {code}"

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it."""
        return self._exit_code is not None and self._exit_code < 0

    def refusal(self) -> ChildDied:
        """Return why it ended before it was ready."""
        why = self._refusal or (
            f"it {self._how()}, and its standard error says why. A main module that starts a run "
            "must do so under `if __name__ == '__main__':`"
        )
        return ChildDied(f"the child process for {self._job.name!r} could not start: {why}")


@contextmanager
def _signals_blocked() -> Generator[None]:
    """Start a child that no such signal can end before it ignores them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, in_child.LEFT_TO_THE_PARENT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
