"""Runs mypy on programs, with the settings of the project that they belong to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from typedpipes.verify.cache import find_cache
from typedpipes.verify.project import Project, read_settings

_CHECKED = (0, 1)
"""mypy's exit codes when it could check."""


class MypyTrouble(Exception):
    """mypy could not check: its settings are wrong, or a file cannot be parsed."""


class Remark(msgspec.Struct):
    """What mypy says about a line of a program."""

    file: str
    line: int
    message: str
    code: str | None
    severity: str

    @property
    def is_error(self) -> bool:
        """Whether it says that something is wrong."""
        return self.severity == "error"


def remarks(
    project: Project, programs: Sequence[str], search: Sequence[Path]
) -> Iterator[list[Remark]]:
    """Have mypy check programs, all at once.

    Its cache is kept between calls, separate from that of the project: mypy empties a cache
    that was made with other settings.

    Args:
        project: the project whose settings apply.
        programs: their texts. One that is in the same place each time is checked faster.
        search: folders to look for modules in, besides those in the settings.

    Returns:
        What it says about each program.

    Raises:
        MypyTrouble: it could not check.
    """
    with tempfile.TemporaryDirectory(prefix="typedpipes-") as folder:
        files = [Path(folder, f"definition_{number}.py") for number in range(len(programs))]
        for file, text in zip(files, programs, strict=True):
            file.write_text(text, encoding="utf-8")
        found = _run(project, files, search)
    for file in files:
        yield [remark for remark in found if Path(remark.file).name == file.name]


def _run(project: Project, files: Sequence[Path], search: Sequence[Path]) -> list[Remark]:
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [
            # Nothing but the module mypy itself: beside a definition may be another `mypy.py`,
            # or a `json.py` that mypy would import. So it runs in a folder that we made.
            *(sys.executable, "-P", "-m", "mypy", "--output=json", "--no-error-summary"),
            *("--follow-imports=silent", "--show-traceback"),
            f"--cache-dir={find_cache(project.folder)}",
            *([f"--config-file={project.config}"] if project.config else ["--config-file="]),
            *_absolute_options(project),
            *map(str, files),
        ],
        cwd=files[0].parent,
        env={**os.environ, **_paths(project, search)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode not in _CHECKED:
        raise MypyTrouble(_first([*lines, *done.stderr.splitlines()]))
    return [msgspec.json.decode(line, type=Remark) for line in lines if line.startswith("{")]


def _first(lines: Sequence[str]) -> str:
    for line in filter(None, lines):
        if line.startswith("{"):
            remark = msgspec.json.decode(line, type=Remark)
            file = Path(remark.file)
            here = file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
            return f"{here}:{remark.line}: {remark.message}"
        return line
    return "mypy failed without a message"


def _paths(project: Project, search: Sequence[Path]) -> dict[str, str]:
    """Return the variables that name folders of modules, all of them absolute."""
    named = _settings(project).get("mypy_path", "")
    paths = re.split("[,:]", named) if isinstance(named, str) else _texts(named)
    relative = [path.strip() for path in paths if _is_relative(path.strip())]
    folders = [*_absolute("MYPYPATH"), *(project.folder / path for path in relative), *search]
    return {
        "MYPYPATH": os.pathsep.join(map(str, folders)),
        "PYTHONPATH": os.pathsep.join(_absolute("PYTHONPATH")),
    }


def _absolute(variable: str) -> list[str]:
    """Return the folders in a variable; an empty entry in it would be the working directory."""
    folders = os.environ.get(variable, "").split(os.pathsep)
    return [*map(os.path.abspath, filter(None, folders))]


def _absolute_options(project: Project) -> Iterator[str]:
    """Yield the settings that name something by a path that is relative to the project."""
    for name in ("python_executable", "custom_typeshed_dir"):
        path = str(_settings(project).get(name, ""))
        if "/" in path and _is_relative(path):  # else it is a command on the PATH
            yield f"--{name.replace('_', '-')}={project.folder / path}"


def _settings(project: Project) -> Mapping[str, object]:
    return (read_settings(project.config) if project.config else None) or {}


def _texts(value: object) -> list[str]:
    try:
        return msgspec.convert(value, list[str])
    except msgspec.ValidationError:
        return []  # mypy will refuse it


def _is_relative(path: str) -> bool:
    """Whether it is seen from the folder of the settings; mypy itself resolves the others."""
    return bool(path) and not path.startswith(("/", "~", "$"))
