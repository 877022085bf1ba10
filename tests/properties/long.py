"""Random graphs by the thousand: `python -m tests.properties.long 20000`.

They come in rounds, each from a seed of its own, and a line is printed after each. The first
round that fails is the last; `python -m tests.properties.long COUNT SEED` begins with that one.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from time import monotonic

import pytest

FILES = [
    Path(__file__).with_name(name) for name in ("test_random_graphs.py", "test_random_exchanges.py")
]

EXAMPLES = 150
"""Graphs of a round for each property: so many that they differ, so few that it is soon told."""


def main(count: int, seed: int) -> int:
    """Try so many random graphs, spread over all properties of them.

    Returns:
        The exit code: 0 if all properties held.
    """
    properties = sum(file.read_text().count("\n@given(") for file in FILES)
    os.environ["EXAMPLES"] = str(EXAMPLES)
    began, tried = monotonic(), 0
    while tried < count:
        say(f"seed {seed}")
        # A property may take long here, and that is no hang.
        options = [
            "-q",
            "-q",
            "--show-capture=no",
            "-o",
            "faulthandler_timeout=0",
            f"--hypothesis-seed={seed}",
        ]
        if code := pytest.main([*map(str, FILES), *options]):
            return code
        tried += EXAMPLES * properties
        seed += 1
        say(f"{tried:,} of {count:,} graphs in {monotonic() - began:.0f} s")
    return 0


def say(what: str) -> None:
    print(what, flush=True)  # noqa: T201  # this is a program


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(arguments[0], *arguments[1:] or [random.randrange(10**6)]))
