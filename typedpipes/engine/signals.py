"""Signals of the operating system, as a way to end a run."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Collection, Generator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any, TypeAlias

from typedpipes.errors import RunStateError

Handler: TypeAlias = Callable[[signal.Signals], bool]
"""Gets a signal in the event loop, and returns whether there was something left to end by it."""

MOST = 2
"""Signals that a run takes: one to drain, one to abort. It has no use for more."""


class Listener:
    """A run that takes signals.

    Attributes:
        handler: what is called with each.
        stop: called when the run is over.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.handler: Handler = _not_yet
        self.stop: Callable[[], None] = stop
        self._loop = asyncio.get_running_loop()
        self._process = os.getpid()
        self._taken = 0

    def takes(self, heard: _Heard) -> bool:
        """Take a signal, if it is for this run: then it is not for the program.

        Decided at once, and not in the event loop, which may be blocked forever. A forked child
        has no part in the run.
        """
        if self._taken == MOST or self._loop.is_closed() or os.getpid() != self._process:
            return False
        self._taken += 1
        self._loop.call_soon_threadsafe(self._take, heard)
        return True

    def _take(self, heard: _Heard) -> None:
        if self.handler(heard.watch.number):
            heard.was_of_use = True
        else:
            heard.watch.keep(heard)


def _not_yet(_: signal.Signals) -> bool:
    return False


class _Heard:
    """A signal that came.

    Attributes:
        watch: what heard it.
        frame: what was executed then.
        was_of_use: whether it ended something.
    """

    def __init__(self, watch: _Watch, frame: FrameType | None) -> None:
        self.watch = watch
        self.frame = frame
        self.was_of_use = False


class _Watch:
    """A kind of signal that runs listen to: the first takes it over, the last gives it back."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number
        self.listeners: list[Listener] = []
        self._late: list[_Heard] = []
        # Any: whatever stood for the signal before. Not `loop.add_signal_handler`: what that
        # replaces cannot be put back.
        self._before: Any = signal.signal(number, self._hear)

    def _hear(self, _: int, frame: FrameType | None) -> None:
        heard = _Heard(self, frame)
        taken = [listener.takes(heard) for listener in self.listeners]
        # None listens any more if other code saved this handler during a run and put it back later.
        if not taken or not all(taken):
            self._pass_on(frame)

    def _pass_on(self, frame: FrameType | None) -> None:
        """Let a signal do what it did before."""
        if callable(self._before):
            self._before(self.number, frame)
        elif self._before == signal.SIG_DFL:
            now = signal.signal(self.number, signal.SIG_DFL)
            signal.raise_signal(self.number)
            signal.signal(self.number, now)  # it is one that ends nothing

    def keep(self, heard: _Heard) -> None:
        """Let a signal do what it did before when no run listens any more, if it ended none."""
        self._late.append(heard)
        if not self.listeners:
            self._pass_late_ones_on()

    def give_back(self) -> None:
        """Put back what stood for the signal before, unless this was replaced since."""
        # What was not set by Python is None, and cannot be set by it.
        if signal.getsignal(self.number) == self._hear and self._before is not None:
            signal.signal(self.number, self._before)
        self._pass_late_ones_on()

    def _pass_late_ones_on(self) -> None:
        while self._late:
            heard = self._late.pop(0)
            if not heard.was_of_use:
                self._pass_on(heard.frame)


_watched: dict[signal.Signals, _Watch] = {}


@contextmanager
def listening(signals: Collection[signal.Signals]) -> Generator[Listener]:
    """Take the first two signals that come, until the block ends or the listener is stopped.

    Later ones do what they did before, and so do all of them afterwards. Others may listen at
    the same time: all of them get each signal.

    Raises:
        RunStateError: signals cannot be handled here.
    """
    with ExitStack() as stack:
        listener = Listener(stack.close)
        for number in dict.fromkeys(signals):
            stack.enter_context(_listening(number, listener))
        yield listener


@contextmanager
def _listening(number: signal.Signals, listener: Listener) -> Generator[None]:
    watch = _watched.get(number) or _begin(number)
    watch.listeners.append(listener)
    try:
        yield
    finally:
        watch.listeners.remove(listener)
        if not watch.listeners:
            del _watched[number]
            watch.give_back()


def _begin(number: signal.Signals) -> _Watch:
    try:
        watch = _watched[number] = _Watch(number)
    except (OSError, ValueError) as error:
        raise RunStateError(
            f"cannot handle {number.name} here: {error}. Signals need the main thread of the main "
            "interpreter; elsewhere run without `signals` and put a Doom yourself."
        ) from error
    return watch
