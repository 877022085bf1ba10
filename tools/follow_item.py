"""Count what there is to read for one who follows an item through the engine.

One item goes through a source, a processor and a sink. Counted are the calls of functions of the
library, the files that they are in, and the jumps: how often a call is in another file than the
one before it. `--list` shows the calls.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import FrameType

import typedpipes
from typedpipes import Plumber, Processor, Sink, Source

LIBRARY = str(Path(typedpipes.__file__).parent) + "/"


class Trail:
    """The calls of functions of the library, in order: the file and the name of each."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Note a call, as `sys.setprofile` asks for."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(LIBRARY):
            self.calls.append((code.co_filename.removeprefix(LIBRARY), code.co_qualname))


async def double(number: int) -> int:
    """Return the double of a number."""
    return 2 * number


async def forget(number: int) -> None:
    """Do nothing with a number."""


async def follow() -> Sequence[tuple[str, str]]:
    """Return the calls of one run, of an item through three nodes."""
    plumber = Plumber()
    plumber.connect(Source([1])).to(Processor(double)).to(Sink(forget))
    trail = Trail()
    sys.setprofile(trail)
    await plumber.run()
    sys.setprofile(None)
    return trail.calls


def way_of_the_item(calls: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Return the calls from the one that asks the source to the end of the last node."""
    names = [name for _, name in calls]
    return calls[names.index("IterableSource.wake") : names.index("Crew.end") + 1]


def show(title: str, calls: Sequence[tuple[str, str]]) -> None:
    """Print the counts of some calls."""
    files = [file for file, _ in calls]
    jumps = sum(one != other for one, other in pairwise(files))
    print(f"{title:<17} {len(calls):4} calls {len(set(files)):4} files {jumps:4} jumps")


def main() -> None:
    """Follow an item, and print the counts."""
    calls = asyncio.run(follow())
    show("the whole run", calls)
    show("the item's way", way_of_the_item(calls))
    if "--list" in sys.argv:
        for file, name in way_of_the_item(calls):
            print(f"  {file:<22} {name}")


if __name__ == "__main__":
    main()
