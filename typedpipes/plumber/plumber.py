"""The plumber: draws a graph and runs it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Collection,
    Generator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self, overload

from typing_extensions import TypeVar

from typedpipes.arguments import bound, natural, one_of, positive, seconds
from typedpipes.blueprint import Blueprint
from typedpipes.blueprint.finish import ready_for_failures
from typedpipes.coroutines import refuse_coroutine
from typedpipes.drawing import Drawing
from typedpipes.engine.caller import Caller, beside
from typedpipes.engine.gauging import not_begun
from typedpipes.engine.outcome import Outcome
from typedpipes.engine.run import Run
from typedpipes.engine.running import Running
from typedpipes.engine.runtime import OnFailure
from typedpipes.engine.signals import listening
from typedpipes.engine.tracing import Tracing
from typedpipes.errors import RunStateError, SettingError, WiringError, WiringErrors
from typedpipes.exchange import Exchange, Replies, Requests
from typedpipes.fixed import Fixed
from typedpipes.gauges import FailureTexts, Gauges
from typedpipes.grace import Grace, grace_of
from typedpipes.outlet import Fallible, Outlet, Pausable
from typedpipes.plumber.instruments import Instrument
from typedpipes.plumber.joint import Joint, tap_of
from typedpipes.plumber.looking import refuse_at_import
from typedpipes.plumber.watching import Watching
from typedpipes.processor import Failure, Processor
from typedpipes.queues import Doom, DoomsdayQueue
from typedpipes.queues.doomsday import aborted, drained
from typedpipes.queues.home import elsewhere
from typedpipes.report import Report
from typedpipes.shorten import shorten

if TYPE_CHECKING:
    from typedpipes.definition import Coroutines, Definition, Readable

Given = TypeVar("Given")
Asked = TypeVar("Asked")
Reply = TypeVar("Reply")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")
Out = TypeVar("Out")


class Plumber(Fixed):
    """Draws a graph of processors and runs it.

    Connect first, then run, as often as you like, one run at a time. A connection drawn
    while it runs is for the next run.

    Args:
        name: what it is called in messages and reports.
    """

    _instead: ClassVar[Mapping[str, str]] = {"name": "Pass it when you make the plumber."}

    def __init__(self, name: str = "plumber") -> None:
        self.name: Final[str] = name
        self._drawing = Drawing(name)
        self._doomsday = DoomsdayQueue[Doom]()
        self._paused: set[object] = set()
        self._run: Running | None = None  # the one that goes on, or the last one
        self._end: asyncio.Future[Outcome] | None = None
        self._noted: list[FailureTexts] = []
        self._instruments: list[Instrument] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _repr_svg_(self) -> str | None:
        """Draw the graph in a notebook, which shows the `repr` of one that is wrong."""
        from typedpipes.show import show  # noqa: PLC0415  # most do without

        try:
            return show(self.blueprint(), "svg")
        except WiringErrors:
            return None

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
        from typedpipes.definition import draw  # noqa: PLC0415  # most do without

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

    def connect(self, outlet: Outlet[Given], /) -> Joint[Given]:
        """Begin a connection at a source, a processor or a joint.

        Raises:
            WiringError: it is none of these, or a joint of another plumber, or another part of its
                name is connected.
        """
        return Joint(self, self._drawing, tap_of(outlet, self._drawing))

    def failures(self, processor: Processor[Given, Out], /) -> Joint[Failure[Given]]:
        """Begin a connection at the failures edge of a processor.

        With it, an item whose coroutine raises goes there and the run goes on. It is an edge of
        its own, so where results and failures come together again, in a merge, a failure may come
        before results of earlier items, and after results of later ones.
        """
        return Joint(self, self._drawing, self._drawing.failures(processor))

    def outcomes(self, processor: Fallible[Given, Out], /) -> Joint[Out | Failure[Given]]:
        """Begin a connection at the results and the failures of a processor, in order.

        For each item comes its result, or the `Failure` of it, in the order of the items if the
        processor is ordered; of a generator all results, and then the failure. The run goes on.
        Where the processor is on a branch of a zip, the failure is paired as a result is.

        The results alone may be connected as well, and so may the failures.
        """
        return Joint(self, self._drawing, self._drawing.outcomes(processor))

    def exchange(
        self,
        segment: Callable[[Joint[Asked]], Outlet[Reply]],
        /,
        *,
        name: str = "",
        maxsize: int = 100,
        buffer: int = 100,
    ) -> Exchange[Asked, Reply]:
        """Draw a part of the graph that answers requests while the graph runs.

        Inside, items of different requests share processors and their limits, and never mix:
        what makes one item of several, or takes items from elsewhere, is refused. Processors
        keep the order of the items of each request; that of different requests only where a zip
        needs it.

        Args:
            segment: draws what is between requests and replies, and returns its end.
            name: what it is called in messages, reports and drawings; `exchange` by default.
            maxsize: the most requests in progress, 1 or more. More of them wait for a place.
            buffer: how many replies to a request may wait for its asker, or be on their way from a
                generator, before that waits, 1 or more.

        Raises:
            WiringError: another part of its name is connected, or the segment returns no outlet.
            SettingError: a number is less than 1.
        """
        refuse_coroutine(segment, "a segment", way_out="Draw in a plain function.")
        requests = Requests(maxsize, buffer, name)
        start = Joint[Asked](self, self._drawing, self._drawing.tap(requests))
        self._drawing.link(tap_of(segment(start), self._drawing), Replies(requests))
        return Exchange(requests)

    @overload
    def zip(
        self, a: Outlet[A], b: Outlet[B], /, *, buffer: int | None = None
    ) -> Joint[tuple[A, B]]: ...
    @overload
    def zip(
        self, a: Outlet[A], b: Outlet[B], c: Outlet[C], /, *, buffer: int | None = None
    ) -> Joint[tuple[A, B, C]]: ...
    @overload
    def zip(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        /,
        *,
        buffer: int | None = None,
    ) -> Joint[tuple[A, B, C, D]]: ...
    @overload
    def zip(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        /,
        *,
        buffer: int | None = None,
    ) -> Joint[tuple[A, B, C, D, E]]: ...
    @overload
    def zip(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        f: Outlet[F],
        /,
        *,
        buffer: int | None = None,
    ) -> Joint[tuple[A, B, C, D, E, F]]: ...
    @overload
    def zip(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        f: Outlet[F],
        g: Outlet[G],
        /,
        *,
        buffer: int | None = None,
    ) -> Joint[tuple[A, B, C, D, E, F, G]]: ...
    @overload
    def zip(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        f: Outlet[F],
        g: Outlet[G],
        h: Outlet[H],
        /,
        *,
        buffer: int | None = None,
    ) -> Joint[tuple[A, B, C, D, E, F, G, H]]: ...
    @overload
    def zip(
        self, a: Outlet[Given], b: Outlet[Given], /, *more: Outlet[Given], buffer: int | None = None
    ) -> Joint[tuple[Given, ...]]: ...
    def zip(
        self, *outlets: Outlet[Any], buffer: int | None = None
    ) -> Joint[Any]:  # Any: only the overloads are seen
        """Take one item of each as a tuple (an aggregated input).

        Where the inputs come from one fork, an item that is dropped or fails on one branch
        removes its tuple, and later tuples keep their partners. When one input ends and
        another has more, the zip ends, and the report says so.

        Args:
            outlets: two or more.
            buffer: how many items each edge that leads here holds at most, 1 or more. By default
                as the `buffer` of what takes the tuples.

        Raises:
            WiringError: there are fewer than two, or one is a joint of another plumber.
            SettingError: `buffer` is less than 1.
        """
        return self._combined("zip", outlets, buffer)

    @overload
    def merge(
        self, a: Outlet[A], b: Outlet[B], /, *, buffer: int | None = None, prefer: int | None = None
    ) -> Joint[A | B]: ...
    @overload
    def merge(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        /,
        *,
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Joint[A | B | C]: ...
    @overload
    def merge(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        /,
        *,
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Joint[A | B | C | D]: ...
    @overload
    def merge(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        /,
        *,
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Joint[A | B | C | D | E]: ...
    @overload
    def merge(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        f: Outlet[F],
        /,
        *,
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Joint[A | B | C | D | E | F]: ...
    @overload
    def merge(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        f: Outlet[F],
        g: Outlet[G],
        /,
        *,
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Joint[A | B | C | D | E | F | G]: ...
    @overload
    def merge(
        self,
        a: Outlet[A],
        b: Outlet[B],
        c: Outlet[C],
        d: Outlet[D],
        e: Outlet[E],
        f: Outlet[F],
        g: Outlet[G],
        h: Outlet[H],
        /,
        *,
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Joint[A | B | C | D | E | F | G | H]: ...
    @overload
    def merge(
        self,
        a: Outlet[Given],
        b: Outlet[Given],
        /,
        *more: Outlet[Given],
        buffer: int | None = None,
        prefer: int | None = None,
    ) -> Joint[Given]: ...
    def merge(
        self, *outlets: Outlet[Any], buffer: int | None = None, prefer: int | None = None
    ) -> Joint[Any]:  # Any: only the overloads are seen
        """Take the items of all as they come (a non-aggregated input); each input keeps its order.

        Between inputs there is no order, also where they come from one fork, or are the results
        and the failures of one processor. Inputs that all have items take turns, unless one is
        preferred.

        Args:
            outlets: two or more.
            buffer: as for `zip`.
            prefer: the number of an input, from 0, whose items go before all others that wait here:
                for what is urgent. It is looked at again after a slice of the others, of a
                millisecond of work at most, or one item. The others wait as long as it has items.

        Raises:
            WiringError: there are fewer than two, or one is a joint of another plumber.
            SettingError: `buffer` is less than 1, or there is no input of the number `prefer`.
        """
        if prefer is not None and not 0 <= natural("prefer of merge", prefer) < len(outlets):
            raise SettingError(
                f"prefer of merge must be the number of an input, from 0 to {len(outlets) - 1}, "
                f"not {prefer}"
            )
        return self._combined("merge", outlets, buffer, prefer)

    def _combined(
        self,
        how: Literal["zip", "merge"],
        outlets: tuple[Outlet[Any], ...],  # Any: see zip and merge
        buffer: int | None,
        prefer: int | None = None,
    ) -> Joint[Any]:  # Any: see zip and merge
        if len(outlets) < 2:
            raise WiringError(
                f"{how} takes two or more inputs, not {len(outlets)}. For one, use connect."
            )
        edges = bound(f"buffer of {how}", buffer)
        taps = [tap_of(outlet, self._drawing) for outlet in outlets]
        return Joint(self, self._drawing, self._drawing.combine(how, taps, edges, prefer))

    def blueprint(self) -> Blueprint:
        """Finish the drawing: check it and freeze it.

        Raises:
            WiringErrors: everything that is wrong with it.
        """
        return self._drawing.blueprint()

    async def run(
        self,
        *,
        signals: Collection[signal.Signals] = (),
        grace: float | Grace = 10.0,
        on_failure: Literal["abort", "drain"] = "abort",
        wedged_after: float | None = None,
    ) -> Report:
        """Run the graph to its end.

        It ends by itself when the sources have run dry and everything has flowed through; or
        by a doom, a failure, a signal, or the cancellation of this call, which aborts. Always last,
        the cleanup coroutines are called.

        Args:
            signals: which signals end the run: the first drains it, the second aborts it, or the
                first if it drains already. One that comes later, as while cleanup coroutines
                run, waits for the end of the run and then does what it would have done without the
                run; so does each that comes once the run is over. A third does so at once: no
                coroutine that hangs or blocks makes the process deaf. All runs that listen to a
                signal get it, and so does a handler that the event loop has for it.
            grace: how many seconds each step of the end may take, above 0: flowing out after a
                drain, the return of cancelled coroutines, a cleanup coroutine. A `Grace` has a
                number for each. At worst a run ends two of these seconds after a drain began, and
                two more later for each cleanup coroutine that hangs. A `Source.in_thread` that
                blocks has a grace of its own.
            on_failure: what happens when an item fails that no failures edge takes: `"abort"`
                cancels what is in hand; `"drain"` stops the sources and lets what is inside
                flow out. In both cases the run has failed. A source that raises always drains:
                nothing more can come from it.
            wedged_after: the seconds, above 0, after which a run is aborted in which nothing can
                move any more: everything waits for something else in the run, or for a queue that
                nobody reads. The error says who waits for whom. By default it waits for ever, as
                an idle run does anyway, in which more may come from outside.

        Raises:
            WiringErrors: the drawing is wrong. Nothing has run.
            SettingError: `grace` or `wedged_after` is not above 0, or `on_failure` another word.
            RunStateError: the plumber runs already, one of its feeds serves elsewhere, a command
                imports the module only to look at the drawing, or a child process imports it as
                its main module.
            PipelineFailed: a coroutine raised and no failures edge takes it, a source or a cleanup
                coroutine raised, a resource could not be opened or closed, a coroutine did not
                return after it was cancelled, or the run was wedged for too long.
        """
        with listening(signals) as listener:
            caller = self._begin(grace, on_failure, wedged_after)
            listener.handler = caller.run.signalled
            return (await caller.outcome()).result()

    @asynccontextmanager
    async def running(
        self,
        *,
        signals: Collection[signal.Signals] = (),
        grace: float | Grace = 10.0,
        on_failure: Literal["abort", "drain"] = "abort",
        wedged_after: float | None = None,
    ) -> AsyncGenerator[Self]:
        """Run the graph while a block of code runs.

        The block begins when the resources of the run are open; if one cannot be opened,
        `PipelineFailed` comes out instead.
        When the block ends, the run drains; when the block raises, it is aborted, and what the
        block raised comes out, from the `PipelineFailed` if the run failed too. When the run ends
        by itself or drains, the block goes on. When it fails or is aborted, the block is
        cancelled, as a task group cancels its own; then `PipelineFailed` comes out, or nothing
        if the run was aborted without a failure. `report` has the report.

        A queue from `read` that no other live task was the last to read is given up at the end of
        the block. (A `get` in a task of its own, as `asyncio.gather` makes one, and
        `asyncio.wait_for` before Python 3.12, is read by that task; `asyncio.timeout` makes none.)
        So is a stream of an exchange that is still open.

        Args:
            signals: as for `run`, until the run is over, though the block may go on.
            grace: as for `run`.
            on_failure: as for `run`. With `"drain"` the block is cancelled when everything has
                flowed out.
            wedged_after: as for `run`.

        Raises:
            WiringErrors: as for `run`.
            RunStateError: as for `run`.
            PipelineFailed: as for `run`, at the end of the block.
        """
        with listening(signals) as listener:
            caller = self._begin(grace, on_failure, wedged_after)
            run = caller.run
            listener.handler = run.signalled
            caller.end.add_done_callback(lambda _: listener.stop())  # the block may go on for long
            async with beside(caller):
                yield self

    async def ended(self) -> Report:
        """Wait for the end of the run, and of its cleanup coroutines, wherever it was begun.

        Without a run that goes on, it reports on the last one. Cancelled, it only stops waiting.

        Returns:
            The report, also if the run was drained or aborted.

        Raises:
            RunStateError: there was no run yet, or it goes on in another thread.
            PipelineFailed: the run failed.
        """
        if self._run is None or self._end is None:
            raise RunStateError(f"{self.name!r} has not run yet. Run it first, or beside this.")
        end = self._end
        if not end.done():
            if not self._run.home.is_here():
                way_out = "`asyncio.run_coroutine_threadsafe(plumber.ended(), loop).result()`"
                raise elsewhere("the end", way_out)
            await asyncio.wait((end,))
        return end.result().result_for_others()

    def _begin(
        self, grace: float | Grace, on_failure: OnFailure, wedged_after: float | None
    ) -> Caller:
        one_of("on_failure", on_failure, "abort", "drain")
        if wedged_after is not None:
            seconds("wedged_after", wedged_after)

        def make(end: asyncio.Future[Outcome], tracing: Tracing | None) -> Run:
            blueprint = self.blueprint()
            if on_failure == "drain":
                blueprint = ready_for_failures(blueprint)
            return Run(
                blueprint,
                self._doomsday,
                self._paused,
                grace_of(grace),
                on_failure,
                end,
                wedged_after,
                self._noted,
                tracing,
            )

        return self._start(make)

    def _start(self, make: Callable[[asyncio.Future[Outcome], Tracing | None], Running]) -> Caller:
        """Begin a run, whatever kind is made, for the current task."""
        self._refuse_second_run()
        refuse_at_import(self.name)
        end: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        run = make(end, self._tell_instruments())
        self._run, self._end = run, end
        caller = Caller(run, end)
        run.begin()
        return caller

    def _refuse_second_run(self) -> None:
        if self._run is not None and not self._has_ended():
            raise RunStateError(
                f"{self.name!r} runs already. Wait for its end, or draw another plumber."
            )

    def _tell_instruments(self) -> Tracing | None:
        """Tell what is attached that a run begins; return what makes spans for it, if anything."""
        if not self._instruments:
            return None
        last = None if self._run is None else self._run.gauges()
        tracings = [each.begin(last) for each in self._instruments]
        return next((tracing for tracing in tracings if tracing is not None), None)

    def _has_ended(self) -> bool:
        return self._end is not None and self._end.done()

    def report(self) -> Report:
        """Return what has become of every item: in the run that goes on, else in the last one.

        Any thread may ask. Another one than that of the run waits until the event loop has a
        turn for it, 10 seconds at most.

        Raises:
            RunStateError: there was no run yet, or the event loop had no turn.
        """
        if self._run is None or self._end is None:
            raise RunStateError(f"{self.name!r} has no report: it has not run yet.")
        if self._end.done() and self._end.exception() is None:
            return self._end.result().report
        return self._run.home.ask(self._run.report)

    def gauges(self, *, within: float = 10.0) -> Gauges:
        """Return what every processor and edge is doing, in numbers: quick, however much waits.

        In the run that goes on, else at the end of the last one, else before the first one. Any
        thread may ask, as it may ask for a `report`. Two of them tell what changed in between,
        and what holds the run up:

            earlier = plumber.gauges()
            await asyncio.sleep(1)
            print(plumber.gauges().since(earlier).verdict)

        Args:
            within: how many seconds another thread than that of the run waits at most for a turn
                of its event loop, above 0.

        Raises:
            WiringErrors: it has not run yet, and the drawing is wrong.
            RunStateError: the event loop had no turn in that time.
            SettingError: `within` is not above 0.
        """
        seconds("within of gauges", within)
        if self._run is None or self._end is None:
            return not_begun(self.blueprint())
        return self._run.home.ask(self._run.gauges, within)

    def watch(self, *, every: float = 0.5) -> AsyncIterator[Gauges]:
        """Take the gauges now, every so many seconds, and at the end of the run.

            async for gauges in plumber.watch(every=1):
                print(gauges.duration)

        The loop ends with the run, after its cleanup coroutines: the last gauges are final, whether
        the run has failed or not. Of a run that is over already it takes only those. To stop
        earlier, leave the loop: the run goes on.

        Args:
            every: seconds between two looks, above 0.

        Raises:
            SettingError: `every` is not above 0.
            RunStateError: there was no run yet, or it goes on in another thread.
        """
        seconds("every", every)
        if self._run is None or self._end is None:
            raise RunStateError(f"{self.name!r} has not run yet: there is nothing to watch")
        if not self._end.done() and not self._run.home.is_here():
            raise RunStateError(
                f"{self.name!r} runs in another thread. Call `gauges` in this one, again and again."
            )
        return Watching(self._run, self._end, every)

    @contextmanager
    def failure_texts(self, most: int = 20) -> Generator[FailureTexts]:
        """Keep what the last items that fail are, and why, as text, while a block of code runs.

            with plumber.failure_texts() as failures:
                await plumber.run()
            print(failures.of("parse"))

        Neither items nor errors are held for it. It costs some microseconds for each item that
        fails, and nothing for others.

        Args:
            most: how many are kept of each processor, 1 or more.

        Raises:
            SettingError: `most` is less than 1.
        """
        texts = FailureTexts(positive("most of failure_texts", most))
        self._noted.append(texts)
        try:
            yield texts
        finally:
            self._noted.remove(texts)

    def drain(self, reason: str = "") -> None:
        """End the run: stop the sources, and let what is inside flow out.

        The same as putting a `Doom` into `doomsday`: without a run, it ends the next one as that
        starts. Any thread may do it.

        Args:
            reason: why, in words.
        """
        self._doomsday.put_nowait(drained(reason))

    def abort(self, reason: str = "") -> None:
        """End the run at once: cancel what is in hand. As `drain` in all else."""
        self._doomsday.put_nowait(aborted(reason))

    def pause(self, *parts: Pausable, segment: str | None = None) -> None:
        """Let processors and sources take no more items; they finish those in hand.

        Nothing is lost: the edges before them fill, and what fills them waits. Before
        a run, it is paused from the start. A drain lifts all pauses of its run, and a run that
        drains takes no new ones. Any thread may do it, as it may ask for a `report`.

        Args:
            parts: which ones; all of the drawing, if neither they nor a segment is named.
            segment: the full name of a segment (see `Joint.via`): all that are in it.

        Raises:
            WiringError: one of them is no processor, source or segment in the drawing.
            RunStateError: as for `report`.
        """
        chosen = self._chosen(parts, segment)
        self._paused.update(chosen)
        if self._run is not None:
            self._run.home.ask(partial(self._run.pause, chosen))

    def _chosen(self, parts: Sequence[Pausable], segment: str | None) -> Sequence[Pausable]:
        drawn = [part for part in self._drawing.parts() if isinstance(part, Pausable)]
        for part in parts:
            if part not in drawn:
                raise WiringError(
                    f"{shorten(part)} is no processor or source in the drawing of {self.name!r}, "
                    "so it cannot be paused or resumed. Name one, or connect it first."
                )
        if segment is None:
            return parts or drawn
        inside = self._drawing.parts_of(segment)
        return [part for part in drawn if part in parts or part in inside]

    def resume(self, *parts: Pausable, segment: str | None = None) -> None:
        """Let paused processors and sources go on. Any thread may do it.

        Args:
            parts: as for `pause`.
            segment: as for `pause`.

        Raises:
            WiringError: as for `pause`.
            RunStateError: as for `report`.
        """
        chosen = self._chosen(parts, segment)
        self._paused.difference_update(chosen)
        if self._run is not None:
            self._run.home.ask(partial(self._run.resume, chosen))
