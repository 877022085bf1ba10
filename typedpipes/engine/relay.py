"""Nodes that pass items on as they are, or collect them."""

from __future__ import annotations

from collections.abc import Iterable

from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.fittings import Collector, begin_to_collect
from typedpipes.flow.edge import GAP


class RelayNode(FittingNode):
    """Passes items on as they are."""

    __slots__ = ()

    gaps: int

    def move(self, count: int) -> None:
        self.pass_on(self.inputs.take(count))

    def pass_on(self, items: Iterable[Item]) -> None:
        """Put items."""
        passed = list(items)
        self.gaps += sum(item is GAP for item in passed)
        self.outputs.extend(passed)


class CollectNode(FittingNode):
    """Keeps all items in a collector."""

    __slots__ = ("_collected",)

    def __init__(self, collector: Collector[Item], ports: Ports, runtime: Runtime) -> None:
        super().__init__(ports, runtime)
        self._collected = begin_to_collect(collector)

    def move(self, count: int) -> None:
        self._collected.extend(self.inputs.take(count))
