"""`python -m typedpipes`: the command line, if its dependencies are installed."""

from __future__ import annotations

import sys

from typedpipes.interrupt import end_on_interrupt

_EXTRA = {"cyclopts", "mypy", "rich"}


def main() -> int:
    """Run the command line and return its exit code; `docs/cli.md` lists them."""
    end_on_interrupt()  # until a command begins
    try:
        from typedpipes.cli.app import main as command_line  # noqa: PLC0415  # may not be installed
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        sys.stderr.write(
            f"typedpipes: the command line needs {error.name}: pip install 'typedpipes[cli]'\n"
        )
        return 2
    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
