"""Runs everything that must hold before a change is done: `make check`.

The checkers run side by side and speak only if they fail; the tests come last
and are seen as they run. Arguments go to pytest.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
AT_ONCE = 2  # mypy and pyright need a core and a gigabyte each
CHECKERS = {
    # The slow ones first: the quick ones fill the gap at the end.
    "types, mypy": ["mypy", "--no-error-summary"],
    "types, pyright": ["pyright", "--warnings"],
    "types, pyrefly": ["pyrefly", "check", "--summary=none", "--output-format=min-text"],
    "types, ty": ["ty", "check", "--no-progress", "--output-format=concise"],
    "types, complete": ["python", "tools/completeness.py"],
    "layers": ["lint-imports"],
    "lint": ["ruff", "check", "--quiet", "--output-format=concise"],
    "format": ["ruff", "format", "--check", "--quiet", "--output-format=concise"],
}


def main() -> int:
    """Check, then test; 0 if all is well."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        passed = list(pool.map(check, CHECKERS))
    tests = subprocess.run([BIN / "pytest", "--quiet", *sys.argv[1:]], cwd=ROOT, check=False)
    return 0 if all(passed) and tests.returncode == 0 else 1


def check(name: str) -> bool:
    """Run one checker, and show what it says if it fails."""
    tool, *arguments = CHECKERS[name]
    begin = time.monotonic()
    done = subprocess.run(
        [BIN / tool, *arguments],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passed = done.returncode == 0
    line = f"{'ok  ' if passed else 'FAIL'} {name:<15} {time.monotonic() - begin:5.1f} s"
    print(line if passed else f"{line}\n{done.stdout}", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
