"""The resources of a worker process: it opens its own, and some for each of its calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeAlias

from typedpipes.errors import ResourceFailed
from typedpipes.network.stop import Stop
from typedpipes.processor import Processor
from typedpipes.resource import Resource, held, resources_of

Values: TypeAlias = dict[Resource[Any], Any]
"""What is open. Any: each resource knows the type of its own."""


@asynccontextmanager
async def equipped(stops: Sequence[Stop]) -> AsyncGenerator[Equipment]:
    """Open what the coroutines of these stops are passed, for as long as the block runs.

    What the block raises is seen as in `async with` around it. What opening or closing raises
    comes out.
    """
    values: Values = {}
    before = held.set(values)
    try:
        async with AsyncExitStack() as stack:
            for resource in _needed(stops):
                if resource.per == "run":
                    values[resource] = await stack.enter_async_context(resource.make())
            equipment = Equipment(values)
            stack.push_async_exit(equipment.close)
            yield equipment
    finally:
        held.reset(before)


def _needed(stops: Sequence[Stop]) -> Sequence[Resource[Any]]:  # Any: as above
    return list(dict.fromkeys(each for stop in stops for each in _needed_by(stop)))


def _needed_by(stop: Stop) -> Sequence[Resource[Any]]:  # Any: as above
    return resources_of(stop.part.coro) if isinstance(stop.part, Processor) else ()


class Equipment:
    """The resources that each call has to itself, of those that overlap.

    They are opened when a call lacks them, and stay open for later ones, to the end.

    Args:
        shared: what all calls of the process have.
    """

    def __init__(self, shared: Values) -> None:
        self._shared = shared
        self._free: dict[str, list[Values]] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._over: asyncio.Future[BaseException | None] = asyncio.Future()

    @asynccontextmanager
    async def in_hand(self, stop: Stop) -> AsyncGenerator[None]:
        """Have in hand what calls of a stop need, for as long as the block runs."""
        own = [each for each in _needed_by(stop) if each.per == "worker"]
        if not own:
            yield
            return
        free = self._free.setdefault(stop.name, [])
        values = free.pop() if free else await self._open(stop, own)
        before = held.set(values)
        try:
            yield
        finally:
            held.reset(before)
            free.append(values)

    async def _open(self, stop: Stop, own: Sequence[Resource[Any]]) -> Values:  # Any: as above
        opened: asyncio.Future[Values] = asyncio.Future()
        # A task of its own: what is opened is closed in the same one, when all calls are over.
        keeper = asyncio.create_task(self._keep(stop, own, opened))
        self._keepers.append(keeper)
        try:
            await asyncio.wait((opened, keeper), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if not opened.done():
                keeper.cancel()  # it may never come to an end by itself
            raise
        if opened.done():
            return opened.result()
        self._keepers.remove(keeper)
        await keeper
        raise AssertionError("it has opened nothing, and raised nothing")

    async def _keep(
        self,
        stop: Stop,
        own: Sequence[Resource[Any]],  # Any: as above
        opened: asyncio.Future[Values],
    ) -> None:
        values = {**self._shared}
        held.set(values)
        why: BaseException | None = None
        try:
            async with AsyncExitStack() as stack:
                for resource in own:
                    try:
                        values[resource] = await stack.enter_async_context(resource.make())
                    except Exception as error:
                        raise ResourceFailed(
                            resource.name, [stop.node], "opening", error
                        ) from error
                opened.set_result(values)
                why = await self._over
                if why is not None:
                    raise why  # noqa: TRY301  # what is closed sees how it ended
        except BaseException as error:
            if error is not why:
                raise

    async def close(self, kind: object, why: BaseException | None, trace: object) -> None:  # noqa: ARG002  # as `__aexit__` has it
        """Close everything, in the way that the end of the block is seen."""
        self._over.set_result(why)
        if self._keepers:
            await asyncio.wait(self._keepers)
        ended = [each for each in self._keepers if not each.cancelled()]
        failed = [error for each in ended if (error := each.exception()) is not None]
        if failed:
            raise failed[0] if len(failed) == 1 else BaseExceptionGroup("closing", failed)
