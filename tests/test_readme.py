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
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
RIGHT, WRONG, BY_HAND, IN_A_WEB_APP = BLOCKS
PRINTED, SAID = re.findall(r"```text\n(.*?)```", README, flags=re.DOTALL)
DEFINITIONS = RIGHT.partition("plumber =")[0]  # what is above the graph
IMPORTS = """\
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fastapi import FastAPI
from typedpipes import Exchange
"""
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


def test_the_readme_is_read_in_a_minute() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize(
    "code", [RIGHT, f"{DEFINITIONS}\n{BY_HAND}\nasyncio.run(main())"], ids=["here", "by hand"]
)
def test_both_programs_print_what_the_readme_says(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "readme.py"
    program.write_text(code)

    runpy.run_path(str(program))

    assert capsys.readouterr().out == PRINTED


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (RIGHT + WRONG, SAID),
        (f"{DEFINITIONS}\n{BY_HAND}", ""),
        (IMPORTS + DEFINITIONS + IN_A_WEB_APP, ""),
    ],
    ids=["wrong", "by hand", "in a web app"],
)
def test_mypy_says_of_each_program_what_the_readme_says(
    code: str, said: str, tmp_path: Path
) -> None:
    program = tmp_path / "readme.py"
    program.write_text(code)

    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    cache = "--cache-dir=.mypy_cache/readme"
    done = subprocess.run([*mypy, cache, program], cwd=ROOT, check=False, capture_output=True)

    assert [line.split(" error: ", 1)[1] for line in done.stdout.decode().splitlines()] == [
        line.removeprefix("error: ") for line in said.splitlines()
    ]


def test_the_comparison_has_the_same_cells_as_the_page_that_says_how_they_were_checked() -> None:
    page = (ROOT / "docs" / "comparison.md").read_text()

    here, there = ([cells(row) for row in rows(text)] for text in (README, page))
    assert len(here) == 9
    assert here == there


def rows(page: str) -> list[str]:
    """Return the rows of the first table of a page."""
    _, _, table = page.partition("\n\n| |")
    return ("| |" + table.partition("\n\n")[0]).splitlines()


def cells(row: str) -> list[str]:
    """Return the cells of a row, without what they link to."""
    return [re.sub(r"\[(.+)\]\(.+\)", r"\1", cell.strip()) for cell in row.split("|")]


def test_each_demo_has_a_picture_that_is_small() -> None:
    demos = re.findall(r"^    make (demo\S*) ", README, re.MULTILINE)
    pictures = re.findall(r'"(docs/pictures/(demo[\w-]*)\.\w+)"', README)

    assert {name.removesuffix("-dark") for _, name in pictures} == {*demos}
    assert all((ROOT / path).stat().st_size < 100_000 for path, _ in pictures)


async def test_the_web_app_replies(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text(IMPORTS + DEFINITIONS + IN_A_WEB_APP)
    defined = runpy.run_path(str(program))

    async with defined["lifespan"](defined["app"]):
        assert await defined["page"]("/about") == "who we are"
        with pytest.raises(KeyError):
            await defined["page"]("/gone")


@pytest.mark.parametrize(("page", "path"), sorted(LINKS))
def test_what_a_page_links_to_is_there(page: str, path: Path) -> None:
    assert path.exists()


@pytest.mark.parametrize("file", INSIDE, ids=lambda file: file.name)
def test_the_page_on_the_inside_has_every_file(file: Path) -> None:
    assert ("docs/internals.md", ROOT / "docs" / ".." / file.relative_to(ROOT)) in LINKS


@pytest.mark.parametrize("file", RANDOM, ids=lambda file: file.name)
def test_the_page_on_random_graphs_has_every_file(file: Path) -> None:
    assert ("tests/properties/README.md", file) in LINKS
