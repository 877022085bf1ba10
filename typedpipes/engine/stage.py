"""What nodes that take items share: how items fail, and what is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from typedpipes.engine.life import ABORTS, ENDED, STOPS
from typedpipes.engine.node import Node, is_cancelled
from typedpipes.engine.ports import Item, Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.engine.tally import Tally
from typedpipes.errors import ProcessorFailed
from typedpipes.flow.edge import GAP, NOWHERE, Append, Edge
from typedpipes.flow.inputs import Inputs
from typedpipes.flow.outputs import Outputs
from typedpipes.flow.request import Tagged, Withdrawn, plain
from typedpipes.flow.segment import WayOut
from typedpipes.processor import Failure, is_failure_of


class StageNode(Node):
    """A node that takes items.

    Attributes:
        inputs: what it takes from.
        failures: where failures go, if anywhere.
        outcomes: whether failures go on in place of results.
        leaves_gaps: whether a gap is to stand for an item that becomes nothing.
        failed: how many items failed.
        dropped: how many items it left out.
        gaps: how many gaps it passed on.
        cut_short: whether it ended as a zip of which one input still had items.
    """

    __slots__ = (
        "cut_short",
        "dropped",
        "failed",
        "failures",
        "gaps",
        "inputs",
        "leaves_gaps",
        "outcomes",
    )

    interrupted: tuple[Item, ...]

    def __init__(self, ports: Ports, runtime: Runtime) -> None:
        self.inputs: Inputs[Item] = ports.inputs
        self.failures: Outputs[Failure[Item]] = ports.failures
        self.outcomes: bool = ports.outcomes
        self.leaves_gaps: bool = ports.leaves_gaps
        self.failed: int = 0
        self.dropped: int = 0
        self.gaps: int = 0
        self.cut_short: bool = False
        for edge in ports.inputs.edges:
            edge.reader = self
        super().__init__(ports.name, ports.outputs, runtime)

    def written(self) -> Iterator[Edge[Any]]:
        yield from self.outputs.edges
        yield from self.failures.edges

    def get_ready(self) -> None:
        self.inputs.want_items()

    def reader_left(self) -> None:
        if self.life < ABORTS:
            self.failures.reader_left()
            if self.failures.left:
                self.stop()
        super().reader_left()

    # Items that do not become a result

    def settle(self, item: Item, error: BaseException, put: Append[Item]) -> bool:
        """Find out what became of an item whose coroutine raised.

        Args:
            item: the item.
            error: what was raised.
            put: gets what stands for the item among the results, if anything does.

        Returns:
            Whether the task that worked on the item goes on; otherwise it raises the error again.
        """
        if self.life is ENDED:
            return False  # it was detached: what became of the item is reported already
        if isinstance(error, asyncio.CancelledError):
            if is_cancelled():
                self.interrupted += (item,)
                if self.life < STOPS:
                    self.runtime.fail(ProcessorFailed(self.name, plain(item), error), "abort")
                return False
            error = self.foreign(error)
        if isinstance(error, Withdrawn):
            self.dropped += 1
            item.add(-1)
            leaves_nothing = True
        else:
            self.failed += 1
            self.runtime.note_failure(self.name, item, error)
            self._fail(item, error, put)
            leaves_nothing = not self.outcomes
        if self.leaves_gaps and leaves_nothing and self.life < ABORTS:
            put(GAP)
        return not isinstance(error, GeneratorExit)  # it may be the task that is being closed

    def _fail(self, item: Item, error: BaseException, put: Append[Item]) -> None:
        """Tell of a failure where failures go; else to who asked for the item, or to the run."""
        if not isinstance(error, Exception):
            self.runtime.fail(ProcessorFailed(self.name, plain(item), error))
            return
        asked = type(item) is Tagged
        if asked and not self._replies_failures():
            item.request.fail(self.name, error)
        if self.outcomes or self.failures.edges:
            self._pass_on(Failure(item, error, self.name), put)
        elif asked:
            item.add(-1)
        else:
            self.runtime.fail(ProcessorFailed(self.name, item, error))

    def _replies_failures(self) -> bool:
        """Whether failures lead to the replies of an exchange, as items do."""
        return self.outcomes or any(not isinstance(edge, WayOut) for edge in self.failures.edges)

    def _pass_on(self, failure: Failure[Item], put: Append[Item]) -> None:
        """Put a failure where failures go: on an edge of their own, or in place of a result."""
        self.runtime.log.failure(self.name, failure.error)
        if self.outcomes:
            put(_turned(failure))
        else:
            self.put_failure(failure)

    def put_failure(self, failure: Failure[Item]) -> None:
        """Put a failure on the failures edge; there is room for it."""
        self.failures.append(_turned(failure))
        self.failures.gave()

    # The end

    def look_back(self) -> None:
        self.cut_short = self.inputs.short and self.life < STOPS

    def leave(self) -> None:
        super().leave()
        self.inputs.skip_gaps()
        self.inputs.leave()

    def forget(self) -> None:
        super().forget()
        for edge in self.inputs.edges:
            edge.forget_reader()

    # What the report says

    @property
    def in_flight(self) -> int:
        """How many items are in hand."""
        raise NotImplementedError

    @property
    def waiting(self) -> int:
        """How many of the items in hand wait for an earlier one of their key."""
        return 0

    def emitted(self, completed: int) -> int:
        """Return how many items were made of `completed` ones."""
        made = completed + self.failed if self.outcomes else completed
        return 0 if self.outputs is NOWHERE else made

    def undelivered(self) -> Sequence[Item]:
        """Return the results that were not taken by all readers.

        Failures among the outcomes are not delivered either, but they are no results: what takes
        them has them in its `unprocessed`.
        """
        undelivered = super().undelivered()
        return self.results_of(undelivered) if self.outcomes else undelivered

    def results_of(self, outcomes: Iterable[Item]) -> Sequence[Item]:
        """Return the outcomes that are results."""
        return tuple(each for each in outcomes if not is_failure_of(self.name, each))

    def unprocessed(self) -> Sequence[Item]:
        return tuple(map(plain, (*self.interrupted, *self.inputs.peek())))

    def tally(self) -> Tally:
        inputs = self.inputs
        received = inputs.taken - self.gaps + inputs.dropped
        dropped = self.dropped + inputs.dropped
        interrupted = len(self.interrupted)
        in_flight = self.in_flight
        # What is not accounted for otherwise: to count it would cost a step for every item.
        completed = received - self.failed - dropped - interrupted - in_flight
        numbers = (
            received,
            completed,
            self.failed,
            dropped,
            interrupted,
            in_flight,
            self.waiting,
            self.emitted(completed),
            self.cut_short,
        )
        return Tally._make(numbers)


def _turned(failure: Failure[Item]) -> Item:
    """Return the failure of a tagged item as a tagged failure, and any other as it is."""
    item = failure.item
    if type(item) is not Tagged:
        return failure
    return item.become(Failure(item.item, failure.error, failure.processor))
