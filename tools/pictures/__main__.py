"""Make the pictures of the documentation.

    python -m tools.pictures [NAME ...]

Writes docs/NAME.svg for each picture, or for those named. They are made on a clock that jumps, so
they are always the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.support.clock import Clock
from tools.pictures import recording, timeline
from tools.pictures.film import Film
from tools.pictures.operators import SCENES
from tools.pictures.site import draw_site
from typedpipes import Plumber

DOCS = Path(__file__).resolve().parents[2] / "docs"


def draw_scene(name: str) -> str:
    """Play a scene, and return its picture."""
    draw = SCENES[name]

    async def play() -> Film:
        film = Film()
        plumber = Plumber(name)
        draw(film, plumber)
        await plumber.run()
        return film

    film = Clock().run(play())
    return timeline.svg(f"{name}: {draw.__doc__}", list(film.lanes.values()))


def draw_recording() -> str:
    """Record a run, and return its picture, which moves."""
    frames = Clock().run(recording.record())
    return recording.svg("A run, as it is shown on a terminal", frames)


PICTURES: Mapping[str, Callable[[], str]] = {
    "pictures/site": draw_site,
    "pictures/run": draw_recording,
    **{f"operators/{name}": partial(draw_scene, name) for name in SCENES},
}
"""What makes each picture."""


def main(names: Sequence[str]) -> None:
    """Write the pictures of these names, or all."""
    for name in names or PICTURES:
        file = DOCS / f"{name}.svg"
        file.parent.mkdir(exist_ok=True)
        file.write_text(PICTURES[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
