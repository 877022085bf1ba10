"""How a node that takes turns sees what it can do without another look at its neighbours."""

from __future__ import annotations

from typedpipes.engine.lulls import FOR_ITEMS, FOR_ROOM, Wait
from typedpipes.engine.ports import Item
from typedpipes.flow.edge import Edge
from typedpipes.flow.inputs import Inputs
from typedpipes.flow.outputs import Outputs
from typedpipes.processor import Failure


class Planner:
    """Plans for any inputs and outputs."""

    __slots__ = ("failures", "inputs", "outputs")

    def __init__(
        self,
        inputs: Inputs[Item],
        outputs: Outputs[Item],
        failures: Outputs[Failure[Item]],
    ) -> None:
        self.inputs: Inputs[Item] = inputs
        self.outputs: Outputs[Item] = outputs
        self.failures: Outputs[Failure[Item]] = failures

    # Questions

    def room(self) -> int:
        """How many items may be taken before there is no room for what they become."""
        return min(self.outputs.room(), self.failures.room())

    def lacks(self) -> bool:
        """Whether there is nothing to take, or no room for it."""
        return not self.inputs.available() or self.room() <= 0

    def over(self) -> bool:
        """Whether there will never be anything to do again."""
        return self.inputs.over()

    # What changes something

    def plan(self, limit: int) -> int:
        """Say to the neighbours that work begins: those that can go on are woken.

        Returns:
            How many items can be worked on now, `limit` at most.
        """
        # First, because it may fill the inputs at once.
        self.inputs.took()
        self.inputs.advance()
        count = max(min(limit, self.inputs.available(), self.room()), 0)
        self.outputs.gave(more=count > 0)
        return count

    def finish(self) -> Wait | None:
        """Say to the neighbours that items were taken: those that can go on are woken.

        Returns:
            What the node has to wait for; it is woken when that is there. Nothing if it goes on.
        """
        self.inputs.took()
        self.inputs.advance()
        if not self.lacks() or self.over():
            return None
        return self.wait()

    def wait(self) -> Wait:
        """Ask the neighbours to wake the node when what it lacks is there.

        Returns:
            What it lacks.
        """
        if not self.inputs.available():
            self.inputs.want_items()
            return FOR_ITEMS
        self.outputs.want_room()
        self.failures.want_room()
        return FOR_ROOM


class StraightPlanner(Planner):
    """Plans for one edge before, and one or none behind, without gaps and without a failures edge.

    Most nodes are so. It does the same, with a look at the two edges in place of calls.
    """

    __slots__ = ("_before", "_behind")

    def __init__(
        self,
        before: Edge[Item],
        behind: Edge[Item],
        failures: Outputs[Failure[Item]],
    ) -> None:
        super().__init__(before, behind, failures)
        self._before = before
        self._behind = behind

    def plan(self, limit: int) -> int:
        before, behind = self._before, self._behind
        if before.writer_waits:
            before.took()
        count = len(before.items)
        room = behind.maxsize - len(behind.items)
        if count > room:  # noqa: PLR1730  # `min` takes as long as a quick coroutine
            count = room
        if count > limit:  # noqa: PLR1730
            count = limit
        if behind.reader_waits:
            behind.gave(more=count > 0)
        return count

    def finish(self) -> Wait | None:
        before, behind = self._before, self._behind
        if before.writer_waits:
            before.took()
        if not before.items:
            if before.closed:
                return None
            before.want_items()
            return FOR_ITEMS
        if len(behind.items) >= behind.maxsize:
            behind.want_room()
            return FOR_ROOM
        return None


def planner_for(
    inputs: Inputs[Item], outputs: Outputs[Item], failures: Outputs[Failure[Item]]
) -> Planner:
    """Return the planner that fits."""
    if (
        isinstance(inputs, Edge)
        and not inputs.skips_gaps
        and isinstance(outputs, Edge)
        and not failures.edges
    ):
        return StraightPlanner(inputs, outputs, failures)
    return Planner(inputs, outputs, failures)
