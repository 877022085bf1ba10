"""`typedpipes --install-completion`: it says what it writes, and then writes that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import typedpipes

WRITTEN = {
    "bash": [".local/share/bash-completion/completions/typedpipes", ".bashrc"],
    "zsh": [".zsh/completions/_typedpipes", ".zshrc"],
    "fish": [".config/fish/completions/typedpipes.fish"],
}


def files_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("shell", WRITTEN)
def test_it_says_each_file_that_it_writes_and_writes_no_other(shell: str, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "ZSH": "", "ZSH_CUSTOM": ""}

    done = typedpipes("--install-completion", shell, folder=tmp_path, **home)

    first, second = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert first.startswith("Writing ")
    assert all(f"{tmp_path}/{name}" in first for name in WRITTEN[shell])
    assert second == f"Done. It works in the next {shell}."
    assert files_in(tmp_path) == sorted(WRITTEN[shell])


def test_a_second_time_adds_nothing_to_what_the_shell_starts_with(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    typedpipes("--install-completion", "bash", folder=tmp_path, **home)
    before = (tmp_path / ".bashrc").read_text()

    typedpipes("--install-completion", "bash", folder=tmp_path, **home)

    assert (tmp_path / ".bashrc").read_text() == before


def test_oh_my_zsh_needs_nothing_in_the_startup_file(tmp_path: Path) -> None:
    (tmp_path / "oh-my-zsh").mkdir()
    home = {"HOME": str(tmp_path), "ZSH": str(tmp_path / "oh-my-zsh"), "ZSH_CUSTOM": ""}

    done = typedpipes("--install-completion", "zsh", folder=tmp_path, **home)

    written = "oh-my-zsh/custom/completions/_typedpipes"
    assert done.stdout.splitlines()[0] == f"Writing {tmp_path}/{written}."
    assert files_in(tmp_path) == [written]


def test_it_is_said_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / ".local").write_text("a file, where there should be a folder")

    done = typedpipes("--install-completion", "bash", folder=tmp_path, HOME=str(tmp_path))

    assert done.returncode == 2
    assert done.stdout.startswith("Writing ")
    assert "Done" not in done.stdout
    assert done.stderr.startswith("typedpipes: cannot write ")


def test_a_shell_that_is_not_known_is_to_be_named(tmp_path: Path) -> None:
    done = typedpipes("--show-completion", "tcsh", folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert 'Choose from: "bash", "zsh", "fish"' in done.stderr.replace("or ", "")
