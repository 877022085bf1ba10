"""Signals of the operating system, as a way to end a run."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager

from typedpipes.errors import RunStateError


@contextmanager
def handled(
    signals: Collection[signal.Signals], handler: Callable[[signal.Signals], None]
) -> Generator[None]:
    """Have a function called for every signal that comes; afterwards all is as before.

    Raises:
        RunStateError: signals cannot be handled here.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in signals}
    try:
        for number in before:
            _add(loop, number, handler)
        yield
    finally:
        for number, previous in before.items():
            if loop.remove_signal_handler(number) and previous is not None:
                signal.signal(number, previous)


def _add(
    loop: asyncio.AbstractEventLoop,
    number: signal.Signals,
    handler: Callable[[signal.Signals], None],
) -> None:
    try:
        loop.add_signal_handler(number, handler, number)
    except (NotImplementedError, RuntimeError, ValueError) as error:
        raise RunStateError(
            f"cannot handle {number.name} here: {error}. Signals need an event loop in the main "
            "thread of a POSIX system; elsewhere run without `signals` and put a Doom yourself."
        ) from error
