"""The project that a definition belongs to, and the settings for mypy in it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Container, Iterator, Mapping
from configparser import ConfigParser, Error
from pathlib import Path

from attrs import frozen

_CONFIGS = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
_ROOTS = ("pyproject.toml", "mypy.ini", ".git")
"""The files and folders that mark the root of a project."""


@frozen
class Project:
    """The project that definitions belong to.

    Attributes:
        folder: the folder of the settings; without settings, the root of the project.
        config: the file with mypy's settings, if there is one.
        left_out: a file with settings that is not used, because it, or its folder, belongs to
            another user: settings name plugins, which mypy runs.
    """

    folder: Path
    config: Path | None = None
    left_out: Path | None = None


def find_project(folder: Path, config: Path | None = None) -> Project:
    """Find the nearest settings of mypy around a folder, as far as its project reaches.

    Args:
        folder: where a definition is.
        config: the file with the settings to use instead.
    """
    if config is not None:
        return Project(config.resolve().parent, config.resolve())
    root = find_root(folder) or folder
    for each in _up_to(root, folder):
        for file in [each / name for name in _CONFIGS]:
            if read_settings(file) is None:
                continue
            if _belongs_to(each, {os.geteuid()}) and _belongs_to(file, {os.geteuid()}):
                return Project(each, file)
            return Project(root, left_out=file)
    return Project(root)


def find_root(folder: Path) -> Path | None:
    """Return the root of the project around a folder, if it is in one.

    A project ends where a folder belongs to somebody else: anyone may put files into `/tmp`.
    """
    owners = {os.geteuid(), folder.stat().st_uid}
    for each in [folder, *folder.parents]:
        if not _belongs_to(each, owners):
            return None
        if any(_belongs_to(each / name, owners) for name in _ROOTS):
            return each
    return None


def read_settings(file: Path) -> Mapping[str, object] | None:
    """Return mypy's own settings in a file, without those for single modules, if it has any."""
    try:
        if file.suffix == ".toml":
            tools: Mapping[str, Mapping[str, object]] = tomllib.loads(
                file.read_text(encoding="utf-8")
            ).get("tool", {})
            return tools.get("mypy")
        parser = ConfigParser(interpolation=None, strict=False)
        parser.read(file, encoding="utf-8")
        return parser["mypy"] if parser.has_section("mypy") else None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, Error):
        return None  # the tool that reads it will report it


def _up_to(root: Path, folder: Path) -> Iterator[Path]:
    """Yield a folder and those around it, up to the root."""
    for each in [folder, *folder.parents]:
        yield each
        if each == root:
            return


def _belongs_to(path: Path, owners: Container[int]) -> bool:
    """Whether there is such a file or folder, and one of the users owns it."""
    try:
        return path.stat().st_uid in owners
    except OSError:
        return False
