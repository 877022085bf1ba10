"""Zips that cannot all go on: what one takes does not go with what another takes.

With bounded edges, each node gives as many items as what it leads to takes, in the long run. Where
how many that are is known, the numbers have to agree along all ways from one node to another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from typedpipes.blueprint import EdgeSpec, NodeSpec
from typedpipes.fittings import Batch, Relay
from typedpipes.fold import is_folded
from typedpipes.processor import Processor

Flow: TypeAlias = tuple[str, str]
"""The items that a node takes, gives, or fails on: its name, and which of these."""


def unbalanced(nodes: Sequence[NodeSpec]) -> Iterator[str]:
    """Tell, for each zip that is bound to wedge a long run, why.

    Args:
        nodes: from upstream to downstream.
    """
    zips = [node for node in nodes if node.how == "zip"]
    if len(zips) < 2 or not any(isinstance(node.part, Batch) for node in nodes):
        return  # quickly: the numbers differ behind a batch only
    failing = {edge.start for node in nodes for edge in node.inputs if edge.failures}
    flows = _Flows()
    before: list[str] = []
    for node in nodes:
        for edge in node.inputs if node.how in ("one", "zip") else ():
            share = flows.tie(_given(edge), (node.name, "takes"), Fraction(1))
            if share != 1:
                yield _tell(node, edge, share, before)
        size = _items_for_one(node, failing)
        if size is not None:
            flows.tie((node.name, "takes"), (node.name, "gives"), Fraction(size))
        if node.how == "zip":
            before.append(node.name)


def _given(edge: EdgeSpec) -> Flow:
    if edge.failures or edge.way is not None:
        return edge.start, f"gives at {edge.failures} {edge.way}"
    return edge.start, "gives"


def _items_for_one(node: NodeSpec, failing: set[str]) -> int | None:
    """Return how many items a node takes for each that it gives, if that is always the same."""
    part = node.part
    if node.exchange or (node.name in failing and not node.outcomes):
        return None
    if isinstance(part, Batch):
        return part.size if part.within is None and part.every is None else None
    if isinstance(part, Processor):
        return 1 if part.kind == "coroutine" and not is_folded(part.coro) else None
    return 1 if isinstance(part, Relay) else None


class _Flows:
    """Flows of items of which is known how many of one go with one of another."""

    def __init__(self) -> None:
        self._of: dict[Flow, tuple[Flow, Fraction]] = {}  # how many go with one of another

    def tie(self, one: Flow, other: Flow, many: Fraction) -> Fraction:
        """Note that so many items of one flow go with each of another.

        Returns:
            How many it would be by what was noted before, for each that it is by this: 1 if both
            agree.
        """
        root, share = self._root(one)
        other_root, other_share = self._root(other)
        if root == other_root:
            return share / other_share / many
        self._of[root] = other_root, other_share * many / share
        return Fraction(1)

    def _root(self, flow: Flow) -> tuple[Flow, Fraction]:
        """Return another flow, which stands for all that are tied, and how many go with it."""
        share = Fraction(1)
        while flow in self._of:
            flow, more = self._of[flow]
            share *= more
        return flow, share


def _tell(node: NodeSpec, edge: EdgeSpec, share: Fraction, before: Sequence[str]) -> str:
    other = next(each.start for each in node.inputs if each is not edge)
    more, one = (edge.start, other) if share > 1 else (other, edge.start)
    many = max(share, 1 / share)
    zips = " and ".join(f"the zip before {name!r}" for name in before)
    return (
        f"the zip before {node.name!r} takes an item of {more!r} with each of {one!r}, but because "
        f"of {zips} it would have to be {many}. Once the edges between them are full, nothing can "
        "move any more. Batch both inputs, or draw one of the zips from sources of its own."
    )
