"""Looking at drawings without running them, whatever their modules do when they are imported."""

from __future__ import annotations

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


def refuse_if_looking(plumber: str) -> None:
    """Refuse to run the plumber of that name now.

    Raises:
        RunStateError: its module is imported to be looked at.
    """
    if _looking.get():
        raise RunStateError(
            f"{plumber!r} does not run while its module is only looked at. Put what runs it below "
            "`if __name__ == '__main__':`."
        )
