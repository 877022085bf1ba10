"""The programs of docs/cookbook.md, and the same in plain asyncio."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

from tests.support.checkers import ROOT

PAGE = (ROOT / "docs/cookbook.md").read_text()
BLOCK = re.compile(r"```python\n(?P<code># (?P<name>\w+)\.py\n.*?)```", re.DOTALL)
PROGRAMS = {found["name"]: found["code"] for found in BLOCK.finditer(PAGE)}
PLAIN = Path(__file__).parent / "plain"
BOTH = ("page", "plain")


def written(folder: Path, name: str) -> Path:
    """Write a program of the page to a file."""
    file = folder / f"{name}.py"
    file.write_text(PROGRAMS[name])
    return file


def file_of(which: str, name: str, folder: Path) -> Path:
    """Return the file of a program: of the one on the page, or of the plain one."""
    return written(folder, name) if which == "page" else PLAIN / f"{name}.py"


def imported(which: str, name: str, folder: Path) -> Any:  # noqa: ANN401  # Any: no checker sees what is in it
    """Import a program: the one on the page, or the plain one."""
    spec = importlib.util.spec_from_file_location(
        f"cookbook_{which}_{name}", file_of(which, name, folder)
    )
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines_in(code: str) -> int:
    """Count the lines that are not blank and not only a comment."""
    lines = [line.strip() for line in code.splitlines()]
    return sum(1 for line in lines if line and not line.startswith("#"))
