"""The node that hands replies to the askers of an exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from typedpipes.engine.fitting import FittingNode
from typedpipes.engine.ports import Ports
from typedpipes.engine.runtime import Runtime
from typedpipes.errors import TypedpipesError
from typedpipes.exchange import Replies, begin_to_answer, end_to_answer, give_up
from typedpipes.flow.request import Tagged


class ReplyNode(FittingNode):
    """Hands each reply to the asker of its request.

    It never waits for one: what the askers have not taken is bounded by the rooms of their
    requests, which generators wait for, and by what is under way behind those.
    """

    __slots__ = ("_requests",)

    dropped: int

    def __init__(
        self,
        replies: Replies,
        ports: Ports,
        runtime: Runtime,
        errors: Sequence[TypedpipesError],
        beyond: Mapping[str, AbstractSet[str]],
    ) -> None:
        super().__init__(ports, runtime)
        self._requests = replies.requests
        begin_to_answer(self._requests, runtime.home, errors, beyond)

    def move(self, count: int) -> None:
        for item in self.inputs.take(count):
            self._reply(item)

    def _reply(self, tagged: Tagged) -> None:
        request = tagged.request
        if request.is_wanted(self.name):
            request.reply(tagged.item)
        else:
            self.dropped += 1
        tagged.add(-1)

    def leave_askers(self, task: asyncio.Task[Any] | None) -> None:  # Any: the task of the user
        """Go on no more for the requests that this task was the last to read from."""
        give_up(self._requests, task)

    def look_back(self) -> None:
        super().look_back()
        end_to_answer(self._requests)

    def emitted(self, completed: int) -> int:
        return completed
