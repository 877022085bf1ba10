"""How much memory the items of a run may take: a budget, divided by what its graph has room for.

Edges are bounded in items. So a run is bounded in bytes if each of its items is, and that is
what the offered coroutines see to: they fail on an item that would be larger than its share.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import TypeVar

from attrs import frozen

from demos.web.limits import Limits
from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.processor import Processor

PLACE = 200  # bytes that a place takes, whatever is in it
FAILURE = 2_000  # bytes that a failure takes beside its item: the error and where it came from
LEAST = 100  # bytes: a graph whose items may not even be that large is of no use

Item = TypeVar("Item", str, int)


class TooLarge(ValueError):
    """An item would take more bytes than its run allows."""


@frozen
class Budget:
    """What a run may need.

    Attributes:
        item: how many bytes an item may take.
        places: how many items the graph has room for.
        total: how many bytes all of them may take, with what surrounds them.
    """

    item: int
    places: int
    total: int

    @property
    def enough(self) -> bool:
        """Whether an item may be large enough to be of use."""
        return self.item >= LEAST


def budget_of(blueprint: Blueprint, limits: Limits) -> Budget:
    """Divide the bytes of a run by the items that its graph has room for."""
    failures = sum(edge.maxsize for edge in blueprint.edges if edge.failures)
    places = sum(map(_places, blueprint.nodes)) + failures  # each has a message as well
    overhead = PLACE * places + FAILURE * failures
    item = min((limits.run_bytes - overhead) // max(places, 1), limits.item_bytes)
    return Budget(item, places, overhead + item * places)


def _places(node: NodeSpec) -> int:
    """Count the items that are on their way to a node, in its hands or held back by it."""
    workers, window = 1, 0
    if isinstance(node.part, Processor):
        workers = node.part.workers
        window = node.part.window if workers > 1 and node.part.ordered else 0
    in_hand = workers * (len(node.inputs) + 1)
    return sum(edge.maxsize for edge in node.inputs) + in_hand + window


most: ContextVar[int] = ContextVar("most")
"""How many bytes an item may take in the run that the current coroutine belongs to."""


def bounded(item: Item) -> Item:
    """Return an item that is not too large.

    Raises:
        TooLarge: it is.
    """
    size = sys.getsizeof(item)
    if size > most.get():
        raise TooLarge(
            f"an item of {size:,} bytes is too large here: {most.get():,} are allowed. The less "
            "the edges of a graph hold, the larger its items may be: set 'buffer'."
        )
    return item
