"""A child process, as its parent talks with it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from typing import Protocol

from typedpipes.errors import ChildDied
from typedpipes.offload.calling import Failed
from typedpipes.offload.handed import Handed
from typedpipes.offload.job import Job
from typedpipes.offload.piece import Answer, Piece
from typedpipes.offload.process import Process
from typedpipes.offload.wire import Inbox, Message, Outbox, pack
from typedpipes.shorten import shorten_message


class Parent(Protocol):
    """What hears of a child."""

    def answered(
        self, answers: Sequence[Answer], *, failed: bool = False, seconds: float = 0.0
    ) -> None:
        """Take note of results, and how long they took together, if that is known.

        Args:
            answers: what was answered.
            failed: whether there is a `Failed` among them.
            seconds: how long that took; 0 if it is not known.
        """

    def returned(self, pieces: Sequence[Piece]) -> None:
        """Take items back that are to be worked on elsewhere."""

    def changed(self, child: Child) -> None:
        """Take note that the child is ready, or gone."""


class Child:
    """A child process. All of this happens on the event loop of its parent.

    Args:
        job: what it does.
        parent: hears of it.

    Attributes:
        ready: whether it has begun to do its job.
        open: whether it may be handed more items.
        heard: when it last answered, or got something to do, by the clock of the event loop.

    Raises:
        OSError: the system has no room for another process.
        RuntimeError: this process is a child itself, and not done with its start.
    """

    def __init__(self, job: Job, parent: Parent) -> None:
        self.ready: bool = False
        self.open: bool = True
        self._job = job
        self._parent = parent
        self._loop = asyncio.get_running_loop()
        self.heard: float = self._loop.time()
        self._handed = Handed()
        self._answered = 0
        self._inbox = Inbox()
        self._outbox = Outbox()
        self._refusal = ""
        self._verdict: BaseException | None = None
        self._rung = False
        self._is_abandoned = False
        self._process = Process(self._exited)
        self._sock = self._process.sock
        self._claims = self._process.claims
        self._loop.add_reader(self._sock, self._read_one)
        self._send(pack(0, 0, job.sealed))

    # What it is handed

    @property
    def in_hand(self) -> int:
        """How many items it was handed and has not answered."""
        return self._handed.count

    def capacity(self, batch: int) -> int:
        """Return how many more items it may be handed, to have two batches at most."""
        if not (self.ready and self.open) or self._handed.is_alone:
            return 0
        most = 2 * batch
        if self._job.calls_per_child is not None:
            most = min(most, self._job.calls_per_child - self._answered)
        return max(most - self._handed.count, 0)

    def hand(self, pieces: Sequence[Piece]) -> int:
        """Send items to the child, in one message.

        Returns:
            How many bytes that is; 0 if they cannot be sent together.
        """
        handed = self._handed
        count = sum(len(piece.items) for piece in pieces)
        try:
            parts = pack(handed.end, count, [*chain.from_iterable(p.items for p in pieces)])
        except Exception as error:  # noqa: BLE001  # whatever the items' classes raise
            self._isolate(pieces, count, error)
            return 0
        if not handed.count:
            self.heard = self._loop.time()
        handed.add(pieces)
        self._send(parts)
        return sum(map(len, parts))

    def _isolate(self, pieces: Sequence[Piece], count: int, error: Exception) -> None:
        """Find out which items cannot be sent: each goes alone, and one that did fails.

        Args:
            pieces: what is left of a message.
            count: how many items were in it.
            error: why it could not be sent.
        """
        for piece in pieces:
            for single in piece.singles():
                if count == 1:
                    self._fail(single, error)
                else:
                    self.hand([single])

    def _fail(self, single: Piece, error: BaseException) -> None:
        items = [*single.items]
        single.items.clear()
        self._parent.answered([(single, items, [Failed(error)])], failed=True)

    def ring(self) -> None:
        """Ask for the results that it would send together with that of the call it is at."""
        if not self._rung and self._handed.first < self._claims.at:
            self._rung = True  # so the pipe never fills up, and no one waits for it
            self._process.ring()

    def recall(self) -> Sequence[Piece]:
        """Take back what the child has not begun; nothing if it is just beginning a call."""
        with self._claims.held() as held:
            return self._take_back() if held else ()

    def _take_back(self) -> Sequence[Piece]:
        return self._handed.take_from(self._claims.take_back(self._handed.end))

    def withdraw(self, number: int, verdict: BaseException) -> Sequence[Piece] | None:
        """Have one of its calls not be made, or not be finished.

        If the child is at this call it is killed, and the item fails with the verdict. If it has
        not begun it, the item is taken back, and others with it. If it has finished it, nothing
        is done.

        Returns:
            What was taken back; `None` if the child is just beginning a call: try again.
        """
        with self._claims.held() as held:
            if not held:
                return None
            if number > self._claims.at:
                return self._take_back()
            if number == self._claims.at:
                self._verdict = verdict
                self.kill()
            return ()

    def at(self) -> int | None:
        """Return the number of the item that it has begun last, unless that is answered."""
        at = self._claims.at
        return at if self._handed.has(at) else None

    @property
    def since(self) -> float:
        """When it began that call, by the monotonic clock."""
        return self._claims.since

    def has(self, piece: Piece) -> bool:
        """Whether it was handed this piece, and has not answered."""
        return piece in self._handed.pieces

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
            if not self._process.is_watched:
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
        if message.count > 0:
            self._hear_results(message)
        elif message.count < 0:
            pieces = self._handed.take(message.first, -message.count)
            what = f"the child process of {self._job.name!r} cannot unpickle its item"
            self._isolate(pieces, -message.count, ChildDied(f"{what}: {message.content()}"))
        else:
            self._refusal = message.content() or ""
            self.ready = not self._refusal
            self._parent.changed(self)

    def _hear_results(self, message: Message) -> None:
        try:
            results = message.content()
        except Exception as error:  # noqa: BLE001  # whatever the results' classes raise
            what = f"the child process that called {self._job.name!r} gave what cannot be unpickled"
            unread = ChildDied(f"{what}: {shorten_message(error)}")
            unread.__cause__ = error
            unread_pieces = self._handed.take(self._handed.first, message.count)
            self._isolate(unread_pieces, message.count, unread)
            return
        self._answered += message.count
        answers = self._handed.answer(results)
        self._parent.answered(answers, failed=message.failed > 0, seconds=message.seconds)
        if self._answered == self._job.calls_per_child:
            self.dismiss()

    # The end

    @property
    def ended(self) -> asyncio.Future[None]:
        """Done when the process is gone."""
        return self._process.ended

    def dismiss(self) -> None:
        """Let the child end by itself once it has done what it was handed."""
        if self.open:
            self.open = False
            with suppress(OSError):  # it is gone already
                self._sock.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """End the process at once."""
        self.open = False
        self._process.kill()

    def abandon(self) -> Sequence[Piece]:
        """Kill the child, listen to it no more, and return what it has not answered."""
        self._is_abandoned = True
        self.kill()
        return self._handed.take_all()

    def _exited(self) -> None:
        """Take note of the end of the process."""
        self.open = False
        self._process.listen_no_more()
        self.read()
        self._process.bury()
        left, lost = self._sort_out()
        self._parent.returned(left)
        if lost is not None:
            self._fail(lost, self._verdict or self._died(twice=lost.alone))
        self._parent.changed(self)

    def _sort_out(self) -> tuple[Sequence[Piece], Piece | None]:
        """Part what goes to other children from the item that is lost, if there is one.

        The item that it was at is lost if it was killed because of that. If it died, the item goes
        to another child, alone, and is lost if that dies too. If it had begun none of its items, to
        unpickle one of them may have killed it: then the same holds for each of them.
        """
        handed = self._handed
        at = self.at()
        if at is not None:
            behind = handed.take_from(at + 1)
            suspects = handed.take_from(at)
            before = handed.take_all()
        else:
            before, behind = handed.take_all(), ()
            suspects = ()
            if self._verdict is None:  # else it was killed too late, and they had no part in that
                suspects = [single for piece in before for single in piece.singles()]
                before = ()
        for suspect in suspects:
            if suspect.alone or self._verdict or (at is not None and not self._job.second_try):
                return [*before, *behind], suspect
            suspect.alone = True
        return [*before, *suspects, *behind], None

    def _died(self, *, twice: bool) -> ChildDied:
        died = "died twice" if twice else "died"
        how = self._process.how()
        return ChildDied(f"the child process that called {self._job.name!r} {died}: it {how}")

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it."""
        return self._process.was_killed

    @property
    def left_untold(self) -> bool:
        """Whether it ended by itself before it could say anything: it cannot be imported."""
        return not (self.was_killed or self._refusal)

    def refusal(self) -> ChildDied:
        """Return why it ended before it was ready."""
        why = self._refusal or (
            f"it {self._process.how()}, and its standard error says why. A main module that starts "
            "a run must do so under `if __name__ == '__main__':`"
        )
        return ChildDied(f"the child process for {self._job.name!r} could not start: {why}")
