"""Ctrl-C at any moment of the start: exit code 130, and no traceback."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import PATIENCE, environment, typedpipes

# An interrupt comes when the module is looked for, just as if somebody had been quick.
INTERRUPTING = """\
import os, signal, sys

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == os.environ["AT"]:
            sys.meta_path.remove(Finder)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder)
"""

# What pip writes for an entry point.
SCRIPT = """\
import sys
from typedpipes.__main__ import main
if __name__ == "__main__":
    sys.exit(main())
"""

MOMENTS = {
    "the first import of typedpipes": "typedpipes.blueprint",
    "its last import": "typedpipes.source",
    "the module of the command line": "typedpipes.cli.app",
    "the library of the command line": "cyclopts",
    "the module of the command": "typedpipes.cli.show",
    "a module of the user": "graphs",
    "the drawing": "typedpipes.definition.building",
}


def interrupted(at: str, folder: Path, *start: str) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(INTERRUPTING)
    path = os.pathsep.join([str(folder), environment()["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, *start, "show", "graphs:draw"],
        cwd=folder,
        env=environment(PYTHONPATH=path, AT=at),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("at", MOMENTS.values(), ids=MOMENTS)
def test_an_interrupt_of_the_module_ends_it_at_once(at: str, folder: Path) -> None:
    done = interrupted(at, folder, "-m", "typedpipes")

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("at", ["typedpipes.blueprint", "cyclopts", "graphs"])
def test_an_interrupt_of_the_script_ends_it_at_once(at: str, folder: Path) -> None:
    (folder / "bin").mkdir()
    (folder / "bin/typedpipes").write_text(SCRIPT)

    done = interrupted(at, folder, "bin/typedpipes")

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_interrupt_while_mypy_runs_ends_both(folder: Path) -> None:
    (folder / "mypy.ini").write_text("[mypy]\nplugins = slow.py\n")
    (folder / "slow.py").write_text(
        "import fcntl, os, pathlib, signal\n"
        "held = pathlib.Path(__file__).with_name('lock').open('w')\n"
        "fcntl.flock(held, fcntl.LOCK_EX)\n"
        "os.kill(os.getppid(), signal.SIGINT)\n"
        "signal.pause()\n"
    )

    done = typedpipes("check", "words.toml", "-c", "graphs", folder=folder)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    with (folder / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # waits until mypy is gone


PROGRAM = """\
import signal
before = signal.getsignal(signal.SIGINT)
import typedpipes
assert signal.getsignal(signal.SIGINT) is before is signal.default_int_handler
"""


@pytest.mark.parametrize("name", ["program.py", "typedpipes"])
def test_a_program_that_imports_typedpipes_keeps_its_own_ctrl_c(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(PROGRAM)

    done = subprocess.run(
        [sys.executable, tmp_path / name], env=environment(), capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_who_ignores_ctrl_c_is_not_ended_by_it(folder: Path) -> None:
    # As a shell does for what runs in the background.
    ignoring = "import signal, runpy, sys; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    ignoring += "sys.argv = ['typedpipes', *sys.argv[1:]]\n"
    ignoring += "runpy.run_module('typedpipes', run_name='__main__')"

    done = interrupted("cyclopts", folder, "-c", ignoring)

    assert (done.returncode, done.stderr) == (0, "")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
