"""`typedpipes run`: run a graph."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, redirect_stdout
from functools import partial
from typing import Annotated, Literal

from attrs import evolve
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from typedpipes.cli.address import Address, refusing
from typedpipes.cli.outcome import format_errors, format_json
from typedpipes.cli.refusal import ABORTED, OK, WRONG, Refusal
from typedpipes.cli.submitting import Follower, submit_and_follow
from typedpipes.cli.target import Names, load_plumber
from typedpipes.errors import SettingError
from typedpipes.observe import page as serve_page
from typedpipes.observe.terminal import follow
from typedpipes.plumber import Plumber
from typedpipes.plumber.synchronous import loop_factory
from typedpipes.report import PipelineFailed, Report

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_command(
    target: str,
    /,
    *,
    report: Annotated[
        Literal["table", "json", "none"], Parameter(name=["--report", "-r"])
    ] = "table",
    grace: Annotated[float, Parameter(validator=Number(gt=0))] = 10.0,
    on_failure: Literal["abort", "drain"] = "abort",
    progress: bool = True,
    page: Annotated[
        list[int] | None, Parameter(consume_multiple=(0, 1), negative=(), show_default=False)
    ] = None,
    control: bool = True,
    run: str = "",
    resume: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    replicas: Annotated[int, Parameter(validator=Number(gte=1, lte=5))] = 1,
    address: Address = Address(),  # noqa: B008  # frozen
    names: Names = Names(),  # noqa: B008  # frozen
) -> int:
    """Run a graph to its end, and report what became of every item.

    Ctrl-C (or SIGTERM) drains it: sources stop, and what is inside flows out. A second one
    aborts it; if it hangs, more of them end the process. On a terminal you see how it goes on;
    progress and news go to the standard error, the report to the standard output. With
    `--report json` the report is all that goes there: what the graph prints goes to the standard
    error.

    With a broker, only sources and collectors are here, and `typedpipes work` does the rest, in
    as many processes as you like.

        typedpipes run pipeline.toml
        typedpipes run package.module:plumber --report json > report.json
        typedpipes run pipeline.toml --page
        typedpipes run package.module:plumber --broker nats://127.0.0.1:4222

    Args:
        target: a definition file, `-` for a definition from the standard input, or
            `package.module:plumber`; a function that returns a plumber is called.
        report: what to write at the end: a `table`, `json`, or `none`.
        grace: how many seconds the graph may take to drain, and a coroutine to clean up.
        on_failure: when an item fails and its failure goes nowhere, `abort` cancels the items
            in hand, and `drain` lets the items inside flow out.
        progress: whether to show progress on a terminal.
        page: serve a page on which the run is seen, at this port of this machine; at any that is
            free, if none is named. Its address is written to the standard error.
        control: whether the page can pause, resume, drain and abort.
        run: with a broker, the name of the run; by default made of the name of the graph.
        resume: with a broker, go on with the run of this name if its caller has died.
        replicas: with a broker that is a cluster, how many of its servers keep each record.
        address: where the broker is, if it is to go over one.
        names: how a definition names its coroutines.
    """
    plumber = load_plumber(target, names)
    follower = partial(follow, plumber, Console(stderr=True), visible=progress)
    if address.is_named:
        running: Callable[[], Awaitable[Report]] = partial(
            submit_and_follow,
            plumber,
            evolve(address.find(), replicas=replicas),
            follower,
            run=run,
            resume=resume,
            grace=grace,
            on_failure=on_failure,
        )
    else:
        if run or resume or replicas != 1:
            raise Refusal(
                "--run, --resume and --replicas are for runs over a broker: name it with --broker"
            )
        running = partial(_run_and_follow, plumber, follower, grace, on_failure=on_failure)
    failed: PipelineFailed | None = None
    try:
        with (
            refusing() if address.is_named else nullcontext(),
            redirect_stdout(sys.stderr) if report == "json" else nullcontext(),
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            port = None if page is None else next(iter(page), 0)
            outcome = runner.run(_run_beside_page(running, plumber, port, control=control))
    except PipelineFailed as error:
        outcome, failed = error.report, error
    errors = [] if failed is None else list(format_errors(failed))
    _write_report(outcome, report, errors)
    if failed is not None:
        raise Refusal(*errors, code=WRONG) from failed
    return ABORTED if outcome.ending == "aborted" else OK


async def _run_and_follow(
    plumber: Plumber,
    follower: Follower,
    grace: float,
    *,
    on_failure: Literal["abort", "drain"],
) -> Report:
    screen = asyncio.create_task(follower())
    try:
        return await plumber.run(signals=_SIGNALS, grace=grace, on_failure=on_failure)
    finally:
        screen.cancel()
        await asyncio.wait([screen])
        if not screen.cancelled():
            screen.result()


async def _run_beside_page(
    running: Callable[[], Awaitable[Report]], plumber: Plumber, port: int | None, *, control: bool
) -> Report:
    async with _page(plumber, port, control=control):
        return await running()


@asynccontextmanager
async def _page(plumber: Plumber, port: int | None, *, control: bool) -> AsyncGenerator[None]:
    """Serve a page, if one was asked for."""
    if port is None:
        yield
        return
    async with AsyncExitStack() as stack:
        try:
            serving = serve_page(plumber, port=port, control=control)
            viewer = await stack.enter_async_context(serving)
        except (ImportError, SettingError) as error:
            raise Refusal(str(error)) from error
        sys.stderr.write(f"typedpipes: see {viewer.url}\n")
        sys.stderr.flush()
        yield


def _write_report(
    report: Report, form: Literal["table", "json", "none"], errors: list[str]
) -> None:
    if form == "table":
        sys.stdout.write(f"{report}\n")
    elif form == "json":
        sys.stdout.write(format_json(report, errors))
