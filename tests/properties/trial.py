"""One run of a random graph: what is done to it on the way, and what was seen of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from attrs import define, field

from tests.properties.items import looks
from tests.properties.mishaps import why
from tests.properties.outsiders import outsiders
from tests.properties.script import GRACE, Block, Ending, Event, How, OnFailure, Pause, Script
from tests.properties.watching import Watcher, left_in
from tests.properties.world import World
from tests.support.clock import ClockLoop
from tests.support.strays import strays
from typedpipes import Doom, Report
from typedpipes.engine.life import ENDED
from typedpipes.engine.node import Node
from typedpipes.engine.run import Run
from typedpipes.engine.stage import StageNode

PATIENCE = 1e7
"""Seconds until a run counts as one that hangs: more than all stays in it together."""

A_WHILE = 1.0
"""Seconds after which whatever was paused goes on, or earlier if the script says so."""


@define
class Seen:
    """What was seen of a run.

    Attributes:
        nodes: those of the engine, by name.
        left: what was in the edges when the first cleanup coroutine was called, by
            the node that reads from them; gaps included.
        absent: how many tuples the zip before a node had left out by then.
        fatal: the mishaps that no failures edge took: where, on what, and why.
        hanging: what was in hand when the run went on without it: where, and what it was.
        stopped: whether the script, or a failure, was to cancel what is in hand.
        error: what the run raised.
        complaints: what was wrong meanwhile.
    """

    world: World
    report: Report = field(init=False)
    nodes: dict[str, Node] = field(factory=dict[str, Node])
    left: dict[str, list[list[object]]] = field(factory=dict[str, list[list[object]]])
    absent: dict[str, int] = field(factory=dict[str, int])
    fatal: list[tuple[str, str, str]] = field(factory=list[tuple[str, str, str]])
    hanging: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    stopped: bool = False
    error: BaseException | None = None
    complaints: list[str] = field(factory=list[str])

    @property
    def aborted(self) -> bool:
        """Whether what was in hand was cancelled, also because a drain took too long."""
        return self.stopped or any(doom.mode == "abort" for doom in self.report.dooms)


async def trial(world: World, script: Script = (), *, on_failure: OnFailure = "abort") -> Seen:
    """Run the graph of a world once, in a loop that goes by its clock.

    Args:
        world: what is run.
        script: what happens meanwhile.
        on_failure: how it ends when an item fails and no failures edge takes it.

    Raises:
        AssertionError: it hangs.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await _Trial(world, script, on_failure).play()
    except TimeoutError:
        raise AssertionError(f"it hangs:\n{world.plumber.report()}") from None


async def _raised_by(run: asyncio.Task[Report]) -> BaseException | None:
    """Return what a run that is over raised, with its cause."""
    try:
        await run
    except BaseException as error:  # noqa: BLE001  # whatever it is
        return error
    return None


class _Trial:
    def __init__(self, world: World, script: Script, on_failure: OnFailure) -> None:
        self._world = world
        self._plumber = world.plumber
        self._script = [event for event in script if not event.inside]
        self._on_failure: OnFailure = on_failure
        self._watcher = Watcher(world)
        self._seen = Seen(world)
        self._paused: set[str] = set()
        self._ending = self._over = False
        self._inside = sorted(
            (event for event in script if event.inside), key=lambda event: event.after
        )

    async def play(self) -> Seen:
        seen = self._seen
        await self._begin()
        outside = [asyncio.create_task(each) for each in outsiders(self._world)]
        happening = asyncio.create_task(self._happen())
        await asyncio.wait([self._run])
        happening.cancel()
        with suppress(asyncio.CancelledError):
            await happening
        await asyncio.gather(*outside)
        self._plumber.resume()  # else the next run begins with what is paused
        self._note_what_is_left()
        seen.report = self._plumber.report()
        seen.error = await _raised_by(self._run)
        seen.hanging = [
            (name, looks(item)) for name, log in self._world.logs.all() for item in log.unfinished()
        ]
        seen.complaints += self._watcher.complaints
        if self._world.traced is not None:
            seen.complaints += self._world.traced.spans.complaints
            if not seen.hanging:
                seen.complaints += self._world.traced.spans.unended()
        alive = asyncio.all_tasks() - {asyncio.current_task()}
        seen.complaints += [f"left alive: {task}" for task in alive]
        if seen.hanging and (left_behind := strays()):
            await asyncio.wait(left_behind)
        return seen

    async def _begin(self) -> None:
        self._world.clear()
        logs = self._world.logs
        logs.lives, logs.noticed = self._lives, self._noticed
        logs.begins, logs.befell = self._begins, self._befell
        logs.cleaning = self._note_what_is_left
        logs.left_behind = lambda name: (
            name in self._seen.nodes and self._seen.nodes[name].life is ENDED
        )
        self._run = asyncio.create_task(self._plumber.run(grace=GRACE, on_failure=self._on_failure))
        await asyncio.sleep(0)
        for giver, feed in self._world.loops():
            giver.start(feed)
        assert isinstance(self._plumber._run, Run)
        nodes = list(self._plumber._run._nodes)
        self._seen.nodes = {node.name: node for node in nodes}
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ClockLoop)
        loop.turned = lambda: self._watcher.look(self._run, nodes)

    # What happens meanwhile

    async def _happen(self) -> None:
        for event in self._script:
            for _ in range(event.after):
                await asyncio.sleep(0)
            self._do(event)

    def _lives(self) -> None:
        self._watcher.signs += 1

    def _noticed(self) -> None:
        self._lives()
        while self._inside and self._watcher.signs >= self._inside[0].after:
            self._do(self._inside.pop(0))

    def _do(self, event: Event) -> None:
        if self._run.done():
            return
        match event:
            case Pause(nodes=numbers, resume=resume):
                names = list(self._world.parts)
                chosen = [names[number % len(names)] for number in numbers]
                (self._resume if resume else self._pause)(*chosen)
                asyncio.get_running_loop().call_later(A_WHILE, self._resume)
            case Ending(how=how, by_doom=by_doom):
                self._end(how, by_doom=by_doom)
            case Block(seconds=seconds):
                self._world.clock.now += seconds

    def _pause(self, *names: str) -> None:
        self._plumber.pause(*(self._world.parts[name] for name in names))
        if not self._ending:
            self._paused |= {*(names or self._world.parts)}

    def _resume(self, *names: str) -> None:
        self._paused -= {*(names or self._world.parts)}
        self._plumber.resume(*(self._world.parts[name] for name in names))

    def _end(self, how: How, *, by_doom: bool) -> None:
        self._seen.stopped |= how != "drain"
        self._over |= how == "abort"
        self._stop_pausing()
        if how == "cancel":  # which takes effect later
            self._run.cancel()
        elif by_doom:
            self._plumber.doomsday.put_nowait(Doom("the script says so", mode=how))
        elif how == "drain":
            self._plumber.drain("the script says so")
        else:
            self._plumber.abort("the script says so")

    def _stop_pausing(self) -> None:
        """Nothing is paused any more: the run is about to end."""
        self._ending = True
        self._paused.clear()

    def _begins(self, name: str, item: object) -> None:
        if self._world.traced is not None and self._world.has_spans(name):
            self._world.traced.spans.note(name, item)
        if self._over or name in self._paused:
            state = "was aborted" if self._over else "is paused"
            self._seen.complaints.append(f"{name} begins with an item although it {state}")
        for step in self._world.graph.steps:  # a fold is none
            if step.name == name and step.keys:
                in_hand = self._world.logs.of(name).unfinished()
                if step.key(item) in map(step.key, in_hand):
                    what = f"{name} begins with an item although its key is in hand"
                    self._seen.complaints.append(what)

    def _befell(self, name: str, item: object, error: BaseException) -> None:
        graph = self._world.graph
        if graph.catches(name) or self._world.is_asked(name):
            return  # it goes there, or to the asker
        self._seen.fatal.append((name, looks(item), why(error)))
        self._stop_pausing()
        if name not in graph.springs and self._on_failure == "abort":
            self._seen.stopped = self._over = True

    def _note_what_is_left(self) -> None:
        """Note it before the first cleanup coroutine takes it."""
        if not self._seen.left:
            for name, node in self._seen.nodes.items():
                self._seen.left[name] = left_in(node)
                self._seen.absent[name] = node.inputs.dropped if isinstance(node, StageNode) else 0
