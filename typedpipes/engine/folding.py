"""The node of a fold: a state of the run that takes items."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from typedpipes.engine.beat import Beat
from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.life import ENDED, FLOWS, STOPS
from typedpipes.engine.lulls import FOR_ROOM, Wait
from typedpipes.engine.planning import Planner
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import OnFailure, Runtime
from typedpipes.errors import NO_ITEM, ProcessorFailed
from typedpipes.fold import Fold, Folded, results_of

_NO_MORE = object()


class _FoldPlanner(Planner):
    """Plans for a node that puts any number of results for an item, and some at its end.

    Attributes:
        results: what is in hand, put as there is room.
        ended: whether there is no state that gives something at its end.
    """

    __slots__ = ("ended", "results")

    def __init__(self, ports: Ports) -> None:
        super().__init__(ports.inputs, ports.outputs, ports.failures)
        self.results: Iterator[Item] | None = None
        self.ended: bool = True

    def room(self) -> int:
        return sys.maxsize if super().room() > 0 else 0  # many items may become one result

    def lacks(self) -> bool:
        if self.results is None and self.inputs.over():
            return False  # there is what the state gives at its end
        return super().lacks()

    def over(self) -> bool:
        return super().over() and self.ended and self.results is None

    def wait(self) -> Wait:
        if self.results is None:
            return super().wait()
        self.outputs.want_room()
        return FOR_ROOM


class FoldNode(FittingNode):
    """Has a state take items, and puts what that gives.

    The state is called in plain code, so no call of it is ever cancelled: at an abort, what is in
    hand and what the state gives at its end are undelivered results.
    """

    __slots__ = ("_beat", "_due", "_folded", "_hand", "_item", "_state")

    failed: int
    stranded: tuple[Item, ...]
    _state: Fold[Item, Item]

    def __init__(self, folded: Folded[Item, Item], ports: Ports, runtime: Runtime) -> None:
        self._hand = _FoldPlanner(ports)
        super().__init__(ports, runtime, self._hand)
        self._folded = folded
        self._beat: Beat | None = None
        self._due = False
        self._item: object = NO_ITEM  # what the results in hand are made of

    def get_ready(self) -> None:
        if self.life is ENDED:
            return  # another state could not be made
        try:
            self._state = self.runtime.context().run(self._folded.make)
        except BaseException as error:  # noqa: BLE001  # whatever the user's function raises
            self._fail_the_run(error, "abort")
            return
        self._hand.ended = False
        super().get_ready()
        if self._folded.every is not None:
            self._beat = Beat(self._folded.every, self._tick)

    def has_timer(self) -> bool:
        return self._beat is not None and self.outputs.room() > 0

    def _tick(self) -> None:
        if self.life is FLOWS:
            self._due = True
            self.wake()

    async def turn(self, began: float) -> float:
        if not self._go_on():
            self.rest()
            return began
        return await super().turn(began)

    def _go_on(self) -> bool:
        """Put what is in hand, and then what is due.

        Returns:
            Whether nothing is in hand any more.
        """
        if not self._put():
            return False
        if self._due and self.life is FLOWS:
            self._due = False
            self._begin(self._state.tick)
        return self._put()

    def move(self, count: int) -> None:
        for item in self.inputs.take(count):
            self._begin(self._state.take, item)
            if not self._put() or self.attention or self._hand.room() <= 0:
                break

    def _begin(self, method: Callable[..., Iterable[Item]], *items: Item) -> None:
        """Take the results in hand that a method gives; it is called when there is room for one."""
        (self._item,) = items or (NO_ITEM,)
        self._hand.results = self._called(method, *items)

    def _called(self, method: Callable[..., Iterable[Item]], *items: Item) -> Iterator[Item]:
        yield from results_of(method(*items), self.name, method)

    def _put(self) -> bool:
        """Put what is in hand, as far as there is room.

        Returns:
            Whether nothing is in hand any more.
        """
        results = self._hand.results
        while results is not None:
            if self.outputs.room() <= 0 or self.life >= STOPS:
                return False
            try:
                result = next(results, _NO_MORE)
            except BaseException as error:  # settle tells them apart
                self._hand.results = results = None
                if not self._settle(error):
                    raise
            else:
                if result is _NO_MORE:
                    self._hand.results = results = None
                    self._item = NO_ITEM
                else:
                    self.outputs.append(result)
                    self.outputs.gave()
        return True

    def _settle(self, error: BaseException) -> bool:
        item, self._item = self._item, NO_ITEM
        if item is not NO_ITEM:
            return self.settle(item, error, self.outputs.append)
        self._fail_the_run(error)
        return not isinstance(error, GeneratorExit)

    def _fail_the_run(
        self, error: BaseException, then: OnFailure | None = None, item: object = NO_ITEM
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            error = self.foreign(error)
        self.runtime.fail(ProcessorFailed(self.name, item, error), then)

    # The end

    def rest(self) -> None:
        if self.life is FLOWS and self.inputs.over() and not self._finish():
            self.resting = True
            self.outputs.want_room()
            self.waits_for(FOR_ROOM)
        else:
            super().rest()

    def _finish(self) -> bool:
        """Put what the state gives at its end, as far as there is room.

        Returns:
            Whether that was all.
        """
        if not self._put():
            return False
        if not self._hand.ended:
            self._hand.ended = True
            self._begin(self._state.end)
        return self._put()

    def look_back(self) -> None:
        super().look_back()
        self._due = False
        if self._beat is not None:
            self._beat.stop()
            self._beat = None
        self.stranded += tuple(self.runtime.context().run(self._all_that_is_left))

    def _all_that_is_left(self) -> Sequence[Item]:
        """Return what is in hand, and what the state gives at its end."""
        left: list[Item] = []
        while (results := self._hand.results) is not None or not self._hand.ended:
            if results is None:
                self._hand.ended = True
                self._begin(self._state.end)
                continue
            item, self._item = self._item, NO_ITEM
            self._hand.results = None
            try:
                left.extend(results)
            except BaseException as error:  # noqa: BLE001  # whatever the state raises
                self.failed += item is not NO_ITEM
                self._fail_the_run(error, item=item)
        return left

    # What the report says

    @property
    def in_flight(self) -> int:
        return 0 if self._item is NO_ITEM else 1

    def emitted(self, completed: int) -> int:  # noqa: ARG002  # any number for each item
        return self.outputs.put + len(self.held())
