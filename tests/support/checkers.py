"""The four type checkers, each as a function from files to its remarks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@frozen
class Remark:
    """What a checker finds wrong with a line.

    The file is its bare name: where the folder has changed since, mypy's cache still
    has the old one.
    """

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: [{self.rule}] {self.message.splitlines()[0]}"


Checker = Callable[[Sequence[Path]], Iterator[Remark]]


def mypy(files: Sequence[Path]) -> Iterator[Remark]:
    """Run mypy with the settings of mypy.ini."""
    options = ["--output=json", "--cache-dir=.mypy_cache/typing", f"--python-version={VERSION}"]
    for line in filter(None, output_of("mypy", *options, *files).splitlines()):
        found = json.loads(line)
        if found["severity"] == "error":
            yield Remark(name_of(found["file"]), found["line"], found["code"], found["message"])


def pyright(files: Sequence[Path]) -> Iterator[Remark]:
    """Run pyright with the settings of pyproject.toml."""
    options = ["--outputjson", f"--pythonpath={sys.executable}", f"--pythonversion={VERSION}"]
    for found in json.loads(output_of("pyright", *options, *files))["generalDiagnostics"]:
        line = found["range"]["start"]["line"] + 1
        yield Remark(name_of(found["file"]), line, found.get("rule", "syntax"), found["message"])


def pyrefly(files: Sequence[Path]) -> Iterator[Remark]:
    """Run pyrefly with the settings of pyproject.toml."""
    options = ["--config=pyproject.toml", "--preset=strict", "--output-format=json"]
    options += [f"--python-interpreter-path={sys.executable}", f"--python-version={VERSION}"]
    for found in json.loads(output_of("pyrefly", "check", *options, *files))["errors"]:
        file, message = name_of(found["path"]), found["concise_description"]
        yield Remark(file, found["line"], found["name"], message)


def ty(files: Sequence[Path]) -> Iterator[Remark]:
    """Run ty with the settings of pyproject.toml."""
    options = ["--output-format=gitlab", f"--python={sys.prefix}", f"--python-version={VERSION}"]
    for found in json.loads(output_of("ty", "check", *options, *files)):
        place = found["location"]
        line = place["positions"]["begin"]["line"]
        yield Remark(name_of(place["path"]), line, found["check_name"], found["description"])


CHECKERS: dict[str, Checker] = {"mypy": mypy, "pyright": pyright, "pyrefly": pyrefly, "ty": ty}
EACH = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(not (BIN / name).exists(), reason="only the dev extra has it"),
    )
    for name in CHECKERS
]


def name_of(path: str) -> str:
    return Path(path).name


def output_of(tool: str, *arguments: str | Path) -> str:
    """Run a tool of this environment at the root of the project, and give what it prints.

    Raises:
        RuntimeError: it broke down, which finding mistakes is not.
    """
    done = subprocess.run(
        [BIN / tool, *arguments],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode > 1:
        raise RuntimeError(f"{tool} broke down:\n{done.stdout}\n{done.stderr}")
    return done.stdout
