"""The graph of the census: read, parse, count twice, and zip the counts again.

    files > read > parse +> count_functions +
                         +> count_typed     +> zip > tally
                         +------------------+

What cannot be read or parsed goes to the failures.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from demos.census.files import PythonFile, read
from demos.census.signatures import count_functions, count_typed, parse
from demos.census.tally import Tally
from typedpipes import Plumber, Processor, Sink, Source, in_process, in_thread

CORES = os.cpu_count() or 1
AHEAD = 4 * CORES  # texts that wait for a core: enough to keep it busy, few to drain


def draw(files: Sequence[PythonFile], tally: Tally) -> Plumber:
    """Connect everything between files and a tally."""
    reader = Processor(in_thread(read), name="read", workers=2, buffer=AHEAD)
    parser = Processor(in_process(parse), name="parse", workers=CORES, buffer=AHEAD)

    plumber = Plumber("census")
    parsed = plumber.connect(Source(files, name="files")).to(reader).to(parser)
    functions = parsed.to(Processor(count_functions))
    typed = parsed.to(Processor(count_typed))
    plumber.zip(parsed, functions, typed).to(Sink(tally.add, name="tally"))

    failures = plumber.merge(plumber.failures(reader), plumber.failures(parser))
    failures.to(Sink(tally.add_failure, name="failures"))
    return plumber
