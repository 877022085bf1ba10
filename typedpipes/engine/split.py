"""The node that sends each item one of several ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.life import ABORTS
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.flow.edge import GAP


class SplitNode(FittingNode):
    """Sends each item one of several ways, and a gap the others: so the branches stay in step.

    What would go a way that all its readers have left is dropped.

    Args:
        sort: returns the number of the way, and what goes there.
        ways: for each edge, which way it is.
        ports: what the node is connected to.
        runtime: what the run provides.
    """

    __slots__ = ("_deserted", "_sort", "_ways")

    dropped: int
    gaps: int

    def __init__(
        self,
        sort: Callable[[Item], tuple[int, object]],
        ways: Sequence[int | None],
        ports: Ports,
        runtime: Runtime,
    ) -> None:
        super().__init__(ports, runtime)
        self._sort = sort
        self._ways = ways
        self._deserted: AbstractSet[int | None] = frozenset()

    def move(self, count: int) -> None:
        for item in self.inputs.take(count):
            if item is GAP:
                self.gaps += 1
                self.outputs.append(GAP)
            else:
                self._send(item)
            if self.attention:
                break  # perhaps the function paused this node, or ended the run

    def _send(self, item: Item) -> None:
        try:
            way, sent = self._sort(item)
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error, self.outputs.append):
                raise
            return
        self.outputs.append_each([sent if each == way else GAP for each in self._ways])
        if way in self._deserted:
            self.dropped += 1

    def reader_left(self) -> None:
        if self.life < ABORTS:  # what is sent later is undelivered
            edges = zip(self._ways, self.outputs.edges, strict=True)
            self._deserted = {*self._ways} - {way for way, edge in edges if not edge.left}
        super().reader_left()
