"""The graph of the README as a picture: of its own program, so it is what that draws."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from tempfile import TemporaryDirectory

from typedpipes import Plumber
from typedpipes.show import show

ROOT = Path(__file__).resolve().parents[2]


def draw_site() -> str:
    """Return the picture of the graph that the first program of the README draws."""
    first, *_ = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    with TemporaryDirectory() as folder:
        program = Path(folder) / "site.py"
        program.write_text(first.partition("run(plumber)")[0])
        plumber: Plumber = runpy.run_path(str(program))["plumber"]
    return show(plumber.blueprint(), "svg")
