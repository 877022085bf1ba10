"""Scenes: small graphs that are played while a film records them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeAlias

from tools.pictures.film import Film
from typedpipes import Plumber

Scene: TypeAlias = Callable[[Film, Plumber], Awaitable[None]]
"""Draws a graph whose coroutines the film records, and runs it."""


class Scenes(dict[str, Scene]):
    """The scenes of a module, by the names of their pictures."""

    def scene(self, name: str) -> Callable[[Scene], Scene]:
        """Enter a scene under a name."""

        def enter(play: Scene) -> Scene:
            self[name] = play
            return play

        return enter

    def drawing(self, name: str) -> Callable[[Callable[[Film, Plumber], None]], Scene]:
        """Enter a scene of a graph that runs by itself, of which there is only the drawing."""

        def enter(draw: Callable[[Film, Plumber], None]) -> Scene:
            @self.scene(name)
            @wraps(draw)
            async def play(film: Film, plumber: Plumber) -> None:
                draw(film, plumber)
                await plumber.run()

            return play

        return enter
