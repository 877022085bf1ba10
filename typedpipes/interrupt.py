"""Ctrl-C while the command line is being imported: it ends at once, and without a traceback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import PurePath

INTERRUPTED = 130
"""The exit code that shells expect from a program that was interrupted."""


def starts_command_line() -> bool:
    """Whether this process is the command line, which may still be at its first import."""
    script, *arguments = sys.argv or [""]
    if script == "-m":  # until the module is found; its name is then before the arguments
        return sys.orig_argv[-len(arguments) - 1] == __package__
    return PurePath(script).name == __package__


def end_on_interrupt() -> None:
    """Have Ctrl-C end the process now, if it would raise `KeyboardInterrupt` otherwise.

    An import is no place for that error: Python may drop it there, or show it as one of its own.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_on_interrupt() -> None:
    """Have Ctrl-C raise `KeyboardInterrupt` again."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_signal: int, _frame: object) -> None:
    os._exit(INTERRUPTED)


if starts_command_line():
    end_on_interrupt()
