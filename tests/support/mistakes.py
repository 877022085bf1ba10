"""Lines that are marked as mistakes, and whether a type checker agrees with the marks.

A line that is a mistake ends in `# refused [mypy's code]: why`. One that some checkers see the
other way round ends in `# except CHECKER, CHECKER`; mypy's code is `assert-type` where the line
does not end in another, `# except mypy [arg-type]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.checkers import CHECKERS, Remark

Place = tuple[str, int]

REFUSED = re.compile(r"# refused \[(?P<code>[a-z-]+)\]")
EXCEPT = re.compile(r"# except (?P<checkers>\w+(, \w+)*)( \[(?P<code>[a-z-]+)\])?$")


def disagreements(checker: str, files: Sequence[Path]) -> list[str]:
    """Tell which mistakes a checker accepts, and what else it refuses."""
    mistakes = {where: code for where, text in lines(files) if (code := mistake(text, checker))}
    names = {file.name for file in files}
    remarks = [remark for remark in CHECKERS[checker](files) if remark.file in names]
    refused = {place(remark) for remark in remarks if is_refusal(remark, checker, mistakes)}
    accepted = [f"{file}:{line}: accepted" for file, line in sorted(mistakes.keys() - refused)]
    return accepted + [str(remark) for remark in remarks if place(remark) not in mistakes]


def lines(files: Sequence[Path]) -> Iterator[tuple[Place, str]]:
    """Return every line and where it stands."""
    for file in files:
        for number, text in enumerate(file.read_text().splitlines(), start=1):
            yield (file.name, number), text


def mistake(text: str, checker: str) -> str | None:
    """Return mypy's code for the mistake that the checker should see in this line, if any."""
    refused = REFUSED.search(text)
    excepted = EXCEPT.search(text)
    if excepted and checker in excepted["checkers"].split(", "):
        return None if refused else excepted["code"] or "assert-type"
    return refused["code"] if refused else None


def place(remark: Remark) -> Place:
    """Return the line a remark is about."""
    return remark.file, remark.line


def is_refusal(remark: Remark, checker: str, mistakes: dict[Place, str]) -> bool:
    """Tell whether a remark is about the mistake itself and not about what follows from it."""
    if checker == "mypy":
        return remark.rule == mistakes.get(place(remark))
    return not remark.rule.startswith("reportUn")  # something is unknown or unused
