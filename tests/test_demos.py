"""The demos, run as a reader of the README runs them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from demos import strings
from demos.census.files import PythonFile, Text, python_files
from demos.census.signatures import Parsed, count_functions, count_typed, parse, signatures
from demos.net import ledger
from typedpipes import run

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # seconds until a process that does not end is a failed test


def census(folder: Path) -> str:
    command = [sys.executable, "-W", "error", "-m", "demos.census", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    return done.stdout


def parsed(source: str) -> Parsed:
    return parse(Text(PythonFile(Path("some.py"), "some"), source.encode()))


def test_strings_shows_each_string_beside_its_own_reverse(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(strings.draw())

    pairs = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert len(pairs) == 10
    assert all(mirrored == original[::-1] for original, mirrored in pairs)


def test_the_census_counts_per_package_and_lists_what_does_not_parse(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("def f(a): ...")
    package = tmp_path / "box"
    package.mkdir()
    (package / "typed.py").write_text("def f(a: int) -> int: ...\ndef g(a): ...")
    (package / "broken.py").write_text("\ndef (")

    told = census(tmp_path)

    rows = [line.strip("│┃ ").split() for line in told.splitlines() if "│" in line]
    assert [" ".join(cell for cell in row if cell != "│") for row in rows] == [
        "box 1 2 1 50.0%",
        "(modules) 1 1 0 0.0%",
        "total 2 3 1 33.3%",
    ]
    assert "1 file could not be counted:" in told
    assert f"{Path('box', 'broken.py')}:2: invalid syntax" in told


def test_an_empty_folder_has_a_census_too(tmp_path: Path) -> None:
    told = census(tmp_path)

    assert "0 Python files" in told
    assert "could not be counted" not in told


def test_a_census_of_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        census(tmp_path / "nowhere")

    assert refused.value.returncode == 2
    assert "there is no folder" in refused.value.stderr


@pytest.mark.parametrize(
    "function",
    [
        "def f() -> None: ...",
        "async def f(a: int, /, b: int, *c: int, d: int, **e: int) -> int: ...",
        "class C:\n    def f(self, a: int) -> None: ...",
        "class C:\n    @classmethod\n    def f(cls) -> None: ...",
    ],
)
def test_a_function_is_typed_if_it_says_every_type(function: str) -> None:
    (signature,) = signatures(ast.parse(function))

    assert signature.typed


@pytest.mark.parametrize(
    "function",
    [
        "def f(): ...",
        "def f(a: int): ...",
        "def f(a) -> None: ...",
        "def f(*a) -> None: ...",
        "def f(**a) -> None: ...",
        "def f(*, a) -> None: ...",
        "def f(a, /) -> None: ...",
    ],
)
def test_a_function_is_not_typed_if_it_leaves_one_out(function: str) -> None:
    (signature,) = signatures(ast.parse(function))

    assert not signature.typed


async def test_methods_and_nested_functions_are_counted() -> None:
    file = parsed("class C:\n    def f(self):\n        def g() -> None: ...\n")

    assert await count_functions(file) == 2
    assert await count_typed(file) == 1


def test_style_warnings_of_other_peoples_code_are_not_ours() -> None:
    assert parsed(r"def f(): return '\d'").signatures


def test_installed_and_hidden_code_is_not_counted(tmp_path: Path) -> None:
    for folder in ("mine", ".venv", "site-packages"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").touch()

    assert [file.package for file in python_files(tmp_path)] == ["mine"]


@pytest.mark.slow
def test_in_the_network_demo_a_worker_is_killed_and_nothing_is_lost() -> None:
    command = [sys.executable, "-W", "error", "-m", "demos.net", "--count", "2000"]

    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE
    )

    assert (
        "is killed (SIGKILL), with items in its hands\n"
        "its items come back after 2 s, and what is behind them waits\n"
    ) in done.stdout
    last = done.stdout.splitlines()[-1]
    assert last.startswith("2000 items in ")
    assert last.endswith(" s: 0 lost, 0 twice, order kept")
    assert done.stderr == ""
    workers = re.findall(r"worker (\d+) starts", done.stdout)
    assert len(workers) == 4
    assert not [each for each in workers if Path("/proc", each).exists()]


def test_a_ledger_that_is_wrong_is_seen_as_such(tmp_path: Path) -> None:
    (tmp_path / "1.ledger").write_text("1 a 1 1\n4 d 4 8\n5 d 4 8\n")
    (tmp_path / "2.ledger").write_text("2 b 9 27\n3 c 9 27\n")

    stored = ledger.read(tmp_path, 5)

    assert stored.numbers == [1, 3, 3, 2]
    assert (stored.lost, stored.twice, stored.out_of_order, stored.again) == (2, 1, 1, 1)
    assert not stored.is_right
    assert str(stored) == "2 lost, 1 twice, 1 out of order"
