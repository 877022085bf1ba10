"""`typedpipes init`: what it makes passes its own checks."""

from __future__ import annotations

import subprocess
import sys
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
        ("words", "'words' is there already. Choose a name for a new folder."),
        ("my-words", "'my-words' cannot be the name of a pipeline: use letters, digits and _"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, said: str, made: Path) -> None:
    done = typedpipes("init", name, folder=made.parent)

    assert (done.returncode, done.stderr) == (2, f"typedpipes: {said}\n")
