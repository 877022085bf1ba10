"""How much room a drawing leaves: little on a page of text, more where a run is shown in it."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from typedpipes.show.layout import Spaces


@frozen
class Room:
    """How much room a drawing leaves.

    Attributes:
        box: the least width of a box.
        funnel: the least width of what filters, gathers or combines, where it is a node.
        below: the height in such a box that is left free below its texts.
        head: the distance between arrow heads at a box, which is widened for them.
        ranked_head: the same where the heads have numbers.
        spaces: between boxes.
    """

    box: float
    funnel: float
    below: float
    head: float
    ranked_head: float
    spaces: Spaces


STILL: Final = Room(72, 0, 0, 11, 22, Spaces())
"""For a picture."""

LIVE: Final = Room(204, 204, 38, 30, 46, Spaces(drop=27, port=30, ranked_port=46, lane=20))
"""For a drawing in which numbers, workers and pipes are shown while a graph runs."""
