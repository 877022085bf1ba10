"""The drawing of a graph in which a page shows how it runs."""

from __future__ import annotations

from typedpipes.blueprint import Blueprint
from typedpipes.show.picture import picture
from typedpipes.show.room import LIVE
from typedpipes.show.svg import svg


def draw_live(blueprint: Blueprint) -> str:
    """Draw a blueprint as SVG, with room for what a run is doing: for numbers, workers and pipes.

    The attributes are those of every SVG of `show`.
    """
    return svg(picture(blueprint), LIVE)
