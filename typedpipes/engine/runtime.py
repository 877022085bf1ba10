"""What a run provides to its nodes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from typedpipes.engine.crew import Crew, Starter
from typedpipes.engine.log import Log
from typedpipes.engine.resources import Resources
from typedpipes.errors import TypedpipesError
from typedpipes.flow.fairness import Pace
from typedpipes.flow.request import plain
from typedpipes.gauges import FailureTexts
from typedpipes.queues.home import Home

if TYPE_CHECKING:
    from typedpipes.engine.node import Node
    from typedpipes.engine.ports import Item

OnFailure: TypeAlias = Literal["abort", "drain"]
"""How a run ends when an item fails whose failure goes nowhere."""


class Fail(Protocol):
    """Ends the run because of an error: by a drain or an abort, by default as the user chose."""

    def __call__(self, error: TypedpipesError, then: OnFailure | None = None) -> None: ...


class Runtime:
    """What a run provides to its nodes.

    Args:
        log: where events are written.
        home: where the run lives.
        starter: starts its tasks.
        resources: those of the run, and of its workers.
        fail: ends the run because of an error.
        ended: called when a node has ended.
        noted: what keeps the texts of failures, now or later.

    Attributes:
        began: when the run began, by the monotonic clock.
        crew: the tasks in which nodes take turns.
        raised: how often coroutines raised, by the node and the name of the type.
        pace: when work that never has to wait lets other tasks run.
    """

    def __init__(
        self,
        log: Log,
        home: Home,
        starter: Starter,
        resources: Resources,
        fail: Fail,
        ended: Callable[[Node], None],
        noted: Sequence[FailureTexts] = (),
    ) -> None:
        self.began: float = monotonic()
        self.raised: Counter[tuple[str, str]] = Counter()
        self.log: Log = log
        self.home: Home = home
        self.pace: Pace = home.pace
        self.crew: Crew = Crew(starter, home.pace)
        self.resources: Resources = resources
        self.fail: Fail = fail
        self.ended: Callable[[Node], None] = ended
        self._starter = starter
        self._noted = noted
        for texts in noted:
            texts.begin()

    def note_failure(self, node: str, item: Item, error: BaseException) -> None:
        """Count an item that failed, and keep the text of it where that was asked for."""
        self.raised[node, type(error).__name__] += 1
        for texts in self._noted:
            texts.add(node, plain(item), error, monotonic() - self.began)

    def spawn(
        self, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:  # Any: what a coroutine yields to the loop
        """Start a task in the context of the run."""
        return self._starter.start(work)

    def context(self) -> Context:
        """Return a context with what was set before the run, for a node without a task."""
        return self._starter.context.copy()
