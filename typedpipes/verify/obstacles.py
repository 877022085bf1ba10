"""Modules beside a definition that take the place of one that mypy, or typedpipes, needs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def find_obstacles(folders: Sequence[Path]) -> list[Path]:
    """Return the modules in folders whose name is that of another one, which runs here.

    mypy takes such a module for the one that typedpipes imports, and finds other types in it.
    """
    return [
        path
        for folder in folders
        for path in sorted(folder.iterdir())
        if _is_module(path) and _runs_from_elsewhere(path)
    ]


def _is_module(path: Path) -> bool:
    names = ("__init__.py", "__init__.pyi")
    return path.suffix in {".py", ".pyi"} or any((path / name).is_file() for name in names)


def _runs_from_elsewhere(path: Path) -> bool:
    """Whether the module of that name has been imported from another file."""
    if path.stem == "mypy":  # runs in another process
        return True
    if path.stem not in sys.modules or path.stem == "__main__":
        return False
    file = getattr(sys.modules[path.stem], "__file__", None)
    return file is None or path not in {Path(file), Path(file).parent}
