"""Files beside a definition that take the place of a module that mypy, or typedpipes, needs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

_NEEDED = {"attr", "attrs", "beartype", "msgspec", "mypy", "typedpipes", "typing_extensions"}


def find_obstacles(folders: Sequence[Path]) -> list[Path]:
    """Return the modules in folders that have the name of one that typedpipes or mypy needs.

    mypy takes such a module for the one that it needs, and finds other types in it.
    """
    names = _NEEDED | (sys.stdlib_module_names & sys.modules.keys())
    return [
        path
        for folder in folders
        if folder != Path(__file__).parents[2]  # a checkout of typedpipes itself
        for path in sorted(folder.iterdir())
        if path.stem in names and (path.suffix in {".py", ".pyi"} or _is_package(path))
    ]


def _is_package(path: Path) -> bool:
    return any((path / name).is_file() for name in ("__init__.py", "__init__.pyi"))
