"""The last stage of a run: the cleanup coroutines, one after the other."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import Context
from functools import partial
from typing import TypeAlias

from typedpipes.blueprint import NodeSpec, Part
from typedpipes.coroutines import awaitable
from typedpipes.engine.hanging import end_within
from typedpipes.engine.node import Node
from typedpipes.engine.ports import Item
from typedpipes.engine.stage import StageNode
from typedpipes.errors import CleanupFailed
from typedpipes.fittings import Keep
from typedpipes.flow.request import Tagged, plain
from typedpipes.processor import Processor, is_failure_of
from typedpipes.queues import Cleanup, Doom, DoomsdayQueue, InputQueue, OutputQueue, QueueKind
from typedpipes.source import Source

Call: TypeAlias = Callable[[], Awaitable[None]]


async def clean_up(
    nodes: Sequence[Node],
    drawn: Sequence[NodeSpec],
    dooms: Sequence[Doom],
    limit: float,
    context: Context,
) -> list[CleanupFailed]:
    """Call every cleanup coroutine once, from upstream to downstream.

    One that fails stops no other.

    Args:
        nodes: those of the run, from upstream to downstream.
        drawn: the same in the blueprint.
        dooms: what came in the run.
        limit: how many seconds one may take, and then how many more after it was cancelled.
        context: what each is called in a copy of.

    Returns:
        An error for each that failed.
    """
    failed: list[CleanupFailed] = []
    _let_go_of_requests(nodes)
    beyond = _beyond(nodes, drawn)
    for node, each in zip(nodes, drawn, strict=True):
        for kind, call in _calls(node, each.part, beyond[node.name], dooms):
            error = await outcome_of(call, limit, context)
            if error is not None:
                failed.append(CleanupFailed(node.name, kind, error))
    return failed


def _let_go_of_requests(nodes: Sequence[Node]) -> None:
    """Leave only the users' items in the edges, where each went on with its request."""
    for node in nodes:
        for edge in node.written():
            if any(type(item) is Tagged for item in edge.items):
                edge.items = deque(map(plain, edge.items))


def _beyond(nodes: Sequence[Node], drawn: Sequence[NodeSpec]) -> dict[str, list[Item]]:
    """Find what fittings hold, and what is between them: it goes to the node that made it.

    Behind a batch and behind a combination there are items of another type, or of no single
    maker; those are in the report.
    """
    beyond: dict[str, list[Item]] = defaultdict(list)  # what a node made, further on
    for node, each in zip(reversed(nodes), reversed(drawn), strict=True):
        if (
            each.how == "one"
            and isinstance(node, StageNode)
            and not isinstance(each.part, Processor)
        ):
            edge = each.inputs[0]
            here = list(node.unprocessed())
            if isinstance(each.part, Keep):
                here = [*beyond[node.name], *here]
            if not edge.failures:
                # The branches of a fork hold the same items: each counts once.
                beyond[edge.start] += _without(here, beyond[edge.start])
    # The node itself sees the edges right behind it.
    return {node.name: _without(beyond[node.name], node.outputs.peek()) for node in nodes}


def _without(items: Sequence[Item], others: Sequence[Item]) -> list[Item]:
    """Return the items that are not among the others, each of which stands for one."""
    there = Counter(map(id, others))
    rest: list[Item] = []
    for item in items:
        if there[id(item)]:
            there[id(item)] -= 1
        else:
            rest.append(item)
    return rest


def _calls(
    node: Node, part: Part, beyond: Sequence[Item], dooms: Sequence[Doom]
) -> Iterator[tuple[str, Call]]:
    if not isinstance(part, Source | Processor):
        return
    cleanups, name = part.cleanups, node.name
    if cleanups.input is not None and isinstance(node, StageNode):
        unprocessed = InputQueue(node.inputs, held=map(plain, node.interrupted))
        role = f"the input cleanup of {name!r}"
        yield "input", partial(_call, cleanups.input, unprocessed, role)
    if cleanups.output is not None:
        held = [*map(plain, node.held()), *beyond]
        undelivered = (
            _ResultQueue(node, held)
            if isinstance(node, StageNode) and node.outcomes
            else OutputQueue[Item](node.outputs, held=held)
        )
        role = f"the output cleanup of {name!r}"
        yield "output", partial(_call, cleanups.output, undelivered, role)
    if cleanups.doomsday is not None:
        announced = DoomsdayQueue(dooms, closed=True)
        role = f"the doomsday cleanup of {name!r}"
        yield "doomsday", partial(_call, cleanups.doomsday, announced, role)


class _ResultQueue(OutputQueue[Item]):
    """The output queue of a processor whose failures go on in place of results: the results."""

    def __init__(self, node: StageNode, held: Sequence[Item]) -> None:
        super().__init__(node.outputs, held=node.results_of(held))
        self._node = node

    def drain(self) -> list[Item]:
        failures = [
            (edge, [each for each in edge.items if is_failure_of(self._node.name, each)])
            for edge in self._node.outputs.edges
        ]
        left = list(self._node.results_of(super().drain()))
        for edge, stay in failures:
            edge.extend(stay)  # for the input cleanup of what takes them
        return left

    def qsize(self) -> int:
        return len(self._node.results_of(self._outputs.peek())) + len(self._held)


def _call(coro: Cleanup[QueueKind], queue: QueueKind, role: str) -> Awaitable[None]:
    return awaitable(coro(queue), coro, role)


async def outcome_of(call: Call, limit: float, context: Context) -> BaseException | None:
    """Return what the coroutine raised, if anything.

    It gets a task of its own, so that it can be cancelled by itself; and another one if that is
    cancelled, by others, before it has begun.
    """
    begun = False

    async def guarded() -> BaseException | None:
        nonlocal begun
        begun = True
        try:
            await call()
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001  # reported in the group
            return error
        return None

    loop = asyncio.get_running_loop()
    task = loop.create_task(guarded(), context=context.copy())
    late = await end_within(task, limit)
    if task.cancelled() and not begun:
        task = loop.create_task(guarded(), context=context.copy())
        late = await end_within(task, limit)
    if late is not None:
        return late
    if task.cancelled():
        return asyncio.CancelledError("it was cancelled, not by the run")
    return task.exception() or task.result()
