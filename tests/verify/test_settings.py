"""Which settings mypy gets, and where it keeps what it found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.verify.projects import WRONG, ask, make_project, say
from typedpipes.verify import find_project

PLUGIN = "import pathlib\npathlib.Path(__file__).with_name('owned').touch()\n"
SETTINGS = "[mypy]\nplugins = trap.py\n"


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Return a set: what is put into it belongs to another user."""
    foreign = set[Path]()
    real = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = real(path, follow_symlinks=follow_symlinks)
        if path not in foreign:
            return found
        return os.stat_result((*found[:4], found.st_uid + 1, *found[5:]))

    monkeypatch.setattr(Path, "stat", stat)
    return foreign


def test_settings_of_the_project_are_used(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    definition = make_project(
        tmp_path / "conf", **{"../mypy.ini": SETTINGS, "../trap.py": PLUGIN + "plugin = None\n"}
    )

    with pytest.raises(Exception, match="trap"):
        ask(definition)
    assert (tmp_path / "owned").exists()


@pytest.mark.parametrize("root", ["pyproject.toml", "mypy.ini", ".git"])
def test_settings_beyond_the_root_of_the_project_are_not_used(root: str, tmp_path: Path) -> None:
    definition = make_project(
        tmp_path / "project/conf", **{"../../mypy.ini": SETTINGS, "../../trap.py": PLUGIN}
    )
    (tmp_path / "project" / root).touch()

    assert say(ask(definition)) == [WRONG]
    assert not (tmp_path / "owned").exists()
    assert find_project(definition.parent).folder == tmp_path / "project"


def test_without_a_project_only_the_settings_in_the_same_folder_are_used(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[mypy]\n")
    (tmp_path / "inside").mkdir()

    assert find_project(tmp_path / "inside").config is None
    assert find_project(tmp_path).config == tmp_path / "setup.cfg"


@pytest.mark.parametrize("whose", [".", "mypy.ini"])
def test_settings_of_another_user_are_left_out(
    whose: str, tmp_path: Path, others: set[Path]
) -> None:
    definition = make_project(tmp_path, **{"mypy.ini": SETTINGS, "trap.py": PLUGIN})
    others.add(tmp_path / whose)

    assert say(ask(definition)) == [WRONG]
    assert not (tmp_path / "owned").exists()
    assert find_project(tmp_path).left_out == tmp_path / "mypy.ini"


def test_a_project_ends_where_a_folder_belongs_to_another_user(
    tmp_path: Path, others: set[Path]
) -> None:
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    (tmp_path / "mine").mkdir()
    others.add(tmp_path)

    project = find_project(tmp_path / "mine")

    assert (project.folder, project.config) == (tmp_path / "mine", None)


def test_settings_that_are_named_are_used_whatever_is_nearer(tmp_path: Path) -> None:
    definition = make_project(
        tmp_path / "near", **{"mypy.ini": SETTINGS, "trap.py": PLUGIN, "../far/my.ini": "[mypy]\n"}
    )

    assert say(ask(definition, config=tmp_path / "far/my.ini")) == [WRONG]
    assert not (tmp_path / "near/owned").exists()


@pytest.mark.parametrize("link", [".mypy_cache", ".mypy_cache/typedpipes", "deep"])
def test_a_cache_that_leads_elsewhere_is_not_followed(
    link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = make_project(tmp_path / "project")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    place = link if link != "deep" else ".mypy_cache/typedpipes/3.11"
    (definition.parent / place).parent.mkdir(parents=True, exist_ok=True)
    (definition.parent / place).symlink_to(elsewhere)

    assert say(ask(definition)) == [WRONG]
    assert list(elsewhere.iterdir()) == []
    assert any(file.is_file() for file in (tmp_path / "home").rglob("*"))


def test_a_cache_in_the_folder_of_another_user_is_not_used(
    tmp_path: Path, others: set[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = make_project(tmp_path / "project")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    others.add(tmp_path / "project")

    assert say(ask(definition)) == [WRONG]
    assert not (tmp_path / "project/.mypy_cache").exists()
    assert any(file.is_file() for file in (tmp_path / "home").rglob("*"))
