"""What the README shows, run: its code prints what it says, its mistakes are refused as it says."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
# A block of code and the block of text after it: what it prints, or what mypy says of it.
EXAMPLES = re.findall(r"```python\n(.*?)```.*?```text\n(.*?)```", README, flags=re.DOTALL)
INSIDE = [
    file
    for layer in ("flow", "queues", "engine")
    for file in (ROOT / "typedpipes" / layer).glob("*.py")
    if file.name != "__init__.py"
]
RANDOM = list((ROOT / "tests" / "properties").glob("*.py"))
LINKS = {
    (page, (ROOT / page).parent / path)
    for page in (
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/internals.md",
        "tests/properties/README.md",
    )
    for path in re.findall(r"\]\((?!http)([^)#]+)", (ROOT / page).read_text())
}


def test_there_is_a_right_and_a_wrong_example() -> None:
    assert ["error:" in said for _, said in EXAMPLES] == [False, True]


def test_the_right_example_prints_what_the_readme_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (code, said), _ = EXAMPLES
    program = tmp_path / "readme.py"
    program.write_text(code)

    runpy.run_path(str(program))

    assert capsys.readouterr().out == said


def test_mypy_refuses_the_wrong_example_as_the_readme_says(tmp_path: Path) -> None:
    (right, _), (wrong, said) = EXAMPLES
    program = tmp_path / "readme.py"
    program.write_text(right + wrong)

    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    cache = "--cache-dir=.mypy_cache/readme"
    done = subprocess.run([*mypy, cache, program], cwd=ROOT, check=False, capture_output=True)

    assert done.returncode == 1
    assert [line.split(" error: ", 1)[1] for line in done.stdout.decode().splitlines()] == [
        line.removeprefix("error: ") for line in said.splitlines()
    ]


@pytest.mark.parametrize(("page", "path"), sorted(LINKS))
def test_what_a_page_links_to_is_there(page: str, path: Path) -> None:
    assert path.exists()


@pytest.mark.parametrize("file", INSIDE, ids=lambda file: file.name)
def test_the_page_on_the_inside_has_every_file(file: Path) -> None:
    assert ("docs/internals.md", ROOT / "docs" / ".." / file.relative_to(ROOT)) in LINKS


@pytest.mark.parametrize("file", RANDOM, ids=lambda file: file.name)
def test_the_page_on_random_graphs_has_every_file(file: Path) -> None:
    assert ("tests/properties/README.md", file) in LINKS
