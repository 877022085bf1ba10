"""A verdict of mypy that saw nothing is not believed."""

from __future__ import annotations

import venv
from pathlib import Path

import pytest

from tests.verify.projects import WRONG, ask, make_project, say
from typedpipes.verify import MypyTrouble

STILL_SEEN = {
    "an error code is disabled": "disable_error_code = arg-type, attr-defined, call-overload",
    "all imports are skipped": "follow_imports = skip",
    "missing imports are ignored": "ignore_missing_imports = true",
    "the errors of a library are ignored": "[mypy-typedpipes.*]\nignore_errors = true",
}

BLIND = {
    "errors are ignored": "ignore_errors = true",
    "errors of the program are ignored": "[mypy-definition_0]\nignore_errors = true",
    "site-packages are left out": "no_site_packages = true",
    "and what is missing is ignored": "no_site_packages = true\nignore_missing_imports = true",
    "the library is skipped": "[mypy-typedpipes.*]\nfollow_imports = skip",
    "its outer modules are skipped": "[mypy-typedpipes.plumber.*]\nfollow_imports = skip",
    "the words of programs are skipped": "[mypy-typedpipes.verify.*]\nfollow_imports = skip\n"
    "follow_imports_for_stubs = true",
}


@pytest.mark.parametrize("settings", STILL_SEEN.values(), ids=STILL_SEEN)
def test_settings_that_hide_errors_hide_none_of_a_definition(settings: str, tmp_path: Path) -> None:
    definition = make_project(tmp_path, **{"mypy.ini": f"[mypy]\n{settings}\n"})

    assert say(ask(definition)) == [WRONG]


@pytest.mark.parametrize("settings", BLIND.values(), ids=BLIND)
def test_settings_with_which_mypy_sees_nothing_are_named(settings: str, tmp_path: Path) -> None:
    definition = make_project(tmp_path, **{"mypy.ini": f"[mypy]\n{settings}\n"})

    with pytest.raises(MypyTrouble) as trouble:
        ask(definition)

    assert f"mypy's settings are those in {str(tmp_path / 'mypy.ini')!r}" in str(trouble.value)


@pytest.mark.parametrize(
    ("ignored", "said"),
    [
        (False, "typedpipes cannot be used there: Cannot find implementation or library stub"),
        (True, "a connection that is wrong on purpose was accepted"),
    ],
)
def test_an_environment_without_typedpipes_is_no_verdict(
    ignored: bool, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)  # it would be there by this
    venv.create(tmp_path / "empty")
    settings = "python_executable = empty/bin/python\n"
    settings += f"ignore_missing_imports = {ignored}\n"
    definition = make_project(tmp_path, **{"mypy.ini": f"[mypy]\n{settings}"})

    with pytest.raises(MypyTrouble, match=said):
        ask(definition)


def test_a_coroutine_that_is_skipped_is_not_taken_for_right(tmp_path: Path) -> None:
    settings = "[mypy]\n[mypy-steps]\nfollow_imports = skip\n"
    definition = make_project(tmp_path, **{"mypy.ini": settings})

    assert [mistake.where for mistake in ask(definition)] == [
        "nodes.words",
        "nodes.hush",
        "nodes.hear",
    ]


def test_a_mypy_that_is_killed_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    settings = "[mypy]\nplugins = plugin.py\n"
    definition = make_project(tmp_path, **{"mypy.ini": settings, "plugin.py": plugin})

    with pytest.raises(MypyTrouble, match="mypy failed without a message"):
        ask(definition)
