"""The command line itself: help, errors, exit codes, completion."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, command, environment, typedpipes
from typedpipes.cli.app import COMMANDS

REFUSED = [
    (["spam"], "Unknown command"),
    (["show"], "requires an argument"),
    (["show", "graphs:draw", "--format", "png"], 'Choose from: "text", "mermaid"'),
    (["show", "graphs:draw", "graphs:wrong"], "Unused Tokens"),
    (["run", "graphs:draw", "--grace", "0"], "--grace"),
    (["run", "graphs"], "'graphs' is neither a file nor a plumber in a module"),
    (["run", "none:draw"], "cannot import 'none': ModuleNotFoundError: No module named 'none'"),
    (["run", "graphs:drow"], "the module 'graphs' has no 'drow'. Is it graphs:wrong?"),
    (
        ["run", "graphs:number"],
        "'graphs:number' is int, not a Plumber or a function that returns one",
    ),
    (["run", "graphs:raises"], "calling 'graphs:raises' raised RuntimeError: no network"),
    (["run", "graphs:length"], "calling 'graphs:length' raised TypeError: length() missing"),
    (["run", "graphs:quits"], "calling 'graphs:quits' raised SystemExit: 3"),
    (["run", "none.toml"], "there is no file 'none.toml'"),
    (["run", "words.toml", "-c", "none"], "cannot import 'none'"),
    (["check"], "there is nothing to check"),
    (["run", "."], "'.' is a directory, not a definition. Name a file, or '-' for"),
    (["show", "graphs:draw", "-o", "x.png"], "cannot draw '.png': 'x.png' can end in .txt, .mmd"),
    (["show", "no\x1b[31m.toml"], "there is no file 'no\\x1b[31m.toml'"),
    (["check", "words.toml", "-c", "none"], "cannot import 'none'"),
    (["init", "a\x1b[31m"], "cannot be the name of a pipeline"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_what_cannot_be_done_is_told_in_a_line(
    arguments: list[str], said: str, folder: Path
) -> None:
    done = typedpipes(*arguments, folder=folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("typedpipes: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_command_there_is_help_and_an_exit_code_that_says_so(folder: Path) -> None:
    done = typedpipes(folder=folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == typedpipes("--help", folder=folder).stdout


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_that_of_the_package(flag: str, folder: Path) -> None:
    done = typedpipes(flag, folder=folder)

    assert (done.returncode, done.stdout) == (0, f"{version('typedpipes')}\n")


def test_help_lists_all_exit_codes_and_every_command_by_what_it_does(folder: Path) -> None:
    told = " ".join(typedpipes("--help", folder=folder).stdout.replace("│", " ").split())

    page = (ROOT / "docs/cli.md").read_text().split("## Exit codes")[1]
    codes = re.findall(r"^\| (\d+) \|", page, re.MULTILINE)
    listed = told.split("Exit codes:")[1]
    assert [re.sub(r"\D", "", part) for part in listed.split(",")] == codes
    assert all(f"{name} {what}" in told for name, what in COMMANDS.items())
    for name, what in COMMANDS.items():
        said = " ".join(typedpipes(name, "--help", folder=folder).stdout.split())
        assert what.removesuffix(".") in said


def test_a_suffix_in_capitals_is_the_same(folder: Path) -> None:
    typedpipes("show", "graphs:draw", "-o", "X.SVG", folder=folder)

    assert (folder / "X.SVG").read_text().startswith("<svg ")


def test_a_format_that_is_named_goes_into_a_file_of_any_name(folder: Path) -> None:
    typedpipes("show", "graphs:draw", "-o", "x.png", "-f", "text", folder=folder)

    assert (folder / "x.png").read_text().startswith("words\n")


@pytest.mark.parametrize("verb", ["show", "run"])
def test_wiring_errors_come_one_a_line(verb: str, folder: Path) -> None:
    done = typedpipes(verb, "graphs:wrong", folder=folder)

    assert (done.returncode, done.stdout) == (1, "")
    assert [line[:50] for line in done.stderr.splitlines()] == [
        "typedpipes: graphs:wrong: the output of 'length' g",
        "typedpipes: graphs:wrong: the output of 'divide' g",
    ]


def test_debug_shows_the_traceback(folder: Path) -> None:
    done = typedpipes("run", "graphs:raises", "--debug", folder=folder)

    assert done.returncode == 2
    assert 'raise RuntimeError("no network")' in done.stderr
    assert done.stderr.splitlines()[-1].startswith("typedpipes: calling")


@pytest.mark.parametrize("verb", ["check", "show", "run", "work", "runs", "broker", "init"])
def test_help_teaches_by_example(verb: str, folder: Path) -> None:
    done = typedpipes(verb, "--help", folder=folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert f" typedpipes {verb} " in done.stdout
    assert "Exit codes:" in done.stdout


@pytest.mark.parametrize("verb", [name for name in COMMANDS if not name.startswith("-")])
def test_help_has_no_option_that_empties_a_list(verb: str, folder: Path) -> None:
    done = typedpipes(verb, "--help", folder=folder)

    assert done.returncode == 0
    assert "--empty" not in done.stdout


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    shown = subprocess.Popen(
        command("show", "graphs:draw", "-f", "svg"),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with shown:
        assert shown.stdout is not None
        assert shown.stderr is not None
        shown.stdout.close()
        complaint = shown.stderr.read()

    assert complaint == b""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_commands_and_formats(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(typedpipes("--show-completion", "bash", folder=tmp_path).stdout)
    ask = (
        'source "$1"; COMP_WORDS=(typedpipes "${@:2}"); COMP_CWORD=$(($# - 1)); '
        "$(complete -p typedpipes | sed 's/.*-F \\([^ ]*\\).*/\\1/'); "
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )

    def completed(*words: str) -> list[str]:
        shell = ["bash", "--norc", "-c", ask, "bash", str(script), *words]
        done = subprocess.run(shell, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert completed("sh") == ["show"]
    assert completed("show", "--format", "m") == ["mermaid"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish_completes_commands_and_formats(tmp_path: Path) -> None:
    script = tmp_path / "completion.fish"
    script.write_text(typedpipes("--show-completion", "fish", folder=tmp_path).stdout)

    def completed(words: str) -> list[str]:
        shell = ["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]"]
        command = [*shell, str(script), words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert completed("typedpipes sh") == ["show"]
    assert completed("typedpipes show --format m") == ["mermaid"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
def test_zsh_reads_its_completion(tmp_path: Path) -> None:
    script = tmp_path / "_typedpipes"
    script.write_text(typedpipes("--show-completion", "zsh", folder=tmp_path).stdout)
    ask = (
        "zsh -n $1/_typedpipes && fpath=($1 $fpath) && autoload -Uz compinit && compinit -D && "
        "print $_comps[typedpipes]"
    )

    done = subprocess.run(
        ["zsh", "-f", "-c", ask, "zsh", str(tmp_path)],  # noqa: S607  # the zsh of the PATH
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout, done.stderr) == ("_typedpipes\n", "")


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "cyclopts.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'cyclopts'\", name='cyclopts')"
    )

    done = subprocess.run(
        [sys.executable, "-m", "typedpipes", "--help"],
        env=environment(PYTHONPATH=f"{tmp_path}:{environment()['PYTHONPATH']}"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr == (
        "typedpipes: the command line needs cyclopts: pip install 'typedpipes[cli]'\n"
    )


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["--help"], {"typedpipes.cli.check", "typedpipes.definition", "rich.live", "mypy"}),
        (["--version"], {"typedpipes.cli.show", "typedpipes.definition", "rich.live", "mypy"}),
        (["show", "graphs:draw"], {"typedpipes.cli.check", "rich.live", "mypy"}),
        (["run", "graphs:draw"], {"typedpipes.cli.check", "mypy"}),
    ],
)
def test_a_command_imports_only_what_it_needs(
    arguments: list[str], spared: set[str], folder: Path
) -> None:
    python, *rest = command(*arguments)

    done = subprocess.run(
        [python, "-X", "importtime", *rest],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "typedpipes.cli.app" in imported
    assert not imported & spared
