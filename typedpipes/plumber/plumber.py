"""The plumber: draws a graph and runs it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from typing_extensions import TypeVar

from typedpipes.arguments import seconds
from typedpipes.blueprint import Blueprint
from typedpipes.drawing import Drawing
from typedpipes.engine.run import Run
from typedpipes.engine.signals import handled
from typedpipes.errors import RunStateError, WiringError
from typedpipes.outlet import Outlet
from typedpipes.plumber.joint import Joint, tap_of
from typedpipes.plumber.looking import refuse_if_looking
from typedpipes.processor import Failure, Processor
from typedpipes.queues import Doom, DoomsdayQueue
from typedpipes.report import PipelineFailed, Report

if TYPE_CHECKING:
    from typedpipes.definition import Coroutines, Definition, Readable

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
R = TypeVar("R")


class Plumber:
    """Draws a graph of processors and runs it.

    Connect first, then run, as often as you like, one run at a time. A connection drawn
    while it runs is for the next run.

    Args:
        name: what it is called in messages and reports.
    """

    def __init__(self, name: str = "plumber") -> None:
        self.name: str = name
        self._drawing = Drawing(name)
        self._doomsday = DoomsdayQueue[Doom]()
        self._paused: set[object] = set()
        self._run: Run | None = None
        self._report: Report | None = None

    @classmethod
    def from_definition(
        cls,
        definition: Readable | Definition,
        *,
        coroutines: Coroutines = MappingProxyType({}),
        import_paths: bool = False,
        strict: bool = False,
    ) -> Self:
        """Draw what a definition describes.

        The name of the plumber is the `name` in the definition, if there is one.

        Args:
            definition: a mapping, a TOML or JSON text, or a `pathlib.Path`. A text is never taken
                for a path.
            coroutines: what the definition may name: coroutine functions by name, or a function
                that finds them. It can reach nothing else.
            import_paths: whether it may also name `package.module:function`. That runs whatever
                can be imported, so turn it on only for a definition of your own.
            strict: whether a coroutine whose annotations are missing is refused. Otherwise it may
                be connected to anything.

        Raises:
            DefinitionErrors: everything that is wrong with it, the connections whose ends do not
                meet included.
        """
        from typedpipes.definition import draw  # noqa: PLC0415  # beartype is slow to import

        drawing = draw(definition, coroutines, import_paths=import_paths, strict=strict)
        plumber = cls(drawing.name)
        plumber._drawing = drawing
        return plumber

    @property
    def doomsday(self) -> DoomsdayQueue[Doom]:
        """Where the end of the run is announced.

        A doom put before a run ends the next one as it starts.
        """
        return self._doomsday

    def connect(self, outlet: Outlet[T], /) -> Joint[T]:
        """Begin a connection at a source, a processor or a joint.

        Raises:
            WiringError: it is none of these, or a joint of another plumber.
        """
        return Joint(self._drawing, tap_of(outlet, self._drawing))

    def failures(self, processor: Processor[T, R], /) -> Joint[Failure[T]]:
        """Begin a connection at the failures edge of a processor.

        With it, an item whose coroutine raises goes there and the run goes on.
        """
        return Joint(self._drawing, self._drawing.failures(processor))

    @overload
    def zip(self, a: Outlet[A], b: Outlet[B], /) -> Joint[tuple[A, B]]: ...
    @overload
    def zip(self, a: Outlet[A], b: Outlet[B], c: Outlet[C], /) -> Joint[tuple[A, B, C]]: ...
    @overload
    def zip(
        self, a: Outlet[A], b: Outlet[B], c: Outlet[C], d: Outlet[D], /
    ) -> Joint[tuple[A, B, C, D]]: ...
    @overload
    def zip(
        self, a: Outlet[A], b: Outlet[B], c: Outlet[C], d: Outlet[D], e: Outlet[E], /
    ) -> Joint[tuple[A, B, C, D, E]]: ...
    @overload
    def zip(self, a: Outlet[T], b: Outlet[T], /, *more: Outlet[T]) -> Joint[tuple[T, ...]]: ...
    def zip(self, *outlets: Outlet[Any]) -> Joint[Any]:  # Any: only the overloads are seen
        """Take one item of each as a tuple (an aggregated input).

        Where the inputs come from one fork, an item that is dropped or fails on one branch
        removes its tuple, and later tuples keep their partners. When one input ends and
        another has more, the zip ends, and the report says so.

        Raises:
            WiringError: there are fewer than two, or one is a joint of another plumber.
        """
        return self._combined("zip", outlets)

    @overload
    def merge(self, a: Outlet[A], b: Outlet[B], /) -> Joint[A | B]: ...
    @overload
    def merge(self, a: Outlet[A], b: Outlet[B], c: Outlet[C], /) -> Joint[A | B | C]: ...
    @overload
    def merge(
        self, a: Outlet[A], b: Outlet[B], c: Outlet[C], d: Outlet[D], /
    ) -> Joint[A | B | C | D]: ...
    @overload
    def merge(
        self, a: Outlet[A], b: Outlet[B], c: Outlet[C], d: Outlet[D], e: Outlet[E], /
    ) -> Joint[A | B | C | D | E]: ...
    @overload
    def merge(self, a: Outlet[T], b: Outlet[T], /, *more: Outlet[T]) -> Joint[T]: ...
    def merge(self, *outlets: Outlet[Any]) -> Joint[Any]:  # Any: only the overloads are seen
        """Take the items of all as they come (a non-aggregated input); each input keeps its order.

        Raises:
            WiringError: there are fewer than two, or one is a joint of another plumber.
        """
        return self._combined("merge", outlets)

    def _combined(
        self, how: Literal["zip", "merge"], outlets: tuple[Outlet[Any], ...]
    ) -> Joint[Any]:  # Any: see zip and merge
        if len(outlets) < 2:
            raise WiringError(
                f"{how} takes two or more inputs, not {len(outlets)}. For one, use connect."
            )
        taps = [tap_of(outlet, self._drawing) for outlet in outlets]
        return Joint(self._drawing, self._drawing.combine(how, taps))

    def blueprint(self) -> Blueprint:
        """Finish the drawing: check it and freeze it.

        Raises:
            WiringErrors: everything that is wrong with it.
        """
        return self._drawing.blueprint()

    async def run(self, *, signals: Collection[signal.Signals] = (), grace: float = 10.0) -> Report:
        """Run the graph to its end.

        It ends by itself when the sources have run dry and everything has flowed through; or
        by a doom, a failure, a signal, or the cancellation of this call. Always last, the cleanup
        coroutines are called.

        Args:
            signals: which signals end the run: the first drains it, the second aborts it. All runs
                that listen to a signal get it, and so does a handler that the event loop has for
                it; one that was set with `signal.signal` waits until the run is over.
            grace: how many seconds to wait at most, above 0, for each of these: that everything
                flows out after a drain, that a cancelled coroutine returns, that a cleanup
                coroutine returns.

        Raises:
            WiringErrors: the drawing is wrong. Nothing has run.
            RunStateError: the plumber runs already, one of its feeds serves elsewhere, or a
                command imports the module only to look at the drawing.
            PipelineFailed: a coroutine raised and no failures edge takes it, a cleanup coroutine
                raised, or a coroutine did not return after it was cancelled.
        """
        with handled(signals, self._signalled):
            return await self._complete(self._begin(grace))

    @asynccontextmanager
    async def running(
        self, *, signals: Collection[signal.Signals] = (), grace: float = 10.0
    ) -> AsyncGenerator[Plumber]:
        """Run the graph while a block of code runs.

        When the block ends, the run drains; when the block raises, it is aborted, and what the
        block raised comes out, from the `PipelineFailed` if the run failed too. A queue from
        `read` that no other live task was the last to read is given up then. (A `get` in a task
        of its own, as `asyncio.gather` makes one, and `asyncio.wait_for` before Python 3.12, is
        read by that task; `asyncio.timeout` makes none.) `report` has the report.

        Args:
            signals: as for `run`.
            grace: as for `run`.

        Raises:
            WiringErrors: as for `run`.
            RunStateError: as for `run`.
            PipelineFailed: as for `run`, at the end of the block.
        """
        with handled(signals, self._signalled):
            run = self._begin(grace)
            try:
                yield self
            except BaseException as error:
                run.abort("aborted")
                try:
                    await self._complete(run)
                except PipelineFailed as failed:
                    raise error from failed
                raise
            run.drain()
            run.abandon(asyncio.current_task())
            await self._complete(run)

    def _begin(self, grace: float) -> Run:
        if self._run is not None:
            raise RunStateError(
                f"{self.name!r} runs already. Wait for its end, or draw another plumber."
            )
        refuse_if_looking(self.name)
        seconds("grace", grace)
        run = Run(self.blueprint(), self._doomsday, self._paused, grace)
        self._run = run
        run.begin()
        return run

    def _signalled(self, number: signal.Signals) -> None:
        if self._run is not None:
            self._run.signalled(number)

    async def _complete(self, run: Run) -> Report:
        try:
            return await run.complete()
        finally:
            self._report = run.report()
            self._run = None

    def report(self) -> Report:
        """Tell what has become of every item: of the run that goes on, else of the last one.

        Raises:
            RunStateError: there was no run yet.
        """
        if self._run is not None:
            return self._run.report()
        if self._report is None:
            raise RunStateError(f"{self.name!r} has no report: it has not run yet.")
        return self._report

    def pause(self, *parts: Outlet[object]) -> None:
        """Let processors and sources take no more items; they finish those in hand.

        Nothing is lost: the edges before them fill, and those who fill them wait. Before
        a run, it is paused from the start. A drain lifts all pauses of its run, and a run that
        drains takes no new ones.

        Args:
            parts: which ones; all of the drawing, if none is named.

        Raises:
            WiringError: one of them is not in the drawing.
        """
        chosen = self._chosen(parts)
        self._paused.update(chosen)
        if self._run is not None:
            self._run.pause(chosen)

    def _chosen(self, parts: Sequence[Outlet[object]]) -> Sequence[object]:
        drawn = self._drawing.parts()
        for part in parts:
            if part not in drawn:
                raise WiringError(
                    f"{part!r} is not in the drawing of {self.name!r}, so it cannot be paused or "
                    "resumed. Connect it first."
                )
        return parts or [part for part in drawn if isinstance(part, Outlet)]

    def resume(self, *parts: Outlet[object]) -> None:
        """Let paused processors and sources go on.

        Args:
            parts: which ones; all, if none is named.

        Raises:
            WiringError: one of them is not in the drawing.
        """
        chosen = self._chosen(parts)
        self._paused.difference_update(chosen)
        if self._run is not None:
            self._run.resume(chosen)
