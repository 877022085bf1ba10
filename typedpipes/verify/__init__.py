"""mypy's verdict on definitions, through generated typed programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from typedpipes.definition import Definition
from typedpipes.verify.mypy import MypyTrouble, project_of, remarks
from typedpipes.verify.program import program
from typedpipes.verify.translation import Mistake, mistakes


def verify(
    definitions: Sequence[Definition],
    *,
    coroutines: str | None = None,
    search: Sequence[Path] = (),
) -> list[list[Mistake]]:
    """Have mypy check that the ends of definitions meet, with the settings of their project.

    Args:
        definitions: read from files.
        coroutines: the module that has their coroutines; without it, they name import paths.
        search: folders to look for modules in, besides those in mypy's settings.

    Returns:
        What is wrong with each.

    Raises:
        MypyTrouble: mypy could not check.
    """
    found: dict[int, list[Mistake]] = {}
    projects = [project_of(Path(definition.origin)) for definition in definitions]
    for project in dict.fromkeys(projects):
        mine = [number for number, each in enumerate(projects) if each == project]
        programs = [program(definitions[number], coroutines) for number in mine]
        texts = ["\n".join([*each.lines, ""]) for each in programs]
        answers = remarks(project, texts, search)
        for number, each, answer in zip(mine, programs, answers, strict=True):
            found[number] = list(mistakes(definitions[number], each, answer))
    return [found[number] for number in range(len(definitions))]


__all__ = ["Mistake", "MypyTrouble", "verify"]
