"""Who can still do something in a run: what is asked of its nodes when it may have come to rest."""

from __future__ import annotations

from collections.abc import Iterable

from typedpipes.engine.life import ENDED, PAUSED
from typedpipes.engine.node import Node


def active(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes that can do something before a neighbour has items for them, or room.

    If there is none, then nothing moves any more by itself: each node waits for another. It is for
    a call from the event loop, where no node is in the middle of a step. What was woken may go on
    in a call that is still to come, so ask again a turn later.

    A node that is paused can do something, once it is resumed; and so can a source that is open to
    the outside, and what waits for a reader outside.
    """
    return [
        node
        for node in nodes
        if node.life is not ENDED and (node.life is PAUSED or not node.rests())
    ]
