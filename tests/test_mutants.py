"""The tool that tries whether random graphs find faults."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import mutants
from tools.mutants import GRAPHS, MUTANTS, ROOT, Mutant, judge, main, outdated

TIMES = "return lines(places, share)"
HARMLESS = Mutant("nothing goes wrong", "engine/processors.py", TIMES, TIMES)
DEADLY = Mutant("nothing is ever put", "engine/processors.py", TIMES, "raise OSError")


@pytest.fixture
def few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "EXAMPLES", "3")
    monkeypatch.setattr(mutants, "SEEDS", mutants.SEEDS[:2])


def sources() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (ROOT / "typedpipes").rglob("*.py")}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_text_of_a_mutant_is_once_in_the_library(mutant: Mutant) -> None:
    assert not list(outdated([mutant]))
    assert mutant.text != mutant.instead


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_a_program(mutant: Mutant) -> None:
    before = (ROOT / "typedpipes" / mutant.file).read_text()

    compile(before.replace(mutant.text, mutant.instead), mutant.file, "exec")


def test_mutants_have_names_of_their_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize(
    ("mutant", "count"),
    [
        (Mutant("gone", "engine/node.py", "no such text", ""), 0),
        (Mutant("in no file", "engine/nodes.py", "class Node", ""), 0),
        (Mutant("too often", "engine/node.py", "def ", ""), 2),
    ],
    ids=lambda each: each.name if isinstance(each, Mutant) else str(each),
)
def test_a_mutant_whose_text_is_not_there_once_is_refused_before_anything_runs(
    mutant: Mutant,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(mutants, "MUTANTS", [HARMLESS, mutant])

    assert main([]) == 2

    (line, *_) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{mutant.name!r}: its text is ")
    assert f" times in typedpipes/{mutant.file}, and should be once." in line
    assert (" 0 times" in line) == (count == 0)


def test_a_mutant_that_is_not_there_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "tools/mutants.py", "nonsense"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "There is no mutant 'nonsense'.\n")


def test_other_seeds_are_other_graphs_in_ci_too(tmp_path: Path) -> None:
    (tmp_path / "tests/properties").mkdir(parents=True)
    shutil.copy(ROOT / "tests/properties/conftest.py", tmp_path / "tests/properties")
    (tmp_path / GRAPHS).write_text(
        "from hypothesis import given, strategies as st\n"
        "@given(st.integers())\n"
        "def test_numbers(number): print(number)\n"
    )

    def drawn(seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", GRAPHS, "-qs", f"--hypothesis-seed={seed}"],
            cwd=tmp_path,
            env={**os.environ, "CI": "true"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.rpartition("\n1 passed")[0]

    assert drawn("2") == drawn("2")
    assert drawn("2") != drawn("3")


@pytest.mark.parametrize(
    ("mutant", "right", "said"),
    [
        (None, True, ["passes   the library without a fault"]),
        (HARMLESS, False, ["SURVIVED nothing goes wrong: no random graph shows it"]),
        (DEADLY, True, ["found    nothing is ever put", "         by test_"]),
    ],
    ids=["library", "harmless", "deadly"],
)
def test_the_verdict_says_whether_random_graphs_failed_and_changes_only_copies(
    mutant: Mutant | None,
    right: bool,
    said: Sequence[str],
    few_examples: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sources()

    assert judge(mutant) == right

    lines = capsys.readouterr().out.splitlines()
    assert [line.startswith(each) for line, each in zip(lines, said, strict=True)] == [True] * len(
        said
    )
    assert sources() == before
