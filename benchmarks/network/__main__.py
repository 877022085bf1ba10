"""`python -m benchmarks.network`: measures runs over a network, and prints a table in Markdown."""

from __future__ import annotations

import argparse
import asyncio
import sys

from benchmarks.network.case import CASES
from benchmarks.network.table import as_markdown
from benchmarks.network.trial import Found, tried


def main() -> None:
    """Measure in interleaved rounds, so that what disturbs one round disturbs all cases."""
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser("python -m benchmarks.network", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many")
    parser.add_argument("--only", nargs="+", metavar="CASE", choices=names, help="%(choices)s")
    options = parser.parse_args()
    cases = [case for case in CASES if case.name in (options.only or names)]
    found: dict[str, list[Found]] = {case.name: [] for case in cases}
    for number in range(options.rounds):
        for case in cases:
            found[case.name].append(asyncio.run(tried(case)))
            print(f"round {number + 1}, {case.name}: {found[case.name][-1]}", file=sys.stderr)
    print(as_markdown(found))


if __name__ == "__main__":
    main()
