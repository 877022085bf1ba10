"""The commands put together, and how errors are reported: in one line each."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from typedpipes.cli.check import check_command
from typedpipes.cli.init import init_command
from typedpipes.cli.refusal import ABORTED, BUG, USAGE, Refusal
from typedpipes.cli.run import run_command
from typedpipes.cli.show import show_command
from typedpipes.shorten import shorten_message

app: App = App(
    name="typedpipes",
    version=version("typedpipes"),
    help="Typed processing pipelines: check them, see them, run them.",
    help_epilogue=(
        "Start with `typedpipes init words`. Exit codes: 0 all is well, 1 the graph is wrong or "
        "its run failed, 2 the command line is wrong, 130 a run was aborted."
    ),
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
)
app.command(check_command, name="check", sort_key=1)
app.command(show_command, name="show", sort_key=2)
app.command(run_command, name="run", sort_key=3)
app.command(init_command, name="init", sort_key=4)
app.register_install_completion_command()  # pyright: ignore[reportUnknownMemberType]  # **kwargs


@app.meta.default
def _launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    debug: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> int:
    """Run a command.

    Args:
        tokens: the command and its arguments.
        debug: show the traceback of an error.
    """
    try:
        return app(tokens) or 0
    except Exception as error:  # noqa: BLE001  # every error becomes a line
        if debug:
            traceback.print_exc()
        return _write_error(error)
    except KeyboardInterrupt:  # before or after a run, which handles signals itself
        return ABORTED


def _write_error(error: Exception) -> int:
    match error:
        case Refusal():
            lines, code = error.lines, error.code
        case CycloptsError():
            lines, code = (f"{' '.join(str(error).split())} Try --help.",), USAGE
        case BrokenPipeError():  # the reader has closed the pipe: `| head`
            sys.stdout = None
            return 0
        case _:
            what = f"{type(error).__name__}: {shorten_message(error)}"
            lines, code = (f"unexpected {what} (--debug shows where)",), BUG
    for line in lines:
        sys.stderr.write(f"typedpipes: {line}\n")
    return code


def main(arguments: Sequence[str]) -> int:
    """Run a command line and return the exit code of the process."""
    try:
        return app.meta(arguments) or 0
    except CycloptsError as error:
        return _write_error(error)
