"""The commands put together, and how errors are reported: in one line each.

A command is imported when it is called: help and completion need none of them.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from typedpipes.cli.refusal import ABORTED, BUG, USAGE, Refusal
from typedpipes.cli.stdin import name_stdin
from typedpipes.interrupt import raise_on_interrupt
from typedpipes.shorten import escape_unprintable, shorten_message

COMMANDS = {
    "check": "Check that the ends of graphs meet, without running them.",
    "show": "Draw a graph, with the types of the items on its edges.",
    "run": "Run a graph to its end, and report what became of every item.",
    "work": "Work for a run over a broker, until it is over.",
    "runs": "List the runs on a broker, or do something to one of them.",
    "broker": "Run a broker on this machine, for development and tests.",
    "init": "Make a folder with a small typed pipeline, its test and its check.",
    "--show-completion": "Write the script that completes commands to the standard output.",
    "--install-completion": "Install the script that completes commands, after saying where.",
}
"""The commands and, for the list of them, what each does: its own page is in its module."""

app: App = App(
    name="typedpipes",
    version=version("typedpipes"),
    version_flags=["--version", "-V"],
    help="Typed processing pipelines: check them, see them, run them.",
    help_epilogue=(
        "Start with 'typedpipes init words'. Exit codes: 0 all is well, 1 the graph is wrong or "
        "its run failed, 2 the command line is wrong or mypy could not check, 70 an unexpected "
        "error, 130 a run was aborted or the command was interrupted."
    ),
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
    suppress_keyboard_interrupt=False,
)
for _number, (_name, _help) in enumerate(COMMANDS.items()):
    _verb, _dash, _topic = _name.removeprefix("--").partition("-")
    app.command(
        f"typedpipes.cli.{_topic or _verb}:{_verb}_{_topic or 'command'}",
        name=_name,
        sort_key=_number,
        help=_help,
    )


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
        return _run(tokens)
    except Exception as error:  # noqa: BLE001  # every error becomes a line
        if debug:
            traceback.print_exc()
        return _write_error(error)
    except KeyboardInterrupt:  # before or after a run, which handles signals itself
        return ABORTED


def _run(tokens: Sequence[str]) -> int:
    if not tokens:
        from rich.console import Console  # noqa: PLC0415  # takes time

        app.help_print([], console=Console(stderr=True))
        return USAGE
    command, bound, _ = app.parse_args(name_stdin(tokens))
    raise_on_interrupt()
    code: int | None = command(*bound.args, **bound.kwargs)
    return code or 0


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
        sys.stderr.write(f"typedpipes: {escape_unprintable(line)}\n")
    return code


def main(arguments: Sequence[str]) -> int:
    """Run a command line and return the exit code of the process."""
    if isinstance(sys.stdout, TextIOWrapper):
        # What it cannot write is escaped, as on the standard error.
        sys.stdout.reconfigure(errors="backslashreplace")  # pyright: ignore[reportUnknownMemberType]  # generic in its buffer
    try:
        called = next((argument for argument in arguments if argument in COMMANDS), None)
        if called is not None:
            app[called].help = None  # its own docstring, instead of a sentence in a list
        return app.meta(arguments) or 0
    except CycloptsError as error:
        return _write_error(error)
