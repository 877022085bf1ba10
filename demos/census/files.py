"""Where the census begins: the Python files below a folder, and reading one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

INSTALLED = {"site-packages", "dist-packages", "node_modules"}  # other people's code
NO_PACKAGE = "(modules)"


@frozen
class PythonFile:
    """A file, and the package below the census's folder that it counts for."""

    path: Path
    package: str


@frozen
class Text:
    """What is in a file, not yet decoded: the parser reads its encoding line."""

    file: PythonFile
    content: bytes


def python_files(folder: Path) -> Iterator[PythonFile]:
    """Walk the folder in order, without hidden folders and without installed code."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in INSTALLED and not name.startswith(".")
        )
        package = next(iter(Path(place).relative_to(folder).parts), NO_PACKAGE)
        for name in sorted(names):
            if name.endswith(".py"):
                yield PythonFile(Path(place, name), package)


def read(file: PythonFile) -> Text:
    """Read a file. It blocks, so it is a thread's work."""
    return Text(file, file.path.read_bytes())
