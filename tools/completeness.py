"""Asks pyright whether each name that users may import has a type that every checker sees alike.

    python tools/completeness.py

That is `pyright --verifytypes typedpipes`, over the whole package. Base classes of other packages
may leave types to be inferred.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OF_OTHERS = ("Type of metaclass unknown", "Type of base class unknown")


def main() -> int:
    """Print what is not complete; 0 if everything is."""
    done = subprocess.run(
        [
            *(Path(sys.executable).parent / "pyright", "--verifytypes", "typedpipes"),
            *("--ignoreexternal", "--outputjson", "--pythonpath", sys.executable),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # it does not see an editable installation
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    symbols = json.loads(done.stdout)["typeCompleteness"]["symbols"]
    wrong = [
        f"{symbol['name']}: {remark['message']}"
        for symbol in symbols
        for remark in symbol["diagnostics"]
        if remark["severity"] == "error" and not remark["message"].startswith(OF_OTHERS)
    ]
    print("\n".join(wrong) if symbols else "pyright found no names")
    return 1 if wrong or not symbols else 0


if __name__ == "__main__":
    sys.exit(main())
