"""What the type checkers say of right graphs and of wrong ones, in the files of `tests/typing`."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import pytest
from mypy import api

from tests.support.checkers import BIN, EACH, ROOT, pyright
from tests.support.mistakes import EXCEPT, REFUSED, disagreements, lines
from typedpipes import run

FILES = sorted((ROOT / "tests/typing").glob("*s_*.py"))  # accepts_*.py, refuses_*.py
TRACKER = re.compile(r"# .*https://github\.com/\S+/issues/\d+$")
MYPY = ["--strict", "--no-error-summary", "--hide-error-context", "--cache-dir=.mypy_cache/words"]

# What a user reads who made one of the mistakes this library is for.
MESSAGES = {
    "plumber.connect(measurer).to(reverser)": (
        'Argument 1 to "to" of "Joint" has incompatible type "Processor[str, str]"; '
        'expected "Stage[int, str]"  [arg-type]'
    ),
    "plumber.zip(measurer, lines).to(repeater)": (
        'Argument 1 to "to" of "Joint" has incompatible type "Processor[tuple[str, int], str]"; '
        'expected "Stage[tuple[int, str], str]"  [arg-type]'
    ),
    "plumber.merge(lines, measurer).to(reverser)": (
        'Argument 1 to "to" of "Joint" has incompatible type "Processor[str, str]"; '
        'expected "Stage[str | int, str]"  [arg-type]'
    ),
    "reverser.cleanup(output=save_texts)": (
        'Argument "output" to "cleanup" of "Processor" has incompatible type '
        '"Callable[[InputQueue[str]], Coroutine[Any, Any, None]]"; '
        'expected "Callable[[OutputQueue[str]], Awaitable[None]] | None"  [arg-type]'
    ),
    "plumber.connect(lines).keep(is_even)": (
        'Argument 1 to "keep" of "Joint" has incompatible type "Callable[[int], bool]"; '
        'expected "Callable[[str], bool]"  [arg-type]'
    ),
    "bind(scale)": 'Missing positional argument "factor" in call to "bind"  [call-arg]',
}


@pytest.mark.parametrize("checker", EACH)
def test_a_checker_refuses_every_mistake_and_nothing_else(checker: str, tmp_path: Path) -> None:
    # Copies, for where they are the settings of this project leave them out.
    files = [Path(shutil.copy(file, tmp_path)) for file in FILES]

    found = disagreements(checker, files)

    assert not found, "\n".join(found)


def test_mypy_names_both_types_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    output, errors, _ = api.run([*MYPY, str(written(tmp_path))])

    assert not errors
    assert [line.split(" error: ")[1] for line in output.splitlines()] == list(MESSAGES.values())


@pytest.mark.skipif(not (BIN / "pyright").exists(), reason="only the dev extra has it")
def test_pyright_names_type_variables_as_people_would(tmp_path: Path) -> None:
    file = written(tmp_path)

    said = "\n".join(remark.message for remark in pyright([file]))

    assert '"Taken_contra@Stage" is contravariant' in said
    assert not re.findall(r"\b[A-Z](?:_co|_contra)?@\w+", said)


@pytest.mark.parametrize("name", ["accepts_what_runs", "accepts_of_the_library"])
def test_what_all_checkers_accept_runs(name: str) -> None:
    program = runpy.run_path(str(ROOT / f"tests/typing/{name}.py"))

    report = run(program["plumber"])

    assert report.ending == "finished"
    assert len(report.collected) > 30
    assert all(items for items in report.collected.values())
    assert program["cleaned"] == ["input", "output", "doomsday"]


def written(folder: Path) -> Path:
    """Write the mistakes whose messages are known into a file."""
    file = folder / "wrong.py"
    stages = "is_even, lines, measurer, plumber, repeater, reverser, save_texts, scale"
    imports = ["from typedpipes import bind", f"from tests.typing.stages import {stages}"]
    file.write_text("\n".join([*imports, *MESSAGES]))
    return file


def test_there_are_more_than_two_hundred_mistakes() -> None:
    assert sum(1 for _, text in lines(FILES) if REFUSED.search(text)) > 200


def test_bugs_of_checkers_are_few_and_known_to_their_trackers() -> None:
    texts = dict(lines(FILES))

    excepted = [(file, line) for (file, line), text in texts.items() if EXCEPT.search(text)]

    assert 0 < len(excepted) <= 5
    for file, line in excepted:
        above = [texts[file, line - back] for back in (1, 2, 3)]
        assert any(TRACKER.match(text) for text in above), f"{file}:{line}"
