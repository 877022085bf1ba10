"""The standard input as a target: on the command line it is `-`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

STDIN: Final = "<stdin>"
"""What the target is called inside, and in messages."""


def name_stdin(arguments: Sequence[str]) -> list[str]:
    """Return arguments with a name in the place of `-`, which cyclopts takes for an option."""
    return [STDIN if argument == "-" else argument for argument in arguments]
