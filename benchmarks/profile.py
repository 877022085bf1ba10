"""`python -m benchmarks.profile WORKLOAD`: shows where the time goes."""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
from collections.abc import Callable
from importlib.util import find_spec

from benchmarks.contestants import NAMES, load
from benchmarks.race import run
from benchmarks.workloads import WORKLOADS


def main() -> None:
    """Runs one workload at its full size, with every error let through."""
    parser = argparse.ArgumentParser("python -m benchmarks.profile", description=__doc__)
    parser.add_argument("workload", choices=[one.name for one in WORKLOADS])
    parser.add_argument("--contestant", choices=NAMES, default="typedpipes")
    parser.add_argument("--size", type=int, help="how many items, if not the workload's own number")
    parser.add_argument(
        "--calls", action="store_true", help="count calls (cProfile), do not sample"
    )
    options = parser.parse_args()
    workload = next(one for one in WORKLOADS if one.name == options.workload)
    contestant, size = load(options.contestant), options.size or workload.size
    run(workload, contestant, workload.least)  # Imports and caches are not what is asked.
    profile = by_calls if options.calls or not find_spec("pyinstrument") else by_samples
    profile(lambda: run(workload, contestant, size))


def by_samples(work: Callable[[], object]) -> None:
    """pyinstrument: a tree, and little disturbance."""
    from pyinstrument import Profiler  # noqa: PLC0415 - may be missing

    with Profiler(interval=0.0005, async_mode="disabled") as profiler:
        work()
    print(profiler.output_text(show_all=True, color=sys.stdout.isatty()))


def by_calls(work: Callable[[], object]) -> None:
    """cProfile: exact counts, but each call is slower than it is."""
    with cProfile.Profile() as profiler:
        work()
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
