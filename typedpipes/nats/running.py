"""Submitting a run, and working for one."""

from __future__ import annotations

import signal
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Literal

from typedpipes.arguments import bound, one_of, seconds
from typedpipes.engine.caller import Caller, beside
from typedpipes.engine.signals import listening
from typedpipes.errors import RunStateError, WiringError
from typedpipes.grace import Grace, grace_of
from typedpipes.nats.broker import Broker
from typedpipes.nats.errors import BrokerAway
from typedpipes.nats.naming import run_named
from typedpipes.nats.wire import wired
from typedpipes.network.route import Route, route_of
from typedpipes.network.shift import Shift
from typedpipes.network.submission import begun
from typedpipes.network.wire import Away, Gone, Wire
from typedpipes.network.worker import work_for
from typedpipes.outlet import Pausable
from typedpipes.plumber import Plumber
from typedpipes.plumber.looking import refuse_at_import
from typedpipes.report import Report
from typedpipes.shorten import shorten


async def submit(
    plumber: Plumber,
    broker: Broker,
    *,
    run: str = "",
    slice: int | None = None,
    resume: bool = False,
    signals: Collection[signal.Signals] = (),
    grace: float | Grace = 10.0,
    on_failure: Literal["abort", "drain"] = "abort",
) -> Report:
    """Have other processes run a drawing: those that `work` for it.

    The sources and collectors are here: items come from here, and are collected here. It waits
    for workers as long as it takes. When it is cancelled, the run is aborted. Once it is over,
    nothing of it is left on the broker but how it ended, for a day.

    Meanwhile `drain`, `abort`, `pause`, `resume`, `gauges`, `watch`, `report` and `doomsday` of
    the plumber are about this run, in all of its processes. What other processes do to it, with
    `RemoteRun` or in a coroutine, is seen here as well.

    Args:
        plumber: the drawing.
        broker: where the items go over.
        run: the name of the run: 1 to 40 lower-case letters, digits and hyphens; by default
            made of the name of the plumber.
        slice: the most items that travel together, 1 or more, and no more than any buffer of the
            drawing; by default a quarter of the smallest buffer, an eighth of the workers of any
            processor that has several, and 100 at most.
        resume: go on with the run of this name, if there is one whose caller has died: its process
            has said nothing for the `keep_within` of the broker. The sources begin anew, and what
            they make is left out up to what was given; so they have to make the same again. A feed
            goes on with what is put into it now.
        signals: which signals end the run: the first drains it, the second aborts it, as in
            `Plumber.run`.
        grace: how many seconds everything may take to flow out after a drain, and a source to
            stop after an abort, above 0; or a `Grace`.
        on_failure: what happens when an item fails that no failures edge takes: `"abort"` ends the
            run in all processes at once; `"drain"` stops the sources, and lets what is inside flow
            out. In both cases the run has failed. Of a processor at which hundreds of items fail
            while it drains, only the first are in the error; the counts of the report have all.

    Returns:
        What became of every item.

    Raises:
        WiringErrors: the drawing is wrong, or cannot be run over a network. Nothing has run.
        SettingError: `run`, `slice` or `grace` is out of bounds, or `on_failure` another word.
        RunStateError: the plumber runs already; or another process has forgotten the run.
        RunExists: there is a run of this name on the broker; to be resumed, one with a caller.
        OtherDrawing: the run that is to be resumed is of another drawing.
        NotResumed: the run cannot be resumed: items that were collected are gone with its caller.
        TakenOver: another process has resumed this run, and goes on with it.
        BrokerAway: there is no broker, or it did not do what it was asked for for longer than a
            minute. The run stays on it, and can be resumed. `ended` of the plumber raises it, too,
            and feeds and queues of the run are closed because of it.
        BrokerUnfit: the broker lacks something.
        PipelineFailed: an item failed and no failures edge takes it, a source raised, or
            something cannot travel.
    """
    with listening(signals) as listener:
        async with _begun(
            plumber,
            broker,
            run,
            slice,
            grace_of(grace),
            resume=resume,
            on_failure=on_failure,
        ) as caller:
            listener.handler = caller.run.signalled
            return (await caller.outcome()).result()


@asynccontextmanager
async def submitting(
    plumber: Plumber,
    broker: Broker,
    *,
    run: str = "",
    slice: int | None = None,
    resume: bool = False,
    signals: Collection[signal.Signals] = (),
    grace: float | Grace = 10.0,
    on_failure: Literal["abort", "drain"] = "abort",
) -> AsyncGenerator[Plumber]:
    """Have other processes run a drawing while a block of code runs, such as one that fills feeds.

    The end of the block, and of the run, is as in `Plumber.running`: when the block ends, the run
    drains; when it raises, the run is aborted; when the run fails or is aborted, the block is
    cancelled.

    Args:
        plumber: as for `submit`.
        broker: as for `submit`.
        run: as for `submit`.
        slice: as for `submit`.
        resume: as for `submit`.
        signals: as for `submit`, until the run is over, though the block may go on.
        grace: as for `submit`.
        on_failure: as for `submit`. With `"drain"` the block is cancelled when everything has
            flowed out.

    Yields:
        The plumber, whose methods are about this run.

    Raises:
        Exception: as for `submit`; what the run failed of, at the end of the block.
    """
    with listening(signals) as listener:
        async with _begun(
            plumber,
            broker,
            run,
            slice,
            grace_of(grace),
            resume=resume,
            on_failure=on_failure,
        ) as caller:
            listener.handler = caller.run.signalled
            caller.end.add_done_callback(lambda _: listener.stop())  # the block may go on for long
            async with beside(caller):
                yield plumber


def _begun(
    plumber: Plumber,
    broker: Broker,
    run: str,
    slice: int | None,
    grace: Grace,
    *,
    resume: bool,
    on_failure: Literal["abort", "drain"],
) -> AbstractAsyncContextManager[Caller]:
    """Have a run begin, and be over at the end of the block, which waits for it."""
    one_of("on_failure", on_failure, "abort", "drain")
    name = run_named(plumber.name, run)
    return begun(
        plumber,
        _wired(broker, name),
        name,
        codecs=broker.codecs,
        longest=bound("slice", slice),
        resume=resume,
        grace=grace,
        on_failure=on_failure,
        explained=partial(_explained, broker, name),
    )


async def work(
    plumber: Plumber,
    broker: Broker,
    *,
    run: str = "",
    only: Collection[Pausable] = (),
    wait: bool = False,
    signals: Collection[signal.Signals] = (),
    grace: float = 10.0,
) -> None:
    """Work for a run that another process submits, until it is over.

    Any number of processes may do so; each may come and go, or die. It waits for the run to
    begin, and then opens the resources of its processors; they are closed at the end. When it is
    cancelled, what is in hand is cancelled, and other workers get it. While the broker is away, it
    waits, and says so in the log.

    Args:
        plumber: the drawing, made by the same code as that of the caller.
        broker: where the items go over.
        run: the name of the run, as for `submit`.
        only: which processors to work for; all by default. What stands between processors, such
            as a `keep`, is worked for by those who work for all.
        wait: work for one run of this name after the other, until a signal. Without it, a worker
            works for one run: it waits for the first one, and if it comes when that is over, which
            the broker knows for a day, it returns at once.
        signals: which signals let this worker leave: at the first, it takes nothing more, and
            finishes what is in hand; at the second, others get that.
        grace: how many seconds what is in hand may take then, above 0. Others get what is left.

    Raises:
        WiringErrors: as for `submit`.
        SettingError: `run` or `grace` is out of bounds.
        RunStateError: a child process imports the main module, and that calls this.
        WiringError: `only` names something that is not in the drawing, or belongs to the caller.
        OtherDrawing: the run of this name is of another drawing.
        BrokerAway: there is no broker when the worker begins, or it has closed the connection for
            good, such as for credentials that have expired.
        BrokerUnfit: as for `submit`.
        ResourceFailed: a resource that each worker of a processor has cannot be opened. Others
            go on with the run, here and below.
        Exception: whatever opening or closing another resource raises.
    """
    seconds("grace", grace)
    shift = Shift(grace)
    with listening(signals) as listener:
        listener.handler = shift.signalled
        await work_shift(plumber, broker, shift, run=run, only=only, wait=wait)


async def work_shift(
    plumber: Plumber,
    broker: Broker,
    shift: Shift,
    *,
    run: str = "",
    only: Collection[Pausable] = (),
    wait: bool = False,
    ready: Callable[[], None] | None = None,
) -> None:
    """Do what `work` does until the shift is to end, whatever ends it.

    Args:
        plumber: as for `work`.
        broker: as for `work`.
        shift: for how long.
        run: as for `work`.
        only: as for `work`.
        wait: as for `work`.
        ready: as for `work_for`.

    Raises:
        Exception: as for `work`.
    """
    name = run_named(plumber.name, run)
    refuse_at_import(plumber.name)
    blueprint = plumber.blueprint()
    names = [_name_of(part, route_of(blueprint, broker.codecs)) for part in only]
    async with _wired(broker, name) as wire:
        await work_for(
            wire, name, blueprint, broker.codecs, names, shift=shift, wait=wait, ready=ready
        )


@asynccontextmanager
async def _wired(broker: Broker, run: str) -> AsyncGenerator[Wire]:
    try:
        async with wired(broker, run) as wire:
            yield wire
    except (Away, Gone) as error:
        raise _explained(broker, run, error) from error


def _explained(broker: Broker, run: str, error: BaseException) -> BaseException:
    """Return what users see in place of what a wire raises."""
    match error:
        case Away():
            seen: Exception = BrokerAway(broker, str(error))
        case Gone():
            seen = RunStateError(
                f"another process has forgotten the run {run!r} while it went on here"
            )
        case _:
            return error
    seen.__cause__ = error
    return seen


def _name_of(part: Pausable, route: Route) -> str:
    for stop in route.stops:
        if stop.part is part and not stop.is_at_caller:
            return stop.name
    raise WiringError(
        f"no worker works for {shorten(part)} in the drawing of {route.plumber!r}. "
        "Name a processor of the drawing."
    )
