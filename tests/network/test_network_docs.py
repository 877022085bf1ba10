"""What docs/network.md shows, run: its program prints what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs/network.md"
PROGRAMS = re.findall(r"```python\n(.*?)```.*?```text\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_is_a_program() -> None:
    assert len(PROGRAMS) == 1


def test_the_program_prints_what_the_page_says(tmp_path: Path) -> None:
    (code, said), *_ = PROGRAMS
    program = tmp_path / "squares.py"
    program.write_text(code)

    done = subprocess.run([sys.executable, program], check=True, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == (said, "")
