"""The code of the README and of pages in docs: all type checkers read it, it runs."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checkers import EACH, ROOT, mypy
from tests.support.mistakes import REFUSED, disagreements

BLOCK = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)
PRINTED = re.compile(r"\n\nprints\n\n```text\n(?P<text>.*?)```", re.DOTALL)
DOCS = ROOT / "docs"
PAGES = {
    "_".join(file.relative_to(DOCS).with_suffix("").parts).replace("-", "_"): file.read_text()
    for file in sorted(
        [
            *(DOCS / f"{name}.md" for name in ("typing", "guide", "index", "tutorial", "observe")),
            *DOCS.glob("operators/*.md"),
            *DOCS.glob("coming-from/*.md"),
        ]
    )
}
FOUND = {
    f"{name}_{page.count(chr(10), 0, found.start()) + 1}": (page, found)
    for name, page in PAGES.items()
    for found in BLOCK.finditer(page)
}
EXAMPLES = {name: found["code"] for name, (_, found) in FOUND.items()}
README_RIGHT, README_WRONG, *_ = BLOCK.findall((ROOT / "README.md").read_text())


@pytest.mark.parametrize("checker", EACH)
def test_a_checker_agrees_with_every_example(checker: str, tmp_path: Path) -> None:
    files = [written(tmp_path, name, code) for name, code in EXAMPLES.items()]

    found = disagreements(checker, files)

    assert not found, "\n".join(found)


def test_mypy_says_what_the_page_says(tmp_path: Path) -> None:
    files = [written(tmp_path, name, code) for name, code in EXAMPLES.items()]

    said = {f"error: {remark.message}  [{remark.rule}]" for remark in mypy(files)}

    assert said.issuperset(quoted := re.findall(r"^error: .*$", PAGES["typing"], re.MULTILINE))
    assert quoted


@pytest.mark.parametrize("checker", EACH)
def test_a_checker_refuses_the_readmes_mistake_and_nothing_else(
    checker: str, tmp_path: Path
) -> None:
    wrong = README_WRONG.replace("\n", "  # refused [arg-type]\n")

    found = disagreements(checker, [written(tmp_path, "readme", README_RIGHT + wrong)])

    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_and_prints_what_the_page_says(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = [line for line in EXAMPLES[name].splitlines() if not REFUSED.search(line)]
    page, found = FOUND[name]
    said = PRINTED.match(page, found.end())

    program = written(tmp_path, name, "\n".join(right))
    if '__name__ == "__main__"' in EXAMPLES[name]:  # its child processes import it
        done = subprocess.run([sys.executable, program], check=True, capture_output=True, text=True)
        printed = done.stdout
    else:
        runpy.run_path(str(program))
        printed = capsys.readouterr().out

    assert said is None or printed == said["text"]


def test_all_programs_of_the_pages_are_found() -> None:
    assert sum(page.count("```python") for page in PAGES.values()) == len(EXAMPLES)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "typing"])
def test_all_programs_of_a_page_say_what_they_print(name: str) -> None:
    assert PAGES[name].count("```python") == len(PRINTED.findall(PAGES[name]))


def written(folder: Path, name: str, code: str) -> Path:
    """Put an example into a file of its own."""
    file = folder / f"{name}.py"
    file.write_text(code)
    return file
