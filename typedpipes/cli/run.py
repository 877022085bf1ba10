"""`typedpipes run`: run a graph."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import nullcontext, redirect_stdout
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from typedpipes.cli.outcome import format_errors, format_json
from typedpipes.cli.refusal import ABORTED, OK, WRONG, Refusal
from typedpipes.cli.target import Names, load_plumber
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
    names: Names = Names(),  # noqa: B008  # frozen
) -> int:
    """Run a graph to its end, and report what became of every item.

    Ctrl-C (or SIGTERM) drains it: sources stop, and what is inside flows out. A second one
    aborts it; if it hangs, more of them end the process. On a terminal you see how it goes on;
    progress and news go to the standard error, the report to the standard output. With
    `--report json` the report is all that goes there: what the graph prints goes to the standard
    error.

        typedpipes run pipeline.toml
        typedpipes run package.module:plumber --report json > report.json

    Args:
        target: a definition file, `-` for a definition from the standard input, or
            `package.module:plumber`; a function that returns a plumber is called.
        report: what to write at the end: a `table`, `json`, or `none`.
        grace: how many seconds the graph may take to drain, and a coroutine to clean up.
        on_failure: when an item fails and its failure goes nowhere, `abort` cancels the items
            in hand, and `drain` lets the items inside flow out.
        progress: whether to show progress on a terminal.
        names: how a definition names its coroutines.
    """
    plumber = load_plumber(target, names)
    console = Console(stderr=True)
    failed: PipelineFailed | None = None
    try:
        with (
            redirect_stdout(sys.stderr) if report == "json" else nullcontext(),
            asyncio.Runner(loop_factory=loop_factory()) as runner,
        ):
            outcome = runner.run(
                _run_and_follow(plumber, console, grace, on_failure=on_failure, visible=progress)
            )
    except PipelineFailed as error:
        outcome, failed = error.report, error
    errors = [] if failed is None else list(format_errors(failed))
    _write_report(outcome, report, errors)
    if failed is not None:
        raise Refusal(*errors, code=WRONG) from failed
    return ABORTED if outcome.ending == "aborted" else OK


async def _run_and_follow(
    plumber: Plumber,
    console: Console,
    grace: float,
    *,
    on_failure: Literal["abort", "drain"],
    visible: bool,
) -> Report:
    screen = asyncio.create_task(follow(plumber, console, visible=visible))
    try:
        return await plumber.run(signals=_SIGNALS, grace=grace, on_failure=on_failure)
    finally:
        screen.cancel()
        await asyncio.wait([screen])
        if not screen.cancelled():
            screen.result()


def _write_report(
    report: Report, form: Literal["table", "json", "none"], errors: list[str]
) -> None:
    if form == "table":
        sys.stdout.write(f"{report}\n")
    elif form == "json":
        sys.stdout.write(format_json(report, errors))
