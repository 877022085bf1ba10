"""Asks mypy which types may go where, for the tests of the load-time rule.

    python tools/verdicts.py

Every type and every function in `tests/definitions/corpus` is connected with every other one.
What mypy accepts is written to `verdicts.json` there, by what is given.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # where the corpus is, also for a script

from tests.definitions.corpus import functions, kinds  # noqa: E402  # needs the path

VERDICTS = ROOT / "tests/definitions/corpus/verdicts.json"
KINDS = kinds.KINDS
GIVERS, TAKERS = functions.GIVERS, functions.TAKERS
GIVEN = (*KINDS, *GIVERS)
TAKEN = (*KINDS, *TAKERS)
HEAD = f"""\
{kinds.IMPORTS}{functions.IMPORTS}
from typedpipes import Plumber, Processor, Source
plumber = Plumber()
nothing: Any = None"""


def main() -> None:
    """Write what mypy says."""
    verdicts = ask_mypy()
    VERDICTS.write_text(json.dumps(verdicts, indent=1) + "\n")
    print(f"{sum(map(len, verdicts.values()))} of {len(GIVEN) * len(TAKEN)} pairs meet")


def ask_mypy() -> Mapping[str, Sequence[str]]:
    """Have mypy say what may go where: by what is given, all that it may go to."""
    pairs = [(given, taken) for given in range(len(GIVEN)) for taken in range(len(TAKEN))]
    lines = [*declarations(), *(f"joint_{one}.to(Processor(take_{other}))" for one, other in pairs)]
    first = len(lines) - len(pairs) + 1
    refused = {pairs[number - first] for number in refusals(lines, first)}
    return {
        given: [taken for other, taken in enumerate(TAKEN) if (one, other) not in refused]
        for one, given in enumerate(GIVEN)
    }


def declarations() -> Iterator[str]:
    """Write the functions `give_0`, `take_0` and so on, one for each entry."""
    yield from HEAD.splitlines()
    for number, kind in enumerate(KINDS):
        yield f"async def give_{number}() -> AsyncIterator[{kind}]: yield nothing"
        yield f"async def take_{number}(item: {kind}) -> None: ..."
        yield f"joint_{number} = plumber.connect(Source(give_{number}))"
    for number, giver in enumerate(GIVERS, len(KINDS)):
        yield f"give_{number} = {giver}"
        yield f"joint_{number} = plumber.connect(Source([1])).to(Processor(give_{number}))"
    for number, taker in enumerate(TAKERS, len(KINDS)):
        yield f"take_{number} = {taker}"


def refusals(lines: Sequence[str], first: int) -> Iterator[int]:
    """Yield the numbers of the lines that mypy refuses.

    Args:
        lines: a program.
        first: the first line that may be wrong.

    Raises:
        RuntimeError: another line is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pairs.py")
        file.write_text("\n".join(lines) + "\n")
        command = [
            *(sys.executable, "-m", "mypy", "--no-error-summary"),
            *("--no-warn-unused-ignores", "--cache-dir=.mypy_cache/verdicts", str(file)),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        found = re.match(r"\S*pairs\.py:(\d+): error: .*\[([a-z-]+)\]", line)
        if found and int(found[1]) >= first:
            yield int(found[1])
        elif " error: " in line:
            raise RuntimeError(line)
    if done.returncode > 1:
        raise RuntimeError(done.stdout + done.stderr)


if __name__ == "__main__":
    main()
