"""What runs in a child process."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from time import monotonic
from typing import TypeAlias

from typedpipes.offload.calling import Failed, failed
from typedpipes.offload.claims import Claims
from typedpipes.offload.job import Function, opened
from typedpipes.offload.wire import Inbox, Message, Outbox, pack
from typedpipes.shorten import shorten, shorten_message

LONG = 0.002
"""Seconds after which results are sent although there are more calls to make."""

LEFT_TO_THE_PARENT = {signal.SIGINT, signal.SIGTERM}
"""Signals that a terminal or a service manager sends to a whole group of processes."""

Bell: TypeAlias = "Connection[object, object]"
"""Rung by the parent with a message that says nothing."""


def main(sock: socket.socket, bell: Bell, claims: Claims) -> None:
    """Call a function with the items that come through the socket, until that is closed.

    Args:
        sock: where items come from, and results go to.
        bell: rung when results are wanted at once; closed when the parent is gone.
        claims: says which call is being made.
    """
    _leave_signals_to_the_parent()
    requests, answers = Inbox(), _Answers(sock)
    threading.Thread(
        target=_listen, args=(bell, answers), name="typedpipes-bell", daemon=True
    ).start()
    with ExitStack() as stack, suppress(ConnectionError, EOFError):  # the parent wants no more
        sealed = requests.read(sock).content()
        try:
            function = stack.enter_context(opened(sealed))
        except BaseException as error:  # noqa: BLE001  # of importing it, or opening the resource
            answers.send(pack(0, 0, shorten(error)))
            return
        answers.send(pack(0, 0, None))
        worker = _Worker(function, claims, answers)
        while True:
            worker.work_on(requests.read(sock))


def _leave_signals_to_the_parent() -> None:
    """Let the parent end the run in an orderly way."""
    for number in LEFT_TO_THE_PARENT:
        signal.signal(number, signal.SIG_IGN)
    # Signals from before are dropped; processes that the function starts can be interrupted.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, LEFT_TO_THE_PARENT)


def _listen(bell: Bell, answers: _Answers) -> None:
    """Do what cannot wait for the end of a call, in a thread of its own."""
    with suppress(OSError, EOFError):
        while True:
            bell.recv_bytes()
            answers.send_results()
    os._exit(1)


class _Worker:
    def __init__(self, function: Function, claims: Claims, answers: _Answers) -> None:
        self._function = function
        self._claim = claims.claimer()
        self._answers = answers

    def work_on(self, message: Message) -> None:
        """Call the function with each item of a message."""
        answers = self._answers
        now = monotonic()
        try:
            items = message.content()
        except Exception as error:  # noqa: BLE001  # whatever the items' classes raise
            answers.send(pack(message.first, -message.count, shorten_message(error)))
            return
        claim, function = self._claim, self._function
        add = answers.begin(function, now)
        late = now + LONG
        for number, item in enumerate(items, message.first):
            if not claim(number, now):
                break  # neither this one nor those behind it are ours any more
            try:
                add(function(item))
            except BaseException as error:  # noqa: BLE001  # it is the parent's to know
                add(failed(function, error))
            now = monotonic()
            if now > late:
                answers.send_results()
                late = now + LONG
        answers.send_results()


class _Answers:
    """What goes to the parent: results together, as long as they are quick.

    The one who works adds results without the lock, which is for those who send: they take
    what is there. In CPython each of the two is one step.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._outbox = Outbox()
        self._lock = threading.Lock()
        self._results: list[object] = []
        self._function: Function = _nothing
        self._since = 0.0

    def begin(self, function: Function, now: float) -> Callable[[object], None]:
        """Return what adds the results of calls that begin now."""
        with self._lock:
            self._function, self._since = function, now
        return self._results.append

    def send_results(self) -> None:
        """Send the results that there are."""
        with self._lock:
            results = self._results[:]
            if results:
                del self._results[: len(results)]
                now = monotonic()
                self._send_results(results, now - self._since)
                self._since = now

    def _send_results(self, results: list[object], seconds: float) -> None:
        count = len(results)
        failures = [*map(type, results)].count(Failed)
        try:
            parts = pack(0, count, results, failed=failures, seconds=seconds)
        except Exception as error:  # noqa: BLE001  # whatever the results' classes raise
            if count == 1:
                self._send_results([failed(self._function, error)], seconds)
                return
            for result in results:  # only one of them may be the reason
                self._send_results([result], seconds / count)
        else:
            self._send(parts)

    def send(self, parts: Sequence[memoryview]) -> None:
        """Send a message."""
        with self._lock:
            self._send(parts)

    def _send(self, parts: Sequence[memoryview]) -> None:
        self._outbox.put(parts)
        self._outbox.write(self._sock)


def _nothing(item: object) -> None:
    """Stand for the function until there is one."""
