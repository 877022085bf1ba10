"""Runs the census and tells how it went."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import sysconfig
from pathlib import Path

from rich.console import Console

from demos.census.files import python_files
from demos.census.pipeline import draw
from demos.census.screen import show
from demos.census.tally import Tally
from typedpipes import Report
from typedpipes.observe import terminal

ABORTED = 130  # what shells expect of a program that was interrupted


def main() -> int:
    """Run it on the folder that is named; 0 when it ends by itself or drains."""
    parser = argparse.ArgumentParser(prog="python -m demos.census", description=main.__doc__)
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(sysconfig.get_path("stdlib")),
        help="count the Python files below it (default: the standard library of this Python)",
    )
    folder: Path = parser.parse_args().folder.expanduser().resolve()
    if not folder.is_dir():
        parser.error(f"there is no folder {folder}")
    try:
        report = asyncio.run(census(folder, Console()))
    except KeyboardInterrupt:  # before the run began
        return ABORTED
    return ABORTED if any(doom.mode == "abort" for doom in report.dooms) else 0


async def census(folder: Path, console: Console) -> Report:
    """Count a folder, showing how it goes on and what came out."""
    tally, files = Tally(), list(python_files(folder))
    plumber = draw(files, tally)
    console.print(f"{len(files)} Python files below {folder}.", highlight=False, soft_wrap=True)
    screen = asyncio.create_task(terminal.follow(plumber, console))
    try:
        report = await plumber.run(signals=(signal.SIGINT, signal.SIGTERM), grace=10.0)
    finally:
        screen.cancel()
        await asyncio.wait([screen])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # too late to end anything but the report
    show(console, tally, folder)
    console.print(f"\n{report}", highlight=False, markup=False, soft_wrap=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
