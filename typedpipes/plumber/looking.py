"""Importing modules with drawings without running these, whatever the modules do then."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from typedpipes.errors import RunStateError

_looking: ContextVar[bool] = ContextVar("looking", default=False)


@contextmanager
def looking_only() -> Generator[None]:
    """Have every plumber refuse to run."""
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)


def refuse_at_import(plumber: str) -> None:
    """Refuse to run the plumber of that name while its module is imported for something else.

    Raises:
        RunStateError: its module is imported to be looked at, or by a child process that starts.
    """
    if _looking.get():
        raise RunStateError(
            f"{plumber!r} does not run while its module is only looked at. Put what runs it below "
            "`if __name__ == '__main__':`."
        )
    if _is_starting():
        raise RunStateError(
            f"{plumber!r} does not run here: the main module starts a run while a child process "
            "imports it. Put that under `if __name__ == '__main__':`."
        )


def _is_starting() -> bool:
    """Whether this is a child process that has not come to what it was started for."""
    # Not public, but what multiprocessing itself looks at before it starts a child in a child.
    return getattr(multiprocessing.current_process(), "_inheriting", False)
