"""The last stage of a run over a network: the cleanup coroutines, which the caller calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from contextvars import copy_context
from functools import partial
from typing import Any, TypeAlias
from uuid import uuid4

from typedpipes.blueprint import Blueprint, NodeSpec
from typedpipes.coroutines import awaitable
from typedpipes.engine.cleanup import outcome_of
from typedpipes.errors import CleanupFailed, RunStateError
from typedpipes.flow.edge import Edge
from typedpipes.network.patience import insist
from typedpipes.network.wire import Wire
from typedpipes.processor import Processor, is_failure_of
from typedpipes.queues import Doom, DoomsdayQueue, InputQueue, OutputQueue
from typedpipes.report import Counts
from typedpipes.resource import Resource, held, resources_of

Call: TypeAlias = Callable[[], Awaitable[None]]


async def clean_up(
    wire: Wire,
    blueprint: Blueprint,
    counts: Sequence[Counts[object, object]],
    dooms: Sequence[Doom],
    limit: float,
) -> Sequence[CleanupFailed]:
    """Call every cleanup coroutine of the processors, from upstream to downstream.

    Each is begun once at most, whatever becomes of this caller: that it begins is stored
    before. One that fails stops no other.

    Args:
        wire: the wire of the caller.
        blueprint: the drawing.
        counts: what became of the items, for each node.
        dooms: what came in the run.
        limit: how many seconds one may take, and then how many more after it was cancelled.

    Returns:
        An error for each that failed.
    """
    failed: list[CleanupFailed] = []
    me = uuid4().hex.encode()
    for number, (node, left) in enumerate(zip(blueprint.nodes, counts, strict=True)):
        for kind, call in _calls(node, left, dooms):
            begun = await insist(partial(wire.note, f"cleanup-{number}-{kind}", me))
            error: BaseException | None
            if begun == me:
                error = await outcome_of(call, limit, copy_context())
            else:
                error = RunStateError(
                    "an earlier caller of this run had begun it, and nobody knows how far it came"
                )
            if error is not None:
                failed.append(CleanupFailed(node.name, kind, error))
    return failed


def _calls(
    node: NodeSpec, left: Counts[object, object], dooms: Sequence[Doom]
) -> Iterator[tuple[str, Call]]:
    if not isinstance(node.part, Processor):
        return
    cleanups, name = node.part.cleanups, node.name
    if cleanups.input is not None:
        unprocessed = InputQueue(_nothing(), held=left.unprocessed)
        yield "input", partial(_call, cleanups.input, unprocessed, f"the input cleanup of {name!r}")
    if cleanups.output is not None:
        results = [each for each in left.undelivered if not is_failure_of(name, each)]
        undelivered = OutputQueue(_nothing(), held=results)
        role = f"the output cleanup of {name!r}"
        yield "output", partial(_call, cleanups.output, undelivered, role)
    if cleanups.doomsday is not None:
        announced = DoomsdayQueue(dooms, closed=True)
        role = f"the doomsday cleanup of {name!r}"
        yield "doomsday", partial(_call, cleanups.doomsday, announced, role)


def _nothing() -> Edge[object]:
    """Return an edge that is closed, and has nothing in it."""
    edge = Edge[object](1, low=0)
    edge.close()
    return edge


async def _call(
    coro: Callable[[Any], Awaitable[None]], queue: object, role: str
) -> None:  # Any: of the kind that it takes
    """Call a cleanup coroutine, with the resources open that it is passed."""
    async with AsyncExitStack() as stack:
        values: dict[Resource[Any], Any] = {}  # Any: each knows the type of its own
        held.set(values)
        for resource in resources_of(coro):
            values[resource] = await stack.enter_async_context(resource.make())
        await awaitable(coro(queue), coro, role)
