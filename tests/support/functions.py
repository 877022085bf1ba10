"""Plain functions that a child process can import."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    raise ValueError(f"{number} is unlucky")


class Costly(Exception):
    """One that cannot be unpickled: it is made of two things and keeps one text."""

    def __init__(self, what: str, price: int) -> None:
        super().__init__(f"{what} costs {price}")


def fail_costly(number: int) -> int:
    raise Costly("it", number)


def take_from_nothing(number: int) -> int:
    """Raise `StopIteration`, as a bare `next` does."""
    return next(iter([number][:0]))


class Broken:
    """What can be pickled, and not unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return fail, (13,)


def give_broken(number: int) -> object:
    return Broken()


def process_id(item: object) -> int:
    return os.getpid()


def exit_at_3(number: int) -> int:
    if number == 3:
        sys.exit("unknown option")
    return number


def interrupt_at_3(number: int) -> int:
    if number == 3:
        raise KeyboardInterrupt
    return number


def die_at_3(number: int) -> int:
    """As if the system had killed the process."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_for_ever(told: Path) -> None:
    """Write the process id into a pipe, and wait."""
    told.write_text(str(os.getpid()))
    signal.pause()


def give_a_lambda(number: int) -> object:
    """Give what cannot be pickled."""
    return lambda: number


def fail_at_length(number: int) -> int:
    raise Costly("it" * 1_000_000, number)
