"""Plain functions that a child process can import."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def fail(number: int) -> int:
    raise ValueError(f"{number} is unlucky")


def process_id(item: object) -> int:
    return os.getpid()


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
