"""The life of one run: it begins, it ends by itself or is ended, it cleans up, it reports."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from contextvars import Context, copy_context
from time import monotonic
from typing import Any, Literal

from attrs import evolve

from typedpipes.blueprint import Blueprint
from typedpipes.engine.accounts import account, collected
from typedpipes.engine.cleanup import clean_up
from typedpipes.engine.crew import Crew
from typedpipes.engine.log import Log
from typedpipes.engine.node import Node, OnFailure
from typedpipes.engine.outcome import Outcome
from typedpipes.engine.passing import ReadOut
from typedpipes.engine.patience import wait_patiently
from typedpipes.engine.starter import Starter
from typedpipes.engine.stray import leave_alone
from typedpipes.engine.wiring import build
from typedpipes.errors import NO_ITEM, ProcessorFailed, ProcessorHangs, TypedpipesError
from typedpipes.grace import Grace
from typedpipes.offload.pools import Pools, pools
from typedpipes.queues import Doom, DoomsdayQueue, doomsday
from typedpipes.queues.doomsday import listen
from typedpipes.queues.home import Home
from typedpipes.queues.host import BY_HAND, Host
from typedpipes.queues.input import last_reader
from typedpipes.queues.pace import Pace
from typedpipes.report import Ending, Report


class Run:
    """One run of a blueprint.

    The nodes work in tasks that the run makes and sees to their end.

    Args:
        blueprint: what is run.
        dooms: the doomsday queue of the plumber.
        paused: the parts that are paused from the start.
        grace: how long its end may take.
        on_failure: how it ends when an item fails whose failure goes nowhere.
        end: gets what the run came to, once nothing of it is left.

    Attributes:
        failures: why it failed, up to now.
        home: the event loop that it lives in.
        host: what it is for the queues that its user holds an end of.
        cancel_block: called when it is aborted, and at its end if it failed.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        dooms: DoomsdayQueue[Doom],
        paused: Collection[object],
        grace: Grace,
        on_failure: OnFailure,
        end: asyncio.Future[Outcome],
    ) -> None:
        self.pace: Pace = Pace()
        self.log: Log = Log(blueprint.name)
        self.failures: list[TypedpipesError] = []
        self.home: Home = Home()
        self.host: Host = Host(self.pace, self.failures, self.home)
        self.cancel_block: Callable[[], None] = _no_block
        self._blueprint = blueprint
        self._doomsday = dooms
        self._grace = grace
        self._on_failure: OnFailure = on_failure
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[Outcome] | None = end
        self._timer: asyncio.TimerHandle | None = None
        self._exit: TypedpipesError | None = None
        self._dooms: list[Doom] = []
        self._stage: Literal["flows", "drains", "aborts"] = "flows"
        self._ending: Ending = "finished"
        self._over = False
        self._report: Report | None = None
        self._pools = Pools(sum(getattr(drawn.part, "workers", 1) for drawn in blueprint.nodes))
        self._context = copy_context()
        self._starter = Starter(self._context)
        self.crew: Crew = Crew(self._starter, self.pace)
        self._context.run(doomsday.set, dooms)
        self._context.run(pools.set, self._pools)
        self._nodes: Sequence[Node] = build(blueprint, self)
        self._live = {node.name: node for node in self._nodes}
        self._readers: Sequence[ReadOut] = [
            node for node in self._nodes if isinstance(node, ReadOut)
        ]
        self._began = monotonic()
        for node, drawn in zip(self._nodes, blueprint.nodes, strict=True):
            if drawn.part in paused:
                node.pause()

    def begin(self) -> None:
        """Start the sources. Everything else starts when there is something to do."""
        self.log.begun(len(self._nodes))
        for node in self._nodes:
            if node.intake.buffers and not isinstance(node, ReadOut):
                node.rest()
        for reader in self._readers:
            reader.check()  # it may have left already
        for node, drawn in zip(self._nodes, self._blueprint.nodes, strict=True):
            if drawn.how == "none":
                node.wake()
        earlier = self._doomsday.drain()
        listen(self._doomsday, self.doom, self.home)
        for doom in earlier:
            self._doomsday.put_nowait(doom)

    # What the nodes ask for

    def spawn(
        self, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:  # Any: what a coroutine yields to the loop
        """Start a task in the context of the run."""
        return self._starter.start(work)

    def context(self) -> Context:
        """Return a context with what was set before the run, for one who has no task."""
        return self._context.copy()

    def fail(self, error: ProcessorFailed, then: OnFailure | None = None) -> None:
        """End the run because of an error: by a drain or an abort, as the user chose if unsaid."""
        self._note(error)
        if error is not self._exit and (then or self._on_failure) == "drain":
            self._drain("failed")
        else:
            self._abort("failed")

    def _note(self, error: TypedpipesError) -> None:
        """Keep the error for the end; what asks the program to exit leaves the run as it is."""
        self.log.error(error)
        if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):
            self._exit = self._exit or error
        else:
            self.failures.append(error)

    def over(self, node: Node) -> None:
        """Take note that the node has ended."""
        del self._live[node.name]
        for reader in self._readers:
            reader.check()
        if not self._live:
            self.crew.dismiss(self._finish)

    # How it is ended

    def doom(self, doom: Doom) -> None:
        """Drain or abort, as the doom says; the strictest one wins."""
        self._dooms.append(doom)
        self.log.doom(doom)
        if doom.mode == "abort":
            self._abort("aborted")
        else:
            self._drain("drained")

    def drain(self) -> None:
        """Drain, because the block beside the run is over."""
        self._drain("drained")

    def abort(self, reason: str) -> None:
        """Abort, unless it is aborted or over already, because the caller was stopped."""
        if self._stage != "aborts" and not self.is_over:
            self.doom(Doom(reason, mode="abort"))

    def _drain(self, ending: Ending) -> None:
        """Begin no more items, let flow out what is inside, and abort when the grace is over."""
        if self._stage == "aborts" or self.is_over:
            return
        if self._ending != "failed":
            self._ending = ending
        if self._stage == "drains":
            return
        self._stage = "drains"
        late = Doom(f"not everything flowed out within {self._grace.drain:g} s", mode="abort")
        self._timer = self._loop.call_later(self._grace.drain, self._doomsday.put_nowait, late)
        for node in [*self._live.values()]:
            node.drain()
            if node.paused:
                node.unpause()
                node.wake()

    def _abort(self, ending: Ending) -> None:
        """Cancel what is in hand, and leave behind what does not return within the grace."""
        if self._stage == "aborts" or self.is_over:
            return
        self._stage = "aborts"
        if self._ending != "failed":
            self._ending = ending
        self._stop_timer()
        when = self._loop.time() + 0.9 * self._grace.cancel
        self._timer = self._loop.call_at(when, self._begin_the_last_tenth, when)
        for node in [*self._live.values()]:
            node.halt()
        self.cancel_block()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin_the_last_tenth(self, when: float) -> None:
        """Count the last tenth of the grace from now; all of it, if the loop was kept until now."""
        grace = self._grace.cancel
        late = self._loop.time() - when > 0.05 * grace
        self._timer = self._loop.call_later(grace if late else 0.1 * grace, self._leave_behind)

    def _leave_behind(self) -> None:
        """Name the coroutines that do not return, and end without them."""
        for node in [*self._live.values()]:
            hanging = [task for task in node.tasks if not task.done()]
            for task in hanging:
                item = node.in_hand(task)
                self._note(ProcessorHangs(node.name, item, self._grace.cancel))
                leave_alone(task)
                node.interrupted += () if item is NO_ITEM else (item,)
            if hanging:  # else its tasks are about to end it
                self.crew.forget(hanging)
                node.leave_behind()

    def abandon(self, task: asyncio.Task[Any] | None) -> None:  # Any: the task of the user
        """Give up the read queues that the task was the last to read from: it reads no more."""
        for reader in self._readers:
            if last_reader(reader.queue) in (None, task):
                reader.end()

    # The end

    @property
    def is_over(self) -> bool:
        """Whether every node has ended. Cleanup coroutines may still run."""
        return self._over

    def _finish(self) -> None:
        """Take the report, then clean up."""
        if self._over:
            return
        self._over = True
        self._stop_timer()
        self._report = self._report_now(self._ending)
        self.home.close()
        self._complete()

    def _complete(self) -> None:
        task = asyncio.Task(self._cleaned_up(), loop=self._loop, context=self._context.copy())
        task.add_done_callback(self._completed)

    def _completed(self, task: asyncio.Task[Outcome]) -> None:
        if task.cancelled():  # before it had begun
            self._complete()
        elif self._end is not None:
            end, self._end = self._end, None  # what it holds must not hold the run, and itself
            if (error := task.exception()) is not None:
                end.set_exception(error)
            else:
                end.set_result(task.result())

    async def _cleaned_up(self) -> Outcome:
        """Call the cleanup coroutines, and let nothing of the run be left. Cancelled, go on."""
        try:
            await self._clean_up()
        finally:
            listen(self._doomsday, None, None)
            self._doomsday.drain()
        outcome = Outcome(
            evolve(self.report(), dooms=tuple(self._dooms)), tuple(self.failures), self._exit
        )
        self.log.ended(outcome.report)
        if outcome.errors or outcome.exit:
            self.cancel_block()
        self._report = outcome.report
        self._forget()
        return outcome

    def _forget(self) -> None:
        """Let go of what nodes and errors hold, so that it is freed with the report and the errors.

        They refer to the run, and would do so in a circle.
        """
        for node in self._nodes:
            node.forget()
        self._nodes, self._readers = (), ()
        self.failures, self._exit = [], None
        self.host = BY_HAND
        self.cancel_block = _no_block

    async def _clean_up(self) -> None:
        drawn = self._blueprint.nodes
        for error in await clean_up(
            self._nodes, drawn, self._dooms, self._grace.cleanup, self._context
        ):
            self._note(error)
        closing = asyncio.ensure_future(self._pools.close())
        await wait_patiently(closing)
        if not closing.cancelled():
            closing.result()

    def report(self) -> Report:
        """Return what has become of every item up to now; after the end, up to the cleanup."""
        return self._report or self._report_now("running")

    def _report_now(self, ending: Ending) -> Report:
        return Report(
            self._blueprint.name,
            [account(node) for node in self._nodes],
            ending,
            tuple(self._dooms),
            monotonic() - self._began,
            collected(self._blueprint),
            [drawn.part for drawn in self._blueprint.nodes],
        )

    # From outside

    def pause(self, parts: Collection[object]) -> None:
        """Pause the nodes of these parts, unless the run is about to end."""
        if self._stage != "flows":
            return
        for node in self._of(parts):
            node.pause()

    def resume(self, parts: Collection[object]) -> None:
        """Let the nodes of these parts go on."""
        nodes = list(self._of(parts))
        for node in nodes:
            node.unpause()
        for node in nodes:  # only now: one that is woken may ask a source, which may pause others
            if not node.paused:
                node.wake()

    def _of(self, parts: Collection[object]) -> Iterator[Node]:
        if self._over:
            return
        for node, drawn in zip(self._nodes, self._blueprint.nodes, strict=True):
            if drawn.part in parts and not node.ended:
                yield node

    def signalled(self, number: signal.Signals) -> bool:
        """Drain at the first signal, abort at the second.

        Returns:
            Whether there was something left to end.
        """
        if self._stage == "aborts" or self.is_over:
            return False
        mode: Literal["drain", "abort"] = "drain" if self._stage == "flows" else "abort"
        self._doomsday.put_nowait(Doom(f"signal {number.name}", mode=mode))
        return True


def _no_block() -> None:
    """Nothing goes on beside the run."""
