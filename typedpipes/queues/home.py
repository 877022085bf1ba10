"""The event loop that a run lives in: its pace, and how other threads reach the run there."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident
from typing import Any

from typing_extensions import TypeVar

from typedpipes.errors import RunStateError
from typedpipes.flow.fairness import Pace

PATIENCE = 10.0
"""Seconds that another thread waits at most for an answer from the event loop."""

Answer = TypeVar("Answer")


class Home:
    """The event loop that a run lives in, and the thread of that: where this is made.

    Attributes:
        thread: the identifier of the thread.
        pace: when work that never has to wait lets other tasks run.
        over: whether the run is over, so that nothing of it moves any more.
    """

    def __init__(self) -> None:
        self.thread: int = get_ident()
        self.pace: Pace = Pace()
        self._loop = asyncio.get_running_loop()
        self.over: bool = False
        self._questions: deque[tuple[Callable[[], Any], Future[Any]]] = deque()  # Any: of any kind

    def is_here(self) -> bool:
        """Whether this is the thread of the run."""
        return get_ident() == self.thread

    def refuse_others(self, what: str, way_out: str) -> None:
        """Refuse a call in another thread, unless the run is over.

        Args:
            what: what was called there, such as `"a feed"`.
            way_out: what to call there instead.

        Raises:
            RunStateError: it is another thread, and the run goes on.
        """
        if get_ident() != self.thread and not self.over:
            raise elsewhere(what, f"`{way_out}`")

    def send(self, function: Callable[[], object]) -> None:
        """From another thread, have a function called in a turn of the event loop.

        Raises:
            RunStateError: the event loop is closed.
        """
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError as error:
            raise RunStateError(
                "the run cannot be reached: it broke off when its event loop was closed"
            ) from error

    def ask(self, question: Callable[[], Answer], patience: float | None = None) -> Answer:
        """From any thread, return what a function returns in a turn of the event loop.

        It is called right here if nothing of the run moves any more.

        Args:
            question: the function.
            patience: how many seconds to wait at most for a turn; `PATIENCE` by default.

        Raises:
            RunStateError: the event loop had no turn for too long.
            Exception: whatever the function raises.
        """
        if self.is_here():
            return question()
        answer: Future[Answer] = Future()
        self._questions.append((question, answer))
        try:
            self._loop.call_soon_threadsafe(self._answer)
        except RuntimeError:  # the event loop is closed: nothing of the run moves any more
            self._answer()
        if self.over:  # perhaps since a moment ago, and the event loop has no other turn
            self._answer()
        seconds = PATIENCE if patience is None else patience
        try:
            return answer.result(seconds)
        except TimeoutError:
            if not answer.cancel():
                return answer.result()  # it came at the last moment
            raise RunStateError(
                f"the event loop of the run had no turn for {seconds:g} s: something blocks it, "
                "or it was stopped. What blocks belongs in in_thread."
            ) from None

    def close(self) -> None:
        """End: answer all that still wait, whether or not the event loop has another turn."""
        self.over = True
        self._answer()

    def _answer(self) -> None:
        with suppress(IndexError):  # that there are no more: another thread may take them as well
            while True:
                question, answer = self._questions.popleft()
                if answer.set_running_or_notify_cancel():
                    _answer(question, answer)


def _answer(question: Callable[[], Answer], answer: Future[Answer]) -> None:
    try:
        answer.set_result(question())
    except BaseException as error:
        answer.set_exception(error)
        if not isinstance(error, Exception):
            raise


def elsewhere(what: str, way_out: str) -> RunStateError:
    """Return the error of a call in another thread.

    Args:
        what: what was called, such as `"a feed"`.
        way_out: what to call there instead, where `loop` is the event loop of the run.
    """
    return RunStateError(
        f"{what} of a run belongs to the thread of its event loop. In this one, call "
        f"{way_out}, where `loop` is what `asyncio.get_running_loop()` returns there."
    )
