"""What a page shows of a plumber that does not change while it runs."""

from __future__ import annotations

from collections.abc import Mapping

from typedpipes.blueprint import Blueprint
from typedpipes.observe.settings import settings_of
from typedpipes.outlet import Pausable
from typedpipes.show.live import draw_live
from typedpipes.show.picture import printable


def describe(blueprint: Blueprint) -> Mapping[str, object]:
    """Return the drawing, and the settings of each node. Of a large graph it takes a second."""
    return {
        "drawing": draw_live(blueprint),
        "nodes": {
            printable(node.name): {
                "settings": settings_of(node),
                "pausable": isinstance(node.part, Pausable),
            }
            for node in blueprint.nodes
        },
    }
