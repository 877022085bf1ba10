"""Signals of the operating system, as a way to end a run."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Generator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any, TypeAlias

from typedpipes.errors import RunStateError

Listener: TypeAlias = Callable[[signal.Signals], None]


class _Watch:
    """A signal that runs listen to: the first of them takes it over, the last one gives it back."""

    def __init__(self, number: signal.Signals) -> None:
        self.listeners: list[Listener] = []
        # Any: whatever stood for the signal before. Not `loop.add_signal_handler`: what that
        # replaces cannot be put back.
        self.before: Any = signal.signal(number, self._heard)

    def _heard(self, number: int, _: FrameType | None) -> None:
        for listener in self.listeners:
            listener(signal.Signals(number))


_watched: dict[signal.Signals, _Watch] = {}


@contextmanager
def handled(signals: Collection[signal.Signals], handler: Listener) -> Generator[None]:
    """Have a function called in the event loop for every signal that comes.

    Afterwards all is as before. Others may listen at the same time: all are called.

    Raises:
        RunStateError: signals cannot be handled here.
    """
    loop = asyncio.get_running_loop()

    def listener(number: signal.Signals) -> None:
        loop.call_soon_threadsafe(handler, number)

    with ExitStack() as stack:
        for number in dict.fromkeys(signals):
            stack.enter_context(_listening(number, listener))
        yield


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
            if watch.before is not None:  # it was not set by Python, so Python cannot set it
                signal.signal(number, watch.before)


def _begin(number: signal.Signals) -> _Watch:
    try:
        watch = _watched[number] = _Watch(number)
    except (OSError, ValueError) as error:
        raise RunStateError(
            f"cannot handle {number.name} here: {error}. Signals need the main thread of the main "
            "interpreter; elsewhere run without `signals` and put a Doom yourself."
        ) from error
    return watch
