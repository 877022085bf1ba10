"""The graph of a page as a picture: of the page's own program, so it is what that draws."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from tempfile import TemporaryDirectory

from typedpipes import Plumber
from typedpipes.show import show


def draw_graph(page: Path) -> str:
    """Return the picture of the graph that the first program of a page draws."""
    first, *_ = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    with TemporaryDirectory() as folder:
        program = Path(folder) / "drawn.py"
        program.write_text(first.partition("run(plumber)")[0].removesuffix("report = "))
        plumber: Plumber = runpy.run_path(str(program))["plumber"]
    return show(plumber.blueprint(), "svg")
