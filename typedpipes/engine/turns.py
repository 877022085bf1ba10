"""Nodes that take turns: how much they do in each, and when they rest."""

from __future__ import annotations

import asyncio
from time import monotonic

from typedpipes.engine.hanging import item_in_hand
from typedpipes.engine.life import ENDED, FLOWS, PAUSED
from typedpipes.engine.planning import Planner, planner_for
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.sample import Sample
from typedpipes.engine.stage import StageNode
from typedpipes.flow.waiting import Waiters

LONGEST_SLICE = 256
"""Items that are worked on at most between two looks at the clock: this bounds how late it is seen
that quick items became slow ones."""

LONG_ENOUGH = 0.001
"""Seconds after which a slice does not grow any more."""


class AwaitedTurns:
    """The turns of a node that let the event loop have one too.

    Attributes:
        seconds: how long they took.
        sample: how much the calls in them compute.
    """

    __slots__ = ("sample", "seconds")

    def __init__(self) -> None:
        self.seconds: float = 0.0
        self.sample: Sample = Sample()


class TurnNode(StageNode):
    """A node that works on one item at a time.

    It takes turns with others of its kind, a slice of work in each. Slices grow while they take
    less than a millisecond, so the clock is read once for many quick items, and for each slow
    one.

    Attributes:
        resting: whether it has no turn before it is woken.
        began: when its last slice began.
        awaited: what is known of its turns that let the event loop have one too, if there were any.
    """

    __slots__ = ("_alone", "_longest", "_planner", "awaited", "began", "resting")

    attention: bool
    worked: float

    def __init__(self, ports: Ports, runtime: Runtime, planner: Planner | None = None) -> None:
        super().__init__(ports, runtime)
        self._planner = planner or planner_for(ports.inputs, ports.outputs, ports.failures)
        self._longest = 1  # slice, in items
        self._alone: Waiters | None = None  # where its own task waits, if it has one
        self.resting: bool = True
        self.began: float = 0.0
        self.awaited: AwaitedTurns | None = None

    def rests(self) -> bool:
        return self.resting

    async def turn(self, began: float) -> float:
        """Work on what there is, a slice at most. Then rest or end if there is no more.

        Args:
            began: the time of the monotonic clock now.

        Returns:
            The time after the slice.
        """
        raise NotImplementedError

    def begin_slice(self, began: float) -> int:
        """Return how many items to work on now. If there are none, rest or end.

        Args:
            began: the time of the clock now.
        """
        self.attention = False
        count = self._planner.plan(self._longest)
        # Looked at only now: a source that was woken may have ended the run, or paused the node.
        if not count or self.life is not FLOWS:
            self.rest()
            return 0
        filled = self.runtime.pace.filled
        if filled > began:  # noqa: PLR1730  # quicker than `max`
            began = filled  # the rest was the work of a source
        self.began = began
        return count

    def end_slice(self, began: float) -> float:
        """Learn from a slice how long the next may be, and rest if there is nothing for it.

        Args:
            began: the time of the clock before the slice.

        Returns:
            The time now.
        """
        now = monotonic()
        if self._longest < LONGEST_SLICE or now - began > LONG_ENOUGH:
            self._resize(now - began)
        self.worked += now - self.began
        wait = self._planner.finish()
        # Looked at only now, as above.
        if self.life is not FLOWS:
            self.rest()
        elif wait is None:
            self.resting = False
        else:
            self.resting = True
            if wait is not self.wait:
                self.turn_to(wait, now, self.worked)  # no call goes on now
        return now

    def look_up(self) -> bool:
        """Look up from the work, because a neighbour asked for attention.

        Returns:
            Whether to go on as planned.
        """
        self.attention = False
        self.inputs.took()
        if self.life is not FLOWS:
            return False
        self.outputs.gave(more=True)
        return True

    def _resize(self, seconds: float) -> None:
        """Make the next slice longer, or short enough, after one that took that long."""
        if seconds > LONG_ENOUGH:
            self._longest = max(int(self._longest * LONG_ENOUGH / seconds), 1)
        else:
            self._longest *= 2

    def rest(self) -> None:
        """Rest until a neighbour wakes the node, or end if there is nothing to come."""
        self.resting = True
        if self._planner.over():
            self.end()
        elif self.life is FLOWS:
            self.waits_for(self._planner.wait())
        elif self.life is not PAUSED:
            self.end()

    def wake(self) -> None:
        if self._alone is not None:
            self._alone.wake()
        elif self.resting and self.life is not ENDED:
            self.resting = False
            self.runtime.crew.schedule(self)

    async def go_on_alone(self) -> None:
        """Go on in the current task, which is for no other node any more."""
        self._alone = Waiters()
        while self.life is not ENDED:
            await self.runtime.pace.keep()
            self.resting = False
            began = monotonic()
            now = await self.turn(began)
            if now > began:
                self.suspended(now)  # nothing tells whether it did
            if self.resting and self.life is not ENDED:
                await self._alone.wait()

    def is_alone(self) -> bool:
        """Whether it has a task of its own."""
        return self._alone is not None

    def in_hand(self, task: asyncio.Task[None]) -> Item:
        return item_in_hand(task, type(self).turn.__code__)

    @property
    def in_flight(self) -> int:
        return 0

    # How its time is spent

    def suspended(self, now: float) -> None:
        """Note that the turn that ends now let the event loop have one too."""
        if self.awaited is None:
            self.awaited = AwaitedTurns()
        self.awaited.seconds += now - self.began

    def computed(self) -> float:
        awaited = self.awaited
        if awaited is None:
            return self.worked
        return max(self.worked - awaited.seconds, 0.0) + awaited.sample.computed
