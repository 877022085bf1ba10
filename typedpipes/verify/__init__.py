"""mypy's verdict on definitions, through generated typed programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from typedpipes.definition import Definition
from typedpipes.verify.mypy import MypyTrouble, Remark, remarks
from typedpipes.verify.obstacles import find_obstacles
from typedpipes.verify.program import Program, find_trouble, program
from typedpipes.verify.project import Project, find_project
from typedpipes.verify.translation import Mistake, mistakes


def verify(
    definitions: Sequence[Definition],
    *,
    coroutines: str | None = None,
    search: Sequence[Path] = (),
    config: Path | None = None,
) -> list[list[Mistake]]:
    """Have mypy check that the ends of definitions meet, with the settings of their project.

    Args:
        definitions: read from files.
        coroutines: the module that has their coroutines; without it, they name import paths.
        search: folders to look for modules in, besides those in mypy's settings.
        config: the file with mypy's settings, if not the nearest one in their project.

    Returns:
        What is wrong with each.

    Raises:
        MypyTrouble: mypy could not check, or did not see what it should have checked.
    """
    found: dict[int, list[Mistake]] = {}
    projects = [find_project(find_home(definition), config) for definition in definitions]
    for project in dict.fromkeys(projects):
        mine = [number for number, each in enumerate(projects) if each == project]
        programs = [program(definitions[number], coroutines) for number in mine]
        try:
            answers = _ask(project, programs, search)
        except MypyTrouble as trouble:
            raise MypyTrouble(_explain(trouble, project, search)) from trouble
        for number, each, answer in zip(mine, programs, answers, strict=True):
            found[number] = list(mistakes(definitions[number], each, answer))
    return [found[number] for number in range(len(definitions))]


def find_home(definition: Definition) -> Path:
    """Return the folder that a definition is in: the working directory if it is in no file."""
    return Path(definition.origin).resolve().parent if definition.origin else Path.cwd()


def _ask(
    project: Project, programs: Sequence[Program], search: Sequence[Path]
) -> list[list[Remark]]:
    """Return what mypy says about each program, if it has seen what is in them."""
    texts = ["\n".join([*each.lines, ""]) for each in programs]
    answers = list(remarks(project, texts, search))
    for each, answer in zip(programs, answers, strict=True):
        errors = {remark.line: remark.message for remark in answer if remark.is_error}
        if (trouble := find_trouble(each, errors)) is not None:
            raise MypyTrouble(trouble)
    return answers


def _explain(trouble: MypyTrouble, project: Project, search: Sequence[Path]) -> str:
    """Name what may be the reason: a file in the way, or settings."""
    parts = [str(trouble).removesuffix(".")]
    if obstacles := find_obstacles(search):
        names = ", ".join(map(repr, map(str, obstacles)))
        parts.append(f"{names} may be in the way: rename what has the name of another module")
    if project.config is not None:
        parts.append(f"mypy's settings are those in {str(project.config)!r}")
    return ". ".join(parts)


__all__ = ["Mistake", "MypyTrouble", "Project", "find_home", "find_project", "verify"]
