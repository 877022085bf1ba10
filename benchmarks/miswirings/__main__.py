"""Prints a table: how many of seven wrong graphs do type checkers refuse, per library?

    python -m benchmarks.miswirings

Every library's version of the right graph is run, to show that it is a real one. The
libraries live in an environment of their own, which is made on first use.
"""

# ruff: noqa: S603  # what it starts is named here

from __future__ import annotations

import ast
import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
ENVIRONMENT = ROOT / ".venvs/miswirings"
PYTHON = ENVIRONMENT / "bin/python"
LIBRARIES = ["typedpipes", "bytewax", "pydantic-graph", "aiostream", "spdl", "haystack-ai"]

# Remarks on how a library is typed, which no wiring of a graph could avoid.
NOT_ON_WIRING = ("reportUn", "reportMissing", "no-untyped-call", "var-annotated")


@frozen
class Refusal:
    """A line that a type checker refuses."""

    file: Path
    line: int


def main() -> None:
    """Print the table in Markdown."""
    make_environment()
    files = {library: HERE / f"with_{library.replace('-', '_')}.py" for library in LIBRARIES}
    verdicts = [list(mypy()), list(pyright())]
    print("| | mypy --strict | pyright strict | false alarms | at run time, while drawing |")
    print("|---|---|---|---|---|")
    for library, file in files.items():
        while_drawing, *version = try_out(library, file)
        caught = [mistakes_in(file, verdict) for verdict in verdicts]
        alarms = [len(lines_outside(file, verdict)) for verdict in verdicts]
        cells = [" ".join([library, *version]), *(f"{len(found)} of 7" for found in caught)]
        cells += [" + ".join(map(str, alarms)), f"{while_drawing} of 7"]
        print(f"| {' | '.join(cells)} |")


def make_environment() -> None:
    """Install the libraries, unless that is done."""
    requirements = HERE / "requirements.txt"
    stamp = ENVIRONMENT / ".installed"
    if stamp.exists() and stamp.read_text() == requirements.read_text():
        return
    print(f"Installing the libraries into {ENVIRONMENT} (once) ...", file=sys.stderr)
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    install = ["-m", "pip", "install", "--quiet", "--requirement"]
    subprocess.run([PYTHON, *install, requirements], check=True)
    stamp.write_text(requirements.read_text())


def try_out(library: str, file: Path) -> list[str]:
    """Run the right graph; give how many wrong ones it refuses to draw, and the version."""
    run: list[str | Path] = [PYTHON, "-m", "benchmarks.miswirings.try_out", library, file.stem]
    done = subprocess.run(run, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()


def mypy() -> Iterator[Refusal]:
    """Run `mypy --strict`, and nothing else of this project's settings."""
    options = ["--config-file=", "--strict", "--explicit-package-bases", "--output=json"]
    options += [f"--python-executable={PYTHON}", "--cache-dir=.mypy_cache/miswirings"]
    for line in output_of([BIN / "mypy", *options, HERE]).splitlines():
        remark = json.loads(line)
        if remark["severity"] == "error" and not remark["code"].startswith(NOT_ON_WIRING):
            yield Refusal(ROOT / remark["file"], remark["line"])


def pyright() -> Iterator[Refusal]:
    """Run pyright with the settings beside this file: strict, and nothing else."""
    options = ["--outputjson", f"--pythonpath={PYTHON}", f"--project={HERE}"]
    found = json.loads(output_of([BIN / "pyright", *options]))
    for remark in found["generalDiagnostics"]:
        if not remark.get("rule", "").startswith(NOT_ON_WIRING):
            yield Refusal(Path(remark["file"]), remark["range"]["start"]["line"] + 1)


def output_of(command: Sequence[str | Path]) -> str:
    """Run a checker and give what it prints; that it found something is no failure."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode > 1:
        sys.exit(f"{command[0]} broke down:\n{done.stdout}")
    return done.stdout


def mistakes_in(file: Path, verdict: Sequence[Refusal]) -> set[str]:
    """Return the names of the mistakes with at least one refused line."""
    lines = {refusal.line for refusal in verdict if refusal.file == file}
    return {name for name, span in spans(file) if lines.intersection(span)}


def lines_outside(file: Path, verdict: Sequence[Refusal]) -> set[int]:
    """Return the refused lines that are no mistake."""
    wrong = {line for _, span in spans(file) for line in span}
    return {refusal.line for refusal in verdict if refusal.file == file} - wrong


def spans(file: Path) -> Iterator[tuple[str, range]]:
    """Return the functions that hold a mistake, each with its lines."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("mistake_"):
            yield node.name, range(node.lineno, (node.end_lineno or node.lineno) + 1)


if __name__ == "__main__":
    main()
