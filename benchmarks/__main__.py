"""`python -m benchmarks`: measures, and prints a table."""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import warnings
from collections.abc import Sequence
from time import perf_counter

from rich.console import Console

from benchmarks import table, verdict
from benchmarks.contestant import Contestant
from benchmarks.contestants import NAMES, installed
from benchmarks.race import Effort, Race, Result
from benchmarks.workload import Workload
from benchmarks.workloads import WORKLOADS

FULL = Effort(seconds=0.2, rounds=7, at_most=2.0)
QUICK = Effort(seconds=0.04, rounds=3, at_most=0.25)


def main() -> int:
    """Returns 1 if typedpipes failed in a workload. A missed target is no failure."""
    options = parse()
    names = options.contestants or NAMES
    contestants = installed(names)
    absent = sorted(set(names) - {one.name for one in contestants})
    if absent:
        print(f"Cannot be imported here: {', '.join(absent)}.", file=sys.stderr)
    workloads = [
        one
        for one in WORKLOADS
        if (one.name in options.only if options.only else not (options.quick and one.slow))
    ]
    results = run_all(workloads, contestants, QUICK if options.quick else FULL)
    if options.markdown:
        print(table.as_markdown(results, contestants))
    else:
        table.for_terminal(results, contestants)
    return int(any(verdict.OURS in result.failures for result in results))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, with less certainty")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="WORKLOAD",
        choices=[one.name for one in WORKLOADS],
        help="any of %(choices)s",
    )
    parser.add_argument(
        "--contestants", nargs="+", metavar="NAME", choices=NAMES, help="any of %(choices)s"
    )
    return parser.parse_args()


def run_all(
    workloads: Sequence[Workload], contestants: Sequence[Contestant], effort: Effort
) -> list[Result]:
    """Shows on stderr how far it is."""
    gc.freeze()  # What has been imported need not be looked through before each run.
    # Peers log and warn about how they are used; here that would only cost time.
    logging.disable()
    warnings.simplefilter("ignore")
    console = Console(stderr=True, highlight=False)
    results = []
    with console.status("") as status:
        for number, workload in enumerate(workloads, start=1):
            start = perf_counter()
            results.append(Race(workload, contestants, effort, status.update).result())
            elapsed = f"{perf_counter() - start:.0f} s"
            console.print(f"{number}/{len(workloads)} {workload.title}: {elapsed}")
    return results


if __name__ == "__main__":
    sys.exit(main())
