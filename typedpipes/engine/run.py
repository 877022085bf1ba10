"""The life of one run: it begins, it ends by itself or is ended, it cleans up, it reports."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Collection, Coroutine, Iterator
from contextvars import Context, copy_context
from functools import partial
from time import monotonic
from typing import Any, Literal

from attrs import evolve

from typedpipes.blueprint import Blueprint
from typedpipes.engine.accounts import account, collected
from typedpipes.engine.cleanup import clean_up
from typedpipes.engine.crew import Crew
from typedpipes.engine.hands import item_in_hand
from typedpipes.engine.node import Node
from typedpipes.engine.passing import ReadOut
from typedpipes.engine.patience import Patience
from typedpipes.engine.stray import leave_alone
from typedpipes.engine.wiring import build
from typedpipes.errors import ProcessorFailed, ProcessorHangs, TypedpipesError
from typedpipes.offload.pools import Pools, pools
from typedpipes.queues import Doom, DoomsdayQueue, doomsday
from typedpipes.queues.doomsday import listen
from typedpipes.queues.input import last_reader
from typedpipes.queues.pace import Pace
from typedpipes.report import Ending, PipelineFailed, Report


class Run:
    """One run of a blueprint.

    The nodes work in tasks that the run makes and sees to their end; the run itself has none.
    `begin`, then `complete` whatever happens in between.

    Args:
        blueprint: what is run.
        dooms: the doomsday queue of the plumber.
        paused: the parts that are paused from the start.
        grace: how many seconds to wait at most for each of: what is inside to flow out, a cancelled
            coroutine to return, a cleanup coroutine to finish.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        dooms: DoomsdayQueue[Doom],
        paused: Collection[object],
        grace: float,
    ) -> None:
        self.pace: Pace = Pace()
        self._blueprint = blueprint
        self._doomsday = dooms
        self._grace = grace
        self.crew: Crew = Crew(self.spawn, self.pace)
        self._loop = asyncio.get_running_loop()
        self._finished = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._errors: list[TypedpipesError] = []
        self._fatal: BaseException | None = None
        self._dooms: list[Doom] = []
        self._ending: Ending = "finished"
        self._aborted = False
        self._report: Report | None = None
        self._pools = Pools(sum(getattr(drawn.part, "workers", 1) for drawn in blueprint.nodes))
        self._patience = Patience(partial(self.abort, "aborted"))
        self._context = copy_context()
        self._context.run(doomsday.set, dooms)
        self._context.run(pools.set, self._pools)
        self._nodes = build(blueprint, self)
        self._live = {node.name: node for node in self._nodes}
        self._readers = [node for node in self._nodes if isinstance(node, ReadOut)]
        self._began = monotonic()
        for node, drawn in zip(self._nodes, blueprint.nodes, strict=True):
            if drawn.part in paused:
                node.pause()

    def begin(self) -> None:
        """Start the sources. Everything else starts when there is something to do."""
        for node in self._nodes:
            if node.intake.buffers and not isinstance(node, ReadOut):
                node.rest()
        for node, drawn in zip(self._nodes, self._blueprint.nodes, strict=True):
            if drawn.how == "none":
                node.wake()
        earlier = self._doomsday.drain()
        listen(self._doomsday, self.doom)
        for doom in earlier:
            self._doomsday.put_nowait(doom)

    # What the nodes ask for

    def spawn(
        self, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:  # Any: what a coroutine yields to the loop
        """Start a task in the context of the run."""
        # Not by the loop's factory: an eager one would begin it amid the step of who asks.
        return asyncio.Task(work, loop=self._loop, context=self._context.copy())

    def context(self) -> Context:
        """Give a context with what was set before the run, for one who has no task."""
        return self._context.copy()

    def fail(self, error: ProcessorFailed) -> None:
        """End the run because of an error."""
        self._note(error)
        self.abort("failed")

    def _note(self, error: TypedpipesError) -> None:
        """Keep the error for the end; what asks the program to exit leaves the run as it is."""
        cause = error.__cause__
        if isinstance(cause, KeyboardInterrupt | SystemExit):
            self._fatal = self._fatal or cause
        else:
            self._errors.append(error)

    def over(self, node: Node) -> None:
        """Take note that the node has ended."""
        del self._live[node.name]
        for reader in self._readers:
            reader.check()
        if not self._live:
            self.crew.dismiss(self._finish)

    def _finish(self) -> None:
        if not self._finished.done():
            self._finished.set_result(None)

    # How it is ended

    def doom(self, doom: Doom) -> None:
        """Drain or abort, as the doom says; the strictest one wins."""
        self._dooms.append(doom)
        if doom.mode == "abort":
            self.abort("aborted")
        else:
            self.drain()

    def drain(self) -> None:
        """Begin no more items, let flow out what is inside, and abort when the grace is over."""
        if self._ending != "finished" or self._finished.done():
            return
        self._ending = "drained"
        late = Doom(f"not everything flowed out within {self._grace:g} s", mode="abort")
        self._timer = self._loop.call_later(self._grace, self._doomsday.put_nowait, late)
        for node in [*self._live.values()]:
            node.drain()
            if node.paused:
                node.resume()

    def abort(self, ending: Ending) -> None:
        """Cancel what is in hand, and leave behind what does not return within the grace."""
        if self._aborted or self._finished.done():
            return
        self._aborted = True
        self._ending = ending
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(self._grace, self._leave_behind)
        for node in [*self._live.values()]:
            node.halt()

    def _leave_behind(self) -> None:
        """Name the coroutines that do not return, and end without them."""
        for node in [*self._live.values()]:
            for task in node.tasks:
                item = item_in_hand(task)
                self._errors.append(ProcessorHangs(node.name, item, self._grace))
                leave_alone(task)
                node.interrupted += (item,) if node.in_flight else ()
            self.crew.forget(node.tasks)
            node.leave_behind()

    def abandon(self, task: asyncio.Task[Any] | None) -> None:  # Any: the task of the user
        """Give up the read queues that the task was the last to read from: it reads no more."""
        for reader in self._readers:
            if last_reader(reader.queue) in (None, task):
                reader.end()

    # The end

    async def complete(self) -> Report:
        """Wait for the end, clean up, and tell.

        Cancelling this aborts the run; it is cancelled only after the cleanup.

        Raises:
            PipelineFailed: a coroutine raised or hangs.
        """
        await self._patience.wait(self._finished)
        if self._timer is not None:
            self._timer.cancel()
        self._report = report = self.report()
        try:
            await self._clean_up()
        finally:
            listen(self._doomsday, None)
            self._doomsday.drain()
        self._report = report = evolve(report, dooms=tuple(self._dooms))
        failed = PipelineFailed(report, self._errors) if self._errors else None
        error = self._fatal or self._patience.cancellation
        if error is not None:
            raise error from failed
        if failed is not None:
            raise failed
        return report

    async def _clean_up(self) -> None:
        drawn, patience = self._blueprint.nodes, self._patience
        for error in await clean_up(
            self._nodes, drawn, self._dooms, self._grace, self._context, patience
        ):
            self._note(error)
        closing = asyncio.ensure_future(self._pools.close())
        await patience.wait(closing)
        if not closing.cancelled():
            closing.result()

    def report(self) -> Report:
        """Tell what has become of every item up to now; after the end, up to the cleanup."""
        if self._report is not None:
            return self._report
        return Report(
            self._blueprint.name,
            [account(node) for node in self._nodes],
            self._ending if self._finished.done() else "running",
            tuple(self._dooms),
            monotonic() - self._began,
            collected(self._blueprint),
            [drawn.part for drawn in self._blueprint.nodes],
        )

    # From outside

    def pause(self, parts: Collection[object]) -> None:
        """Pause the nodes of these parts, unless the run is about to end."""
        if self._ending != "finished":
            return
        for node in self._of(parts):
            node.pause()

    def resume(self, parts: Collection[object]) -> None:
        """Let the nodes of these parts go on."""
        for node in self._of(parts):
            node.resume()

    def _of(self, parts: Collection[object]) -> Iterator[Node]:
        for node, drawn in zip(self._nodes, self._blueprint.nodes, strict=True):
            if drawn.part in parts and not node.ended:
                yield node

    def signalled(self, number: signal.Signals) -> None:
        """Drain at the first signal, abort at the second."""
        mode: Literal["drain", "abort"] = "drain" if self._ending == "finished" else "abort"
        self._doomsday.put_nowait(Doom(f"signal {number.name}", mode=mode))
