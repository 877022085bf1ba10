"""mypy's verdict is that of mypy, whatever lies beside a definition."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import environment, typedpipes
from tests.verify.projects import DEFINITION, STEPS, WRONG, ask, make_project, say
from typedpipes.verify import MypyTrouble

TRAP = """\
import pathlib
pathlib.Path(__file__).with_name("owned").touch()
raise SystemExit(0)
"""


@pytest.mark.parametrize("name", ["mypy", "queue", "json", "tomllib", "configparser"])
def test_a_module_beside_a_definition_does_not_run_in_the_place_of_another(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = make_project(tmp_path, **{f"{name}.py": TRAP})
    monkeypatch.chdir(tmp_path)

    assert say(ask(definition)) == [WRONG]
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("name", ["mypy", "queue", "json", "rich", "tempfile"])
def test_a_check_in_the_folder_of_a_definition_runs_only_its_modules(
    name: str, tmp_path: Path
) -> None:
    make_project(tmp_path, **{f"{name}.py": TRAP})

    done = subprocess.run(
        # As the script `typedpipes` does, for which Python does not search the working directory.
        [sys.executable, "-P", "-m", "typedpipes", "check", "pipeline.toml", "-c", "steps"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, f"pipeline.toml:5: {WRONG}\n")
    assert not (tmp_path / "owned").exists()


def test_a_module_that_python_has_itself_is_not_taken_from_the_working_directory(
    tmp_path: Path,
) -> None:
    make_project(tmp_path, **{"sched.py": STEPS})

    done = subprocess.run(
        [sys.executable, "-P", "-m", "typedpipes", "check", "pipeline.toml", "-c", "sched"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == (
        f"typedpipes: cannot import {str(tmp_path / 'sched.py')!r} as 'sched': "
        "Python has a module of that name. Rename the file.\n"
    )


def test_a_module_with_the_name_of_one_of_python_is_taken_where_python_takes_it(
    tmp_path: Path,
) -> None:
    make_project(tmp_path, **{"sched.py": STEPS})

    # With `python -m`, Python itself searches the working directory first.
    done = typedpipes("show", "pipeline.toml", "-c", "sched", folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_is_in_the_way_is_named(tmp_path: Path) -> None:
    definition = make_project(tmp_path, **{"typedpipes.py": "x = 1\n", "typing.pyi": "x: int\n"})

    with pytest.raises(MypyTrouble) as trouble:
        ask(definition)

    assert f"{str(tmp_path / 'typedpipes.py')!r}, {str(tmp_path / 'typing.pyi')!r}" in str(
        trouble.value
    )
    assert "may be in the way: rename" in str(trouble.value)


def test_paths_in_settings_are_those_of_the_project(tmp_path: Path) -> None:
    definition = make_project(
        tmp_path / "conf", **{"../mypy.ini": "[mypy]\nmypy_path = lib, other:more\n"}
    )
    (tmp_path / "more").mkdir()
    (definition.parent / "steps.py").rename(tmp_path / "more/steps.py")

    assert say(ask(definition)) == [WRONG]


def test_relative_variables_name_folders_as_seen_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = make_project(tmp_path / "conf", **{"../lib/steps.py": STEPS})
    (definition.parent / "steps.py").unlink()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MYPYPATH", "lib")

    assert say(ask(definition)) == [WRONG]


def test_what_a_definition_is_made_of_is_unchanged(tmp_path: Path) -> None:
    definition = make_project(tmp_path)

    ask(definition)

    assert definition.read_text() == DEFINITION
    assert {each.name for each in tmp_path.iterdir()} == {
        "pipeline.toml", "steps.py", ".mypy_cache",
    }  # fmt: skip
