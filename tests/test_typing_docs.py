"""The code of docs/typing.md and of the README, as all type checkers see it, and run."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from tests.support.checkers import EACH, ROOT, mypy
from tests.support.mistakes import REFUSED, disagreements

BLOCK = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)
PAGE = (ROOT / "docs/typing.md").read_text()
EXAMPLES = {
    f"typing_{PAGE.count(chr(10), 0, found.start()) + 1}": found["code"]
    for found in BLOCK.finditer(PAGE)
}
README_RIGHT, README_WRONG = BLOCK.findall((ROOT / "README.md").read_text())


@pytest.mark.parametrize("checker", EACH)
def test_a_checker_agrees_with_every_example(checker: str, tmp_path: Path) -> None:
    files = [written(tmp_path, name, code) for name, code in EXAMPLES.items()]

    found = disagreements(checker, files)

    assert not found, "\n".join(found)


def test_mypy_says_what_the_page_says(tmp_path: Path) -> None:
    files = [written(tmp_path, name, code) for name, code in EXAMPLES.items()]

    said = {f"error: {remark.message}  [{remark.rule}]" for remark in mypy(files)}

    assert said.issuperset(quoted := re.findall(r"^error: .*$", PAGE, re.MULTILINE))
    assert quoted


@pytest.mark.parametrize("checker", EACH)
def test_a_checker_refuses_the_readmes_mistake_and_nothing_else(
    checker: str, tmp_path: Path
) -> None:
    wrong = README_WRONG.replace("\n", "  # refused [arg-type]\n")

    found = disagreements(checker, [written(tmp_path, "readme", README_RIGHT + wrong)])

    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    right = [line for line in EXAMPLES[name].splitlines() if not REFUSED.search(line)]

    runpy.run_path(str(written(tmp_path, name, "\n".join(right))))


def written(folder: Path, name: str, code: str) -> Path:
    """Put an example into a file of its own."""
    file = folder / f"{name}.py"
    file.write_text(code)
    return file
