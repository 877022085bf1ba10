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
from tools.pictures import lives, operators, recording, timeline, watched
from tools.pictures.film import Film
from tools.pictures.graph import draw_graph
from typedpipes import Plumber

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SCENES = {**operators.SCENES, **lives.SCENES}


def draw_scene(name: str) -> str:
    """Play a scene, and return its picture."""
    play = SCENES[name]

    async def record() -> Film:
        film = Film()
        await play(film, Plumber(name))
        return film

    film = Clock().run(record())
    return timeline.svg(f"{name}: {play.__doc__}", list(film.lanes.values()))


def draw_recording() -> str:
    """Record a run, and return its picture, which moves."""
    frames = Clock().run(watched.watch(watched.pages(), every=0.25))
    title = "A run, as it is shown on a terminal"
    return recording.svg(title, "typedpipes run pages:plumber", frames, every=0.25)


PICTURES: Mapping[str, Callable[[], str]] = {
    "pictures/site": partial(draw_graph, ROOT / "README.md"),
    "pictures/run": draw_recording,
    "operators/via": partial(draw_graph, DOCS / "operators" / "via.md"),
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
