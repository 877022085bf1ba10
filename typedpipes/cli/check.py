"""`typedpipes check`: do the ends of a graph meet?"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from typedpipes.cli.refusal import OK, WRONG, Refusal, select_errors
from typedpipes.cli.target import (
    Names,
    find_module_folders,
    is_definition_file,
    load_plumber,
    require_file,
)
from typedpipes.definition import Definition, draw, read
from typedpipes.errors import DefinitionError, DefinitionErrors, WiringError, WiringErrors
from typedpipes.plumber.looking import looking_only
from typedpipes.verify import Mistake, MypyTrouble, verify


class Finding(msgspec.Struct):
    """A problem found in a target.

    Attributes:
        target: as named on the command line.
        line: the line in the file, if the target is a file.
        where: the node, or the connection as `reverse -> store`.
        message: what is wrong.
    """

    target: str
    line: int | None
    where: str
    message: str

    def __str__(self) -> str:
        place = self.target if self.line is None else f"{self.target}:{self.line}"
        return ": ".join(filter(None, (place, self.where, self.message)))


def check_command(
    *targets: str,
    format: Annotated[Literal["text", "json"], Parameter(name=["--format", "-f"])] = "text",  # noqa: A002
    names: Names = Names(),  # noqa: B008  # frozen
) -> int:
    """Check that the ends of graphs meet, without running them.

    mypy checks a definition file against the types of its coroutines, with the settings of your
    project. For a plumber in a module only the wiring is checked; mypy checks its types along
    with the rest of your code.

        typedpipes check pipeline.toml
        typedpipes check *.toml --coroutines words.steps --format json
        typedpipes check package.module:plumber

    Args:
        targets: definition files, and plumbers as `package.module:plumber`.
        format: `text`, one line for each node and connection that is wrong, or `json`.
        names: how a definition names its coroutines.
    """
    if not targets:
        raise Refusal("there is nothing to check: name a definition file or package.module:plumber")
    files = [target for target in dict.fromkeys(targets) if is_definition_file(target)]
    found = dict(zip(files, _check_files(files, names), strict=True))
    for target in targets:
        if target not in found:
            found[target] = list(_check_module(target, names))
    findings = [finding for target in targets for finding in found[target]]
    if format == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(findings)).decode() + "\n")
    else:
        sys.stdout.writelines(f"{finding}\n" for finding in findings)
        sys.stdout.writelines(f"{target}: ok\n" for target in targets if not found[target])
    return WRONG if findings else OK


def _check_module(target: str, names: Names) -> Iterator[Finding]:
    try:
        load_plumber(target, names)
    except Refusal as refusal:
        if not isinstance(refusal.__cause__, WiringErrors):
            raise
        for error in select_errors(refusal.__cause__, WiringError):
            yield Finding(target, None, ", ".join(error.nodes), str(error))


def _check_files(targets: Sequence[str], names: Names) -> Iterator[list[Finding]]:
    """Yield what the loader finds wrong with each file, and what only mypy finds."""
    # Whatever modules print on import is not the output of this command.
    with looking_only(), redirect_stdout(sys.stderr):
        loaded = [_load_definition(target, names) for target in targets]
    readable = [definition for definition, _ in loaded if definition is not None]
    explained = any(findings for _, findings in loaded)
    verdicts = iter(_ask_mypy(readable, names, explained=explained))
    for target, (definition, findings) in zip(targets, loaded, strict=True):
        more = [
            Finding(target, mistake.line, mistake.where, mistake.what)
            for mistake in (next(verdicts) if definition is not None else ())
            if not any(_covers(finding, mistake) for finding in findings)
        ]
        yield sorted([*findings, *more], key=lambda finding: finding.line or 0)


def _ask_mypy(
    definitions: Sequence[Definition], names: Names, *, explained: bool
) -> list[list[Mistake]]:
    """Run mypy. If it cannot check, the loader may already have found the reason."""
    homes = dict.fromkeys(Path(each.origin).resolve().parent for each in definitions)
    search = dict.fromkeys(folder for home in homes for folder in find_module_folders(home))
    try:
        return verify(definitions, coroutines=names.coroutines, search=[*search])
    except MypyTrouble as trouble:
        if not explained:
            raise Refusal(f"mypy could not check: {trouble}") from trouble
        sys.stderr.write(f"typedpipes: mypy could not check: {trouble}\n")
        return [[] for _ in definitions]


def _covers(finding: Finding, mistake: Mistake) -> bool:
    """Whether the loader has already found it: the loader knows which part of a node is wrong."""
    return finding.where == mistake.where or finding.where.startswith(f"{mistake.where}.")


def _load_definition(target: str, names: Names) -> tuple[Definition | None, list[Finding]]:
    file = require_file(target)
    definition = None
    try:
        definition = read(file)
        draw(
            definition,
            names.find_coroutines(file),
            import_paths=names.import_paths,
            strict=names.strict,
        )
    except DefinitionErrors as wrong:
        return definition, [
            Finding(target, error.line, error.where, error.what)
            for error in select_errors(wrong, DefinitionError)
        ]
    return definition, []
