"""The node that passes on some of its items."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.flow.edge import GAP, Append


class FilterNode(FittingNode):
    """Passes on the items for which a test is true, and drops the others."""

    __slots__ = ("_kept", "_test", "_testing")

    dropped: int
    gaps: int

    def __init__(self, test: Callable[[Item], object], ports: Ports, runtime: Runtime) -> None:
        super().__init__(ports, runtime)
        self._test = test
        self._testing = False
        self._kept: list[Item] = []  # of the slice in hand

    def move(self, count: int) -> None:
        kept = self._kept
        self._testing = True
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
            self._testing = False
            self.outputs.extend(kept)
            kept.clear()

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

    # What is told: also to a test that asks

    def held(self) -> Sequence[Item]:
        return (*self.stranded, *(item for item in self._kept if item is not GAP))

    @property
    def in_flight(self) -> int:
        return 1 if self._testing else 0
