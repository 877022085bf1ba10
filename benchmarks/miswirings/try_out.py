"""Runs one library's right graph and draws its wrong ones, in the libraries' environment.

Prints how many mistakes it refused to draw, and the version of the library.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import PackageNotFoundError, version

from benchmarks.miswirings.task import MISTAKES, RESULT

library, module = sys.argv[1:]
graphs = importlib.import_module(f"benchmarks.miswirings.{module}")

if (result := graphs.right()) != RESULT:
    sys.exit(f"{library} gives {result}, not {RESULT}")

refused = 0
for number in range(1, len(MISTAKES) + 1):
    try:
        getattr(graphs, f"mistake_{number}")()
    except Exception:  # noqa: BLE001  # each library has an error of its own for this
        refused += 1

try:
    print(refused, version(library))
except PackageNotFoundError:  # this project, from its sources
    print(refused)
