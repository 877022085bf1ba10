"""A program without an end, whose items go through child processes: `python -m` this.

It prints a line when its run has begun, one for each item that comes out, and in the end one with
what became of the others.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator

from typedpipes import Plumber, Processor, Sink, Source, in_process, run


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def numbers() -> Iterator[int]:
    say("running")
    yield from itertools.count()


def work(number: int) -> int:
    """Return the number, after quick work or, now and then, slower work."""
    sum(range(200_000 if number % 50 == 0 else 200))
    return number


async def tell(number: int) -> None:
    say(str(number))


def main() -> int:
    """Run, and return the exit code: 130 if the run was aborted, as a shell has it."""
    plumber = Plumber("endless")
    source, worker = Source(numbers()), Processor(in_process(work), workers=2)
    teller = Sink(tell)
    plumber.connect(source).to(worker).to(teller)
    report = run(plumber)
    worked, told = report.of(worker), report.of(teller)
    interrupted = told.unprocessed[: told.interrupted]
    left = [*worked.unprocessed, *worked.undelivered, *interrupted]
    say(json.dumps({"emitted": report.of(source).emitted, "failed": worked.failed, "left": left}))
    return 0 if report.ending == "drained" else 130


if __name__ == "__main__":
    sys.exit(main())
