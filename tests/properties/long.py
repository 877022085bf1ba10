"""Random graphs by the thousand: `python -m tests.properties.long 20000`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

GRAPHS = Path(__file__).with_name("test_random_graphs.py")


def main(count: int) -> int:
    """Try so many random graphs, spread over all properties of them."""
    properties = GRAPHS.read_text().count("\n@given(")
    os.environ["EXAMPLES"] = str(-(-count // properties))
    # A property may take long here, and that is no hang.
    return pytest.main([str(GRAPHS), "-o", "faulthandler_timeout=0", "--durations=0"])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
