"""Tests the random graphs of `tests/properties`: do they find faults of the engine?

    python tools/mutants.py [NAME ...]

A *mutant* is a copy of the library with one small fault. Each must fail the random graphs, and
the library without a fault must pass them. Always with the same graphs; but how much a node does
in a slice depends on the clock, so a fault that one set of graphs misses is tried with others.
Only copies are changed, which are gone afterwards.

Prints a line for each, and what it says if the verdict is wrong. Exits with 0 if all are right.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("typedpipes", "tests/properties", "tests/support", "tests/conftest.py", "pyproject.toml")
GRAPHS = "tests/properties/test_random_graphs.py"
EXCHANGES = "tests/properties/test_random_exchanges.py"
SEEDS = ("2", "3", "5", "7", "11", "13", "17", "19", "23", "29")
"""One for each set of graphs. About one set in seven misses the mutant that is hardest to find."""
EXAMPLES = "30"
"""Graphs of a set, for each property: as few as find most mutants."""
PATIENCE = 300
"""Seconds after which a run says nothing: what a mutant does for ever, it does in a few."""
PASSED, FAILED = 0, 1  # what pytest exits with; all else is no verdict


class Mutant(NamedTuple):
    """A fault.

    Attributes:
        name: what goes wrong.
        file: where, in the package.
        text: what stands there, once.
        instead: what stands there in the mutant.
    """

    name: str
    file: str
    text: str
    instead: str


MUTANTS = (
    Mutant(
        "the end of a slice does not tell the writer what was taken",
        "engine/planning.py",
        "            before.took()\n        if not before.items:",
        "            pass\n        if not before.items:",
    ),
    Mutant(
        "many workers put results in the order in which they are done",
        "engine/processors.py",
        "if not processor.ordered or processor.workers == 1:\n        return Bag()",
        "if processor.kind == 'coroutine' or not processor.ordered:\n        return Bag()",
    ),
    Mutant(
        "a filter leaves no gap for what it drops",
        "engine/filter.py",
        "        if self.leaves_gaps:\n            put(GAP)\n",
        "",
    ),
    Mutant(
        "an item that was interrupted counts twice",
        "engine/stage.py",
        "self.interrupted += (item,)",
        "self.interrupted += (item, item)",
    ),
    Mutant(
        "a node that ends leaves the edges behind it open",
        "engine/node.py",
        '''"""Close the edges that lead on, and leave those that lead here."""
        for edge in self.written():
            edge.close()''',
        '''"""Leave those that lead here."""''',
    ),
    Mutant(
        "results that are held are forgotten at the end",
        "engine/parallel.py",
        "return (*self.stranded, *self._results.held())",
        "return self.stranded",
    ),
    Mutant(
        "a zip does not count the tuples that it leaves out",
        "flow/zip.py",
        "        self.dropped += 1\n",
        "        return\n",
    ),
    Mutant(
        "an edge has room for one item more than its bound",
        "flow/edge.py",
        "return self.maxsize - len(self.items)",
        "return self.maxsize - len(self.items) + 1",
    ),
    Mutant(
        "a node that is paused goes on as long as there is something",
        "engine/turns.py",
        "if not count or self.life is not FLOWS:\n            self.rest()",
        "if not count or self.life > PAUSED:\n            self.rest()",
    ),
    Mutant(
        "a failure is not counted",
        "engine/stage.py",
        "            self.failed += 1\n",
        "",
    ),
    Mutant(
        "a batch that is not full is forgotten at the end",
        "engine/batch.py",
        "        self.interrupted += tuple(self._batches.batch)\n",
        "",
    ),
    Mutant(
        "a fork goes on filling the edge of a reader that has left",
        "flow/fork.py",
        "            if self._appends:\n                self._stop_appending(edge)\n",
        "",
    ),
    Mutant(
        "items of one key are worked on side by side",
        "engine/keys.py",
        "        line.append((item, slot))\n        self.waiting += 1\n        return False",
        "        return True",
    ),
    Mutant(
        "the key of a gap is asked for",
        "engine/parallel.py",
        "if self._keys is None or item is GAP:",
        "if self._keys is None:",
    ),
    Mutant(
        "a failure among the outcomes is not emitted",
        "engine/stage.py",
        "made = completed + self.failed if self.outcomes else completed",
        "made = completed",
    ),
    Mutant(
        "a rejoin takes a gap where an item was dropped",
        "flow/rejoin.py",
        "            if all(part is GAP for part in parts):\n                return number\n",
        "            if all(part is GAP for part in parts):\n                return number + 1\n",
    ),
    Mutant(
        "a loop ends although workers have items in hand",
        "engine/parallel.py",
        "return len(self._idle) == len(self.tasks)",
        "return True",
    ),
    Mutant(
        "a reader that waits is not woken by the end of its edge",
        "flow/edge.py",
        "            self.closed = True\n            self.gave(more=True)",
        "            self.closed = True\n            self.gave()",
    ),
    Mutant(
        "what is not wanted any more of a request is not counted",
        "engine/stage.py",
        "            self.dropped += 1\n            item.add(-1)",
        "            item.add(-1)",
    ),
    Mutant(
        "a failure is not told to who asked",
        "engine/stage.py",
        "            item.request.fail(self.name, error)\n",
        "            pass\n",
    ),
)


def main(names: Sequence[str]) -> int:
    """Try the mutants of these names, or all, and the library itself; 0 if all is as it should."""
    mutants = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    refusals = [*unknown(names), *outdated(mutants)]
    if refusals:
        print("\n".join(refusals))
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        right = list(pool.map(judge, [None, *mutants]))
    print(f"{right.count(True)} of {len(right)} as they should be.")
    return 0 if all(right) else 1


def unknown(names: Sequence[str]) -> Iterator[str]:
    """Find names that no mutant has."""
    known = [mutant.name for mutant in MUTANTS]
    for name in names:
        if name not in known:
            yield f"There is no mutant {name!r}."


def outdated(mutants: Sequence[Mutant]) -> Iterator[str]:
    """Find mutants whose text is not, or not once, in their file any more."""
    for name, file, text, _ in mutants:
        path = ROOT / "typedpipes" / file
        count = path.read_text().count(text) if path.exists() else 0
        if count != 1:
            yield (
                f"{name!r}: its text is {count} times in typedpipes/{file}, and should be once. "
                f"Write the mutant anew:\n{text}"
            )


def judge(mutant: Mutant | None) -> bool:
    """Try a mutant, or the library itself, and say what came of it.

    Returns:
        Whether it failed or passed as it should.
    """
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy_to(Path(folder))
        if mutant is not None:
            mutate(Path(folder), mutant)
        first, *others = SEEDS
        code, said = try_graphs(Path(folder), first)
        while mutant is not None and code == PASSED and others:
            code, said = try_graphs(Path(folder), others.pop(0))
    found = re.search(r"^FAILED .*::(\w+)", said, flags=re.MULTILINE)
    if mutant is None and code == PASSED:
        print("passes   the library without a fault", flush=True)
        return True
    if mutant is not None and code == FAILED and found is not None:
        print(f"found    {mutant.name}\n         by {found[1]}", flush=True)
        return True
    if mutant is None:
        print(f"FAILS    the library without a fault\n{said}", flush=True)
    elif code == PASSED:
        print(f"SURVIVED {mutant.name}: no random graph shows it", flush=True)
    else:
        print(f"UNKNOWN  {mutant.name}: pytest exited with {code}\n{said}", flush=True)
    return False


def copy_to(folder: Path) -> None:
    """Copy what random graphs need."""
    for part in PARTS:
        start, goal = ROOT / part, folder / part
        goal.parent.mkdir(parents=True, exist_ok=True)
        if start.is_dir():
            shutil.copytree(start, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(start, goal)


def mutate(folder: Path, mutant: Mutant) -> None:
    """Put the fault into a copy."""
    path = folder / "typedpipes" / mutant.file
    path.write_text(path.read_text().replace(mutant.text, mutant.instead))


def try_graphs(folder: Path, seed: str) -> tuple[int | None, str]:
    """Run one set of random graphs of a copy.

    Returns:
        What pytest exited with, none if it did not, and what it said.
    """
    options = ["-q", "-x", "-n0", "--tb=short", f"--hypothesis-seed={seed}"]
    options += ["-p", "no:cacheprovider", "-o", "faulthandler_timeout=0"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", GRAPHS, EXCHANGES, *options],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": str(folder),  # before the package that is installed
                "EXAMPLES": EXAMPLES,
                "SHRINK": "no",
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"It took more than {PATIENCE} s."
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
