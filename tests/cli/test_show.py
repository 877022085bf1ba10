"""`typedpipes show`, as a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import typedpipes

TEXT = """\
words

words   (source)
  str   -> length
length
  int   -> show
show
"""


@pytest.mark.parametrize(
    "target",
    [["graphs:draw"], ["words.toml", "--coroutines", "graphs"], ["words.toml", "-cgraphs"]],
)
def test_a_plumber_and_a_definition_are_shown_as_text(target: list[str], folder: Path) -> None:
    done = typedpipes("show", *target, folder=folder)

    assert (done.returncode, done.stdout, done.stderr) == (0, TEXT, "")


def test_a_definition_names_import_paths_where_no_module_is_named(folder: Path) -> None:
    text = (folder / "words.toml").read_text().replace('coro = "', 'coro = "graphs:')
    (folder / "words.toml").write_text(text)

    done = typedpipes("show", "words.toml", folder=folder)

    assert done.stdout == TEXT


def test_a_definition_is_found_and_its_modules_are_too_from_any_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    done = typedpipes("show", folder / "words.toml", "-c", "graphs", folder=elsewhere)

    assert done.stdout == TEXT


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("graph.svg", "<svg "),
        ("graph.mmd", "flowchart TD"),
        ("graph.dot", 'digraph "words"'),
        ("graph.txt", "words\n"),
    ],
)
def test_the_format_is_that_of_the_output(name: str, beginning: str, folder: Path) -> None:
    done = typedpipes("show", "graphs:draw", "--output", name, folder=folder)

    assert done.stdout == ""
    assert (folder / name).read_text().startswith(beginning)


def test_an_output_that_cannot_be_written_is_told_in_a_line(folder: Path) -> None:
    done = typedpipes("show", "graphs:draw", "-o", "no/where.svg", folder=folder)

    assert done.returncode == 2
    assert done.stderr == "typedpipes: cannot write 'no/where.svg': No such file or directory\n"
