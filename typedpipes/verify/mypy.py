"""Runs mypy on programs, with the settings of the project that they belong to."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from configparser import ConfigParser, Error
from contextlib import suppress
from pathlib import Path

import msgspec
from attrs import frozen

_CONFIGS = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
_TROUBLE = 2
"""mypy's exit code when it could not check."""


class MypyTrouble(Exception):
    """mypy could not check: its settings are wrong, or a file cannot be parsed."""


class Remark(msgspec.Struct):
    """What mypy says about a line of a program."""

    file: str
    line: int
    message: str
    code: str | None
    severity: str


@frozen
class Project:
    """The project that definitions belong to.

    Attributes:
        folder: where mypy runs.
        config: the file with mypy's settings, if there is one.
    """

    folder: Path
    config: Path | None


def project_of(file: Path) -> Project:
    """Find the nearest settings of mypy around a file."""
    for folder in file.resolve().parents:
        for name in _CONFIGS:
            if _configures(folder / name):
                return Project(folder, folder / name)
    return Project(file.resolve().parent, None)


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
    folders = [*os.environ.get("MYPYPATH", "").split(os.pathsep), *map(str, search)]
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [
            *(sys.executable, "-m", "mypy", "--output=json", "--no-error-summary"),
            *("--follow-imports=silent", "--show-traceback", f"--cache-dir={_cache(project)}"),
            *([f"--config-file={project.config}"] if project.config else ["--config-file="]),
            *map(str, files),
        ],
        cwd=project.folder,
        env={**os.environ, "MYPYPATH": os.pathsep.join(filter(None, folders))},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if done.returncode >= _TROUBLE:
        raise MypyTrouble(_first([*lines, *done.stderr.splitlines()]))
    return [msgspec.json.decode(line, type=Remark) for line in lines if line.startswith("{")]


def _first(lines: Sequence[str]) -> str:
    for line in filter(None, lines):
        if line.startswith("{"):
            remark = msgspec.json.decode(line, type=Remark)
            return f"{remark.file}:{remark.line}: {remark.message}"
        return line
    return "mypy failed without a message"


def _configures(file: Path) -> bool:
    try:
        if file.suffix == ".toml":
            return "mypy" in tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
        parser = ConfigParser(interpolation=None, strict=False)
        return bool(parser.read(file, encoding="utf-8")) and parser.has_section("mypy")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, Error):
        return False  # the tool that reads it will report it


def _cache(project: Project) -> str:
    """Return a folder in mypy's cache, or in the user's; as a last resort, the null device."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    name = hashlib.sha256(os.fsencode(project.folder)).hexdigest()[:16]
    for folder in (project.folder / ".mypy_cache/typedpipes", home / "typedpipes" / name):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return str(folder)
    return os.devnull
