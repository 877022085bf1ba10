"""The life of one run: it begins, it ends by itself or is ended, it cleans up, it reports."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextvars import copy_context
from functools import partial
from time import monotonic
from typing import Any, Final, Literal

from attrs import evolve

from typedpipes.blueprint import Blueprint
from typedpipes.engine.cleanup import clean_up
from typedpipes.engine.crew import Starter
from typedpipes.engine.gauging import Gauging
from typedpipes.engine.hanging import leave_alone, wait_patiently
from typedpipes.engine.life import ENDED, PAUSED
from typedpipes.engine.log import Log
from typedpipes.engine.node import Node
from typedpipes.engine.outcome import Outcome
from typedpipes.engine.patience import Patience
from typedpipes.engine.read import ReadNode
from typedpipes.engine.replies import ReplyNode
from typedpipes.engine.resources import Resources
from typedpipes.engine.runtime import OnFailure, Runtime
from typedpipes.engine.tracing import Tracing
from typedpipes.engine.wiring import build
from typedpipes.errors import NO_ITEM, ProcessorHangs, ResourceFailed, TypedpipesError
from typedpipes.fittings import items_of
from typedpipes.flow.request import plain
from typedpipes.gauges import FailureTexts, Gauges
from typedpipes.gauges.snapshot import RunState
from typedpipes.grace import Grace
from typedpipes.offload.pools import Pools, pools
from typedpipes.queues import Doom, DoomsdayQueue, doomsday
from typedpipes.queues.doomsday import listen
from typedpipes.queues.home import Home
from typedpipes.report import Ending, PipelineFailed, Report


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
        wedged_after: for how many seconds it may be wedged; as long as it likes by default.
        noted: what keeps the texts of failures, now or later.
        tracing: makes spans, if it is traced.

    Attributes:
        failures: why it has failed so far.
        home: the event loop that it lives in.
        cancel_block: called when it is aborted, and at its end if it failed.
        opening: opens its resources; done once it flows, or will not. `None` if there are none.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        dooms: DoomsdayQueue[Doom],
        paused: Collection[object],
        grace: Grace,
        on_failure: OnFailure,
        end: asyncio.Future[Outcome],
        wedged_after: float | None = None,
        noted: Sequence[FailureTexts] = (),
        tracing: Tracing | None = None,
    ) -> None:
        self.failures: list[TypedpipesError] = []
        self.home: Home = Home()
        self.cancel_block: Callable[[], None] = _no_block
        self._log = Log(blueprint.name)
        self._blueprint = blueprint
        self._doomsday = dooms
        self._grace = grace
        self._on_failure: OnFailure = on_failure
        self._paused = paused
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Future[Outcome] | None = end
        self._timer: asyncio.TimerHandle | None = None
        self._exit: TypedpipesError | None = None
        self._dooms: list[Doom] = []
        self._stage: Literal["opens", "flows", "drains", "aborts", "is over"] = "flows"
        self._ending: Ending = "finished"
        self._report: Report | None = None
        self._pools = Pools(sum(getattr(drawn.part, "workers", 1) for drawn in blueprint.nodes))
        self._context = copy_context()
        self._context.run(doomsday.set, dooms)
        self._context.run(pools.set, self._pools)
        starter = Starter(self._context)
        self.opening: asyncio.Task[None] | None = None
        self._resources = Resources(
            blueprint,
            self._context,
            grace.cleanup,
            fail=partial(self._fail, then="abort"),
            note=self._note,
        )
        runtime = Runtime(
            self._log, self.home, starter, self._resources, self._fail, self._ended, noted
        )
        self._crew = runtime.crew
        self._nodes: Sequence[Node] = build(blueprint, runtime, self.failures, tracing)
        self._live = {node.name: node for node in self._nodes}
        self._readers: Sequence[ReadNode] = [
            node for node in self._nodes if isinstance(node, ReadNode)
        ]
        self._began = runtime.began
        self._patience: Patience | None = None
        if wedged_after is not None:
            self._patience = Patience(wedged_after, self.gauges, partial(self._fail, then="abort"))
        self._gauging = Gauging(blueprint, self._nodes, runtime)
        for node, drawn in zip(self._nodes, blueprint.nodes, strict=True):
            if drawn.part in paused:
                node.pause()

    def begin(self) -> None:
        """Start the sources, once its resources are open if there are any."""
        self._log.begun(len(self._nodes))
        if self._resources.of_run:
            self._open()
        else:
            self._flow()
        earlier = self._doomsday.drain()
        listen(self._doomsday, self._doomed, self.home)
        for doom in earlier:
            self._doomsday.put_nowait(doom)

    def _flow(self) -> None:
        """Start the sources. Everything else starts when there is something to do."""
        for node in self._nodes:
            node.get_ready()
        for reader in self._readers:
            reader.check()  # it may have left already
        for node in self._nodes:
            node.begin()

    def _open(self) -> None:
        """Open the resources. Until they are open, nothing takes items, whatever wakes it."""
        self._stage = "opens"
        for node in self._nodes:
            node.pause()
        self.opening = asyncio.Task(
            self._resources.open(), loop=self._loop, context=self._context.copy()
        )
        self.opening.add_done_callback(self._opened)

    def _opened(self, opening: asyncio.Task[None]) -> None:
        """Let the items flow, or fail."""
        if self._stage != "opens":
            return
        if opening.cancelled():
            self.abort("the opening of its resources was cancelled, not by the run")
            return
        error = opening.exception()
        if isinstance(error, ResourceFailed):
            self._fail(error, "abort")
            return
        self._stage = "flows"
        for node, drawn in zip(self._nodes, self._blueprint.nodes, strict=True):
            if drawn.part not in self._paused:
                node.resume()
        self._flow()
        if self._ending == "drained":
            self._drain("drained")

    # What happens to it

    def _fail(self, error: TypedpipesError, then: OnFailure | None = None) -> None:
        """End because of an error: by a drain or an abort, by default as the user chose."""
        self._note(error)
        if error is not self._exit and (then or self._on_failure) == "drain":
            self._drain("failed")
        else:
            self._abort("failed")

    def _note(self, error: TypedpipesError) -> None:
        """Keep the error for the end; what asks the program to exit leaves the run as it is."""
        self._log.error(error)
        if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):
            self._exit = self._exit or error
        else:
            self.failures.append(error)

    def _ended(self, node: Node) -> None:
        """Note that a node has ended."""
        del self._live[node.name]
        for reader in self._readers:
            reader.check()
        if not self._live:
            self._crew.end(self._finish)

    def _doomed(self, doom: Doom) -> None:
        """Drain or abort, as the doom says; the strictest one wins."""
        self._dooms.append(doom)
        self._log.doom(doom)
        if doom.mode == "abort":
            self._abort("aborted")
        else:
            self._drain("drained")

    # How it is ended

    def drain(self) -> None:
        """Drain, because the block beside the run is over."""
        self._drain("drained")

    def abort(self, reason: str) -> None:
        """Abort, unless it is aborted or over already, because the caller was stopped."""
        if self._stage != "aborts" and not self.is_over:
            self._doomsday.put_nowait(Doom(reason, mode="abort"))

    def signalled(self, number: signal.Signals) -> bool:
        """Drain at the first signal, abort at the second.

        Returns:
            Whether there was something left to end.
        """
        if self._stage == "aborts" or self.is_over:
            return False
        mode: Literal["drain", "abort"] = "drain" if self._ending == "finished" else "abort"
        self._doomsday.put_nowait(Doom(f"signal {number.name}", mode=mode))
        return True

    def _drain(self, ending: Ending) -> None:
        """Begin no more items, let what is inside flow out, and abort when the grace is over."""
        if self._stage == "aborts" or self.is_over:
            return
        if self._ending != "failed":
            self._ending = ending
        if self._stage == "drains":
            return
        if self._timer is None:
            seconds = self._grace.drain
            late = f"not everything flowed out within {seconds:g} s"
            self._timer = self._loop.call_later(seconds, self.abort, late)
        if self._stage == "opens":
            return  # what is inside cannot flow yet
        self._stage = "drains"
        for node in [*self._live.values()]:
            node.drain()
            if node.life is PAUSED:
                node.resume()
                node.wake()

    def _abort(self, ending: Ending) -> None:
        """Cancel what is in hand, and leave behind what does not return within the grace."""
        if self._stage == "aborts" or self.is_over:
            return
        self._stage = "aborts"
        self._stop_opening()
        if self._ending != "failed":
            self._ending = ending
        self._stop_timer()
        when = self._loop.time() + 0.9 * self._grace.cancel
        self._timer = self._loop.call_at(when, self._begin_the_last_tenth, when)
        for node in [*self._live.values()]:
            node.abort()
        self.cancel_block()

    def _stop_opening(self) -> None:
        if self.opening is not None:
            self.opening.cancel()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin_the_last_tenth(self, when: float) -> None:
        """Count the last tenth of the grace from now; all of it, if the loop was blocked."""
        grace = self._grace.cancel
        late = self._loop.time() - when > 0.05 * grace
        self._timer = self._loop.call_later(grace if late else 0.1 * grace, self._detach)

    def _detach(self) -> None:
        """Name the coroutines that do not return, and end without them."""
        for node in [*self._live.values()]:
            hanging = {task: node.in_hand(task) for task in node.tasks if not task.done()}
            for task, item in hanging.items():
                self._note(ProcessorHangs(node.name, plain(item), self._grace.cancel))
                leave_alone(task)
            if hanging:  # else its tasks are about to end it
                self._crew.detach(hanging)
                node.detach([item for item in hanging.values() if item is not NO_ITEM])

    def leave(self, task: asyncio.Task[Any] | None) -> None:  # Any: the task of the user
        """Leave the queues and replies that the task was the last to read: it reads no more."""
        for reader in self._readers:
            if reader.is_left_by(task):
                reader.end()
        for node in self._nodes:
            if isinstance(node, ReplyNode):
                node.leave_askers(task)

    # The end

    @property
    def is_over(self) -> bool:
        """Whether every node has ended. Cleanup coroutines may still run."""
        return self._stage == "is over"

    def _finish(self) -> None:
        """Take the report, then clean up."""
        if self.is_over:
            return
        self._stage = "is over"
        self._stop_timer()
        self._stop_opening()
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None  # it refers to this
        self._report = self._report_now(self._ending)
        self._gauging.finish()
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
        """Call the cleanup coroutines, and leave nothing of the run behind. Cancelled, go on."""
        try:
            await self._clean_up()
        finally:
            listen(self._doomsday, None, None)
            self._doomsday.drain()
        outcome = Outcome(
            evolve(self.report(), dooms=tuple(self._dooms)), tuple(self.failures), self._exit
        )
        self._log.ended(outcome.report)
        if outcome.errors or outcome.exit:
            self.cancel_block()
        self._report = outcome.report
        self._forget()
        return outcome

    def _forget(self) -> None:
        """Drop what nodes and errors hold, so that it is freed with the report and the errors.

        They refer to the run, which would be a circle.
        """
        for node in self._nodes:
            node.forget()
        self._nodes, self._readers = (), ()
        del self._resources
        self.opening = None
        self.failures, self._exit = [], None
        self.cancel_block = _no_block

    async def _clean_up(self) -> None:
        drawn = self._blueprint.nodes
        for error in await clean_up(
            self._nodes, drawn, self._dooms, self._grace.cleanup, self._context
        ):
            self._note(error)
        await self._resources.close(self._why)
        closing = asyncio.ensure_future(self._pools.close())
        await wait_patiently(closing)
        if not closing.cancelled():
            for failed in closing.result():
                self._note(failed)

    def _why(self) -> BaseException | None:
        """Return what is raised around resources, as `async with` around the run would see it."""
        if self.failures:
            return PipelineFailed(self.report(), self.failures)
        return None if self._ending in ("finished", "drained") else asyncio.CancelledError()

    @property
    def is_aborted(self) -> bool:
        """Whether it was aborted, and has not failed."""
        return self._ending == "aborted"

    def report(self) -> Report:
        """Return what has become of every item up to now; after the end, up to the cleanup."""
        return self._report or self._report_now("running")

    def _report_now(self, ending: Ending) -> Report:
        return Report(
            self._blueprint.name,
            [node.counts() for node in self._nodes],
            ending,
            tuple(self._dooms),
            monotonic() - self._began,
            {key: items_of(collector) for key, collector in self._blueprint.collectors.items()},
            [drawn.part for drawn in self._blueprint.nodes],
            self._blueprint.segments,
        )

    def gauges(self) -> Gauges:
        """Return what the run is doing now, in numbers; after the end, what it did up to it."""
        return self._gauging.gauges(_STATES.get(self._stage, self._ending), self._dooms)

    # From outside

    def pause(self, parts: Collection[object]) -> None:
        """Pause the nodes of these parts, unless the run is about to end.

        While resources are opened, the plumber remembers it.
        """
        if self._stage != "flows":
            return
        for node in self._of(parts):
            node.pause()

    def resume(self, parts: Collection[object]) -> None:
        """Let the nodes of these parts go on; as above."""
        if self._stage == "opens":
            return
        nodes = list(self._of(parts))
        for node in nodes:
            node.resume()
        for node in nodes:  # only now: one that is woken may ask a source, which may pause others
            if node.life is not PAUSED:
                node.wake()

    def _of(self, parts: Collection[object]) -> Iterator[Node]:
        if self.is_over:
            return
        for node, drawn in zip(self._nodes, self._blueprint.nodes, strict=True):
            if drawn.part in parts and node.life is not ENDED:
                yield node


_STATES: Final[Mapping[str, RunState]] = {
    "opens": "opening",
    "flows": "running",
    "drains": "draining",
    "aborts": "aborting",
}


def _no_block() -> None:
    """Do nothing: no block runs beside the run."""
