"""The node that passes on some of its items."""

from __future__ import annotations

from collections.abc import Callable

from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.flow.edge import GAP


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
                elif self._passes(item):
                    kept.append(item)
                elif self.leaves_gaps:
                    kept.append(GAP)
                if self.attention:
                    break  # perhaps the test paused this node, or ended the run
        finally:
            self.outputs.extend(kept)

    def _passes(self, item: Item) -> bool:
        try:
            if self._test(item):
                return True
            self.dropped += 1
        except BaseException as error:  # settle tells them apart
            if not self.settle(item, error):
                raise
        return False
