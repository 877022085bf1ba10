"""The node that passes on some of its items."""

from __future__ import annotations

from collections.abc import Callable

from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.flow.edge import GAP, Append


class FilterNode(FittingNode):
    """Passes on the items for which a test is true, and drops the others."""

    __slots__ = ("_test",)

    def __init__(self, test: Callable[[Item], object], ports: Ports, runtime: Runtime) -> None:
        super().__init__(ports, runtime)
        self._test = test

    def move(self, count: int) -> None:
        kept: list[Item] = []
        try:
            for item in self.inputs.take(count):
                if item is GAP:
                    self.gaps += 1
                    kept.append(item)
                else:
                    self._sift(item, kept.append)
                if self.attention:
                    break  # perhaps the test paused this node, or ended the run
        finally:
            self.outputs.extend(kept)

    def _sift(self, item: Item, put: Append[Item]) -> None:
        """Put the item if it passes the test, else a gap if one is needed."""
        try:
            passes = self._test(item)
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error, put):
                raise
            return
        if passes:
            put(item)
            return
        self.dropped += 1
        if self.leaves_gaps:
            put(GAP)
