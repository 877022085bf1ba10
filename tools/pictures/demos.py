"""Make the pictures of the demos.

    python -m tools.pictures.demos [demo] [demo-web] [demo-net]

Writes docs/pictures/demo.svg and demo-net.svg, and demo-web.png and demo-web-dark.png beside them,
which need Chromium with chromedriver. The demos run for them, in real time and with what is on this
machine, so these pictures are a little different each time, and no test compares them.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.segment import Segment
from rich.style import Style

from demos.census.files import python_files
from demos.census.pipeline import draw
from demos.census.screen import table
from demos.census.tally import Tally
from tests.web.browsers import browser, show_as
from tests.web.page import Page
from tests.web.servers import serving
from tools.pictures import recording
from tools.pictures.png import shrink
from tools.pictures.watched import watch
from typedpipes import Report

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDTH = 1280
"""Of the page of the web demo, in pixels."""
FRAMES = 12
"""How many moments of a demo are shown at most, whatever it took."""
LINES = 24
"""How many of its last lines the demo over a network shows."""


def picture_census(folder: Path, *, every: float) -> str:
    """Run the census of a folder as `make demo` does, and return the picture of it, which moves.

    Args:
        folder: what it counts.
        every: the seconds between two looks at the run, and between two frames of the picture,
            which plays quicker than the run if there were more looks than frames.
    """
    mypy = [sys.executable, "-m", "mypy", "-p", "demos.census"]
    verdict = subprocess.run(mypy, check=True, capture_output=True, text=True).stdout
    tally = Tally()

    def show(report: Report) -> RenderableType:
        return Group(table(tally), "", str(report))

    frames = asyncio.run(watch(draw(list(python_files(folder)), tally), every=every, ending=show))
    first = [[Segment(line)] for line in verdict.splitlines()]
    *shown, last = frames
    step = -(-len(shown) // FRAMES) or 1
    return recording.svg(
        "make demo: a census of functions that say all their types, while it runs and at its end",
        "make demo",
        [first, *([*first, *frame] for frame in (*shown[::step], last))],
        every=every,
    )


def picture_page(*, dark: bool) -> bytes:
    """Run a pipeline on the page of the web demo, and return a picture of it as PNG."""
    with serving() as server, browser() as chrome:
        page = Page(chrome, server)
        show_as(chrome, width=WIDTH, dark=dark)
        page.choose("zip")
        page.run()
        page.until(lambda: len(page.results) > 3)
        return shrink(chrome.get_screenshot_as_png())


def picture_net(count: int) -> str:
    """Run the demo over a network, and return the picture of what it prints, which moves.

    Args:
        count: how many items it sends.
    """
    command = [sys.executable, "-m", "demos.net", "--count", str(count)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [[Segment(line, _style_of(line))] for line in printed.splitlines()]
    report = printed.splitlines().index("")  # an empty line is before it
    moments = [*range(4, report, -(-report // FRAMES)), len(lines)]
    return recording.svg(
        "make demo-net: workers start, one is killed, and at the end nothing is lost",
        "make demo-net",
        [lines[:moment][-LINES:] for moment in moments],
        every=0.7,
    )


def _style_of(line: str) -> Style | None:
    if "is killed" in line:
        return Style(color="red")
    return Style(color="green") if "0 lost" in line else None


def make_demo() -> None:
    """Make the picture of `make demo`."""
    census = picture_census(Path(sysconfig.get_path("stdlib")), every=0.5)
    (PICTURES / "demo.svg").write_text(census)


def make_demo_web() -> None:
    """Make the pictures of `make demo-web`."""
    (PICTURES / "demo-web.png").write_bytes(picture_page(dark=False))
    (PICTURES / "demo-web-dark.png").write_bytes(picture_page(dark=True))


def make_demo_net() -> None:
    """Make the picture of `make demo-net`."""
    (PICTURES / "demo-net.svg").write_text(picture_net(20_000))


MADE: Mapping[str, Callable[[], None]] = {
    "demo": make_demo,
    "demo-web": make_demo_web,
    "demo-net": make_demo_net,
}


def main(names: Sequence[str]) -> None:
    """Make the pictures of these demos, or of all."""
    for name in names or MADE:
        MADE[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
