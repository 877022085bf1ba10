"""One run of a random graph: what is done to it on the way, and what was seen of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress

from attrs import define, field

from tests.properties.graphs import End, Spring
from tests.properties.script import Ending, Pause, Script
from tests.properties.springs import Giver
from tests.properties.watching import Watcher, left_in
from tests.properties.world import World
from typedpipes import Doom, Feed, InputQueue, ProcessorFailed, QueueClosed, Report
from typedpipes.engine.node import Node


@define
class Outcome:
    """What was seen of a run.

    Attributes:
        nodes: those of the engine, by name.
        left: what was in the buffers when the first cleanup coroutine was called, by
            the node that reads from them; gaps included.
        absent: how many tuples the zip before a node had left out by then.
        delivered: what came out of the queues that were read, by the name of the end.
        error: what the run raised.
        complaints: what was wrong meanwhile.
    """

    world: World
    report: Report
    nodes: dict[str, Node]
    delivered: dict[str, list[object]]
    left: dict[str, list[list[object]]] = field(factory=dict[str, list[list[object]]])
    absent: dict[str, int] = field(factory=dict[str, int])
    error: BaseException | None = None
    complaints: list[str] = field(factory=list[str])


async def trial(world: World, script: Script = (), *, watched: bool = True) -> Outcome:
    """Run the graph of a world once.

    Args:
        world: what is run.
        script: what happens meanwhile.
        watched: whether every turn of the event loop is watched. Otherwise the loop sleeps
            where there is nothing to do, as it would in earnest.

    Raises:
        AssertionError: it hangs.
    """
    try:
        async with asyncio.timeout(30):
            return await _Trial(world, script).play(watched=watched)
    except TimeoutError:
        raise AssertionError(f"it hangs:\n{world.plumber.report()}") from None


class _Trial:
    def __init__(self, world: World, script: Script) -> None:
        self._world = world
        self._plumber = world.plumber
        self._script = script
        self._watcher = Watcher(world.plumber)
        self._inside = sorted(
            (event for event in script if isinstance(event, Ending) and event.inside),
            key=lambda event: event.after,
        )

    async def play(self, *, watched: bool) -> Outcome:
        self._run = asyncio.create_task(self._plumber.run(grace=60))
        self._seen = seen = await self._begin()
        outside = [asyncio.create_task(each) for each in (*self._readers(), *self._feeders())]
        others = [asyncio.create_task(self._happen())]
        if watched:
            watching = self._watcher.watch(self._run, seen.nodes.values())
            others.append(asyncio.create_task(watching))
        await asyncio.wait([self._run])
        for task in others:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*others)
        await asyncio.gather(*outside)
        self._note_what_is_left()
        seen.report = self._plumber.report()
        seen.error = asyncio.CancelledError() if self._run.cancelled() else self._run.exception()
        alive = asyncio.all_tasks() - {asyncio.current_task()}
        seen.complaints = self._watcher.complaints + [f"left alive: {task}" for task in alive]
        return seen

    async def _begin(self) -> Outcome:
        self._world.logs.clear()
        self._world.logs.noticed = self._noticed
        self._world.logs.cleaning = self._note_what_is_left
        await asyncio.sleep(0)
        assert self._plumber._run is not None
        nodes = {node.name: node for node in self._plumber._run._nodes}
        delivered: dict[str, list[object]] = {name: [] for name in self._world.queues}
        return Outcome(self._world, self._plumber.report(), nodes, delivered)

    # Those outside of the graph

    def _readers(self) -> Sequence[Coroutine[object, None, None]]:
        return [
            self._read(end, self._world.queues[end.name])
            for end in self._world.ends()
            for _ in range(end.readers)
        ]

    async def _read(self, end: End, queue: InputQueue[object]) -> None:
        try:
            async for item in queue:
                self._watcher.signs += 1
                self._seen.delivered[end.name].append(item)
                await end.naps.take(item)
        except QueueClosed as closed:
            if not isinstance(closed.__cause__, ProcessorFailed):
                raise  # only the failure of the run makes reading raise

    def _feeders(self) -> Sequence[Coroutine[object, None, None]]:
        return [
            Giver(node, self._world.logs).fill(feed)
            for node in self._world.graph.nodes
            if isinstance(node, Spring) and isinstance(feed := self._world.parts[node.name], Feed)
        ]

    # What happens meanwhile

    async def _happen(self) -> None:
        for event in self._script:
            if isinstance(event, Pause) or not event.inside:
                for _ in range(event.after):
                    await asyncio.sleep(0)
                self._do(event)
        self._plumber.resume()

    def _noticed(self) -> None:
        self._watcher.signs += 1
        while self._inside and self._watcher.signs >= self._inside[0].after:
            self._do(self._inside.pop(0))

    def _do(self, event: Pause | Ending) -> None:
        if self._run.done():
            return
        match event:
            case Pause():
                parts = list(self._world.parts.values())
                chosen = [parts[number % len(parts)] for number in event.nodes]
                change = self._plumber.resume if event.resume else self._plumber.pause
                change(*chosen)
            case Ending(how=how):
                if how == "cancel":
                    self._run.cancel()
                else:
                    self._plumber.doomsday.put_nowait(Doom("the script says so", mode=how))

    def _note_what_is_left(self) -> None:
        """Note it before the first cleanup coroutine takes it."""
        if not self._seen.left:
            for name, node in self._seen.nodes.items():
                self._seen.left[name] = left_in(node)
                self._seen.absent[name] = node.intake.dropped
