"""What the page says about its programs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cookbook.programs import PAGE, PLAIN, PROGRAMS, lines_in, written
from tests.support.checkers import EACH
from tests.support.mistakes import disagreements

COUNTS = re.compile(r"\*\*(\d+) lines, in plain asyncio (\d+)\.\*\*")


def test_every_program_is_tried_and_written_plainly_too() -> None:
    here = Path(__file__).parent

    assert PAGE.count("```python") == len(PROGRAMS)
    assert {file.stem for file in PLAIN.glob("*.py")} == set(PROGRAMS)
    assert {file.stem.removeprefix("test_") for file in here.glob("test_*.py")} == {
        *PROGRAMS,
        "page",
    }


def test_the_page_counts_the_lines_of_both() -> None:
    counted = [
        (lines_in(code), lines_in((PLAIN / f"{name}.py").read_text()))
        for name, code in PROGRAMS.items()
    ]

    assert [(int(here), int(plain)) for here, plain in COUNTS.findall(PAGE)] == counted


@pytest.mark.parametrize("checker", EACH)
def test_a_checker_accepts_every_program(checker: str, tmp_path: Path) -> None:
    files = [written(tmp_path, name) for name in PROGRAMS]

    assert not disagreements(checker, files)
