"""Make the pictures of the documentation.

    python -m tools.pictures [NAME ...]

Writes docs/operators/NAME.svg for each scene of `operators.py`, or for those named. They are made
on a clock that jumps, so they are always the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.clock import Clock
from tools.pictures.film import Film
from tools.pictures.operators import SCENES
from tools.pictures.timeline import svg
from typedpipes import Plumber

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "operators"


def picture_of(name: str) -> str:
    """Play a scene, and return its picture."""
    draw = SCENES[name]

    async def play() -> Film:
        film = Film()
        plumber = Plumber(name)
        draw(film, plumber)
        await plumber.run()
        return film

    film = Clock().run(play())
    return svg(f"{name}: {draw.__doc__}", list(film.lanes.values()))


def main(names: Sequence[str]) -> None:
    """Write the pictures of these names, or all."""
    for name in names or SCENES:
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.svg").write_text(picture_of(name))


if __name__ == "__main__":
    main(sys.argv[1:])
