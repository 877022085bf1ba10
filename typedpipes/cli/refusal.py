"""How a command ends when it cannot do what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from typing_extensions import TypeVar

from typedpipes.interrupt import INTERRUPTED

Error = TypeVar("Error", bound=Exception)

OK: Final = 0
WRONG: Final = 1
"""The drawing is wrong, or the run failed."""
USAGE: Final = 2
"""The command line is wrong, or what it names is not there."""
BUG: Final = 70
"""An unexpected error: sysexits.h calls this number EX_SOFTWARE."""
ABORTED: Final = INTERRUPTED
"""A run was aborted, or the command was interrupted."""


class Refusal(Exception):
    """A command cannot be carried out, for a reason that the user can fix.

    Attributes:
        lines: what is written to standard error, one line for each problem.
        code: the exit code of the process.
    """

    def __init__(self, *lines: str, code: int = USAGE) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
        self.code = code


def select_errors(group: ExceptionGroup[Exception], kind: type[Error]) -> Iterator[Error]:
    """Yield the errors of that kind in a group."""
    for error in group.exceptions:
        if isinstance(error, kind):
            yield error
