"""`typedpipes init`: what it makes passes its own checks."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.commands import environment, typedpipes


@pytest.fixture
def made(tmp_path: Path) -> Path:
    done = typedpipes("init", "words", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "words"


@pytest.mark.parametrize("tool", [["mypy", "."], ["pytest", "-q", "-p", "no:cacheprovider"]])
def test_mypy_and_the_tests_pass(tool: list[str], made: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *tool],
        cwd=made,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_every_command_that_is_recommended_works(made: Path) -> None:
    told = typedpipes("init", "words", folder=made).stdout
    commands = [line.split()[1:] for line in told.splitlines() if "  typedpipes" in line]

    assert [name for name, _ in commands] == ["check", "show", "run"]
    for arguments in commands:
        done = typedpipes(*arguments, folder=made)
        assert (done.returncode, done.stderr) == (0, ""), arguments


def test_the_mistake_that_the_readme_proposes_is_refused(made: Path) -> None:
    definition = made / "pipeline.toml"
    definition.write_text(definition.read_text().replace('reverse = ["store"]', ""))
    definition.write_text(definition.read_text().replace('["store", "reverse"]', '["store"]'))

    done = typedpipes("check", "pipeline.toml", folder=made)

    assert "words -> store: words gives str, store takes tuple[str, str]" in done.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("words", "'words' already exists. Choose a name for a new folder."),
        (
            "words/pipeline.toml",
            "'words/pipeline.toml' already exists. Choose a name for a new folder.",
        ),
        *(
            (
                name,
                f"{name!r} cannot be the name of a pipeline: use letters a to z, digits, and "
                "between them also '-', '_' and '.'",
            )
            for name in ("my words", "wörter", "words-", "$name", '"', "x\n")
        ),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, said: str, made: Path) -> None:
    done = typedpipes("init", name, folder=made.parent)

    assert (done.returncode, done.stderr) == (2, f"typedpipes: {said}\n")


@pytest.mark.parametrize("name", ["my-words", "class", "far/away"])
def test_odd_names_and_far_folders_will_do(name: str, tmp_path: Path) -> None:
    done = typedpipes("init", name, folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    project = tomllib.loads((tmp_path / name / "pyproject.toml").read_text())["project"]
    assert project["name"] == Path(name).name


def test_an_empty_folder_becomes_a_project(tmp_path: Path) -> None:
    folder = tmp_path / "words"
    folder.mkdir()

    done = typedpipes("init", ".", folder=folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert 'name = "words"' in (folder / "pipeline.toml").read_text()


def test_the_project_installs_its_modules_and_not_its_tests(made: Path) -> None:
    settings = tomllib.loads((made / "pyproject.toml").read_text())

    modules = {file.stem for file in made.glob("*.py") if not file.stem.startswith("test_")}
    assert {*settings["tool"]["setuptools"]["py-modules"]} == modules
