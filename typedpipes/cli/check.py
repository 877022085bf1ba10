"""`typedpipes check`: do the ends of a graph meet?"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

from attrs import Factory, define, evolve
from cyclopts import Parameter

from typedpipes.cli.finding import Finding
from typedpipes.cli.formats import Format, Outcome, format_outcome
from typedpipes.cli.refusal import OK, USAGE, WRONG, Refusal, select_errors
from typedpipes.cli.target import (
    Names,
    find_home,
    find_module_folders,
    is_definition,
    load_plumber,
    open_target,
)
from typedpipes.definition import Definition, draw, read
from typedpipes.definition.mistakes import MOST_EQUAL, format_more
from typedpipes.errors import DefinitionError, DefinitionErrors, WiringError, WiringErrors
from typedpipes.plumber.looking import looking_only
from typedpipes.shorten import escape_unprintable
from typedpipes.verify import Mistake, MypyTrouble, find_project, verify


def check_command(
    *targets: str,
    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "text",  # noqa: A002
    config: Path | None = None,
    names: Names = Names(),  # noqa: B008  # frozen
) -> int:
    """Check that the ends of graphs meet, without running them.

    mypy checks a definition file against the types of its coroutines, with the settings of your
    project. For a plumber in a module only the wiring is checked; mypy checks its types along
    with the rest of your code.

        typedpipes check pipeline.toml
        typedpipes check *.toml --coroutines words.steps --format json
        typedpipes check package.module:plumber
        generate | typedpipes check -

    Args:
        targets: definition files, `-` for one from the standard input, and plumbers as
            `package.module:plumber`.
        format: `text`, one line for each node and connection that is wrong; `json`; `github`,
            which marks the lines of a pull request; or `sarif`, for code scanners.
        config: the file with mypy's settings; by default, the nearest one in the project around
            each definition.
        names: how a definition names its coroutines.
    """
    if not targets:
        raise Refusal("there is nothing to check: name a definition file or package.module:plumber")
    if config is not None and not config.is_file():
        raise Refusal(f"there is no file {str(config)!r}")
    outcome = _check([*dict.fromkeys(targets)], config, names)
    sys.stdout.write(format_outcome(outcome, format))
    if outcome.trouble is not None:
        sys.stderr.write(f"typedpipes: mypy could not check: {outcome.trouble}\n")
    return outcome.code


@define
class _Checked:
    """A target, what the loader makes of it, and what is found.

    Attributes:
        target: as named on the command line.
        definition: its definition, if it can be read.
        findings: what is wrong with it.
        covered: the places that the loader has found wrong, and those around them.
    """

    target: str
    definition: Definition | None = None
    findings: list[Finding] = Factory(list[Finding])
    covered: set[str] = Factory(set[str])

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)
        self.cover(finding.where)

    def cover(self, place: str) -> None:
        """Note that a place is known to be wrong; the loader knows which part of a node it is."""
        dots = [number for number, letter in enumerate(place) if letter == "."]
        self.covered.update([place, *(place[:dot] for dot in dots)])

    @property
    def is_right(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)


def _check(targets: Sequence[str], config: Path | None, names: Names) -> Outcome:
    # Whatever modules print on import is not the output of this command.
    with looking_only(), redirect_stdout(sys.stderr):
        checked = [_load(target, names) for target in targets]
    loaded = [each for each in checked if each.definition is not None]
    for each in loaded:
        _warn(each, config)
    explained = not all(each.is_right for each in loaded)
    trouble = _ask_mypy(loaded, config, names)
    findings = [finding for each in checked for finding in each.findings]
    code = OK if all(each.is_right for each in checked) else WRONG
    if trouble is not None and not explained:
        code = USAGE
    right = [
        each.target
        for each in checked
        if each.is_right and (trouble is None or each.definition is None)
    ]
    return Outcome(findings, right, trouble, code)


def _load(target: str, names: Names) -> _Checked:
    checked = _Checked(target)
    finder = _load_definition if is_definition(target) else _load_module
    for finding in finder(checked, names):
        checked.add(finding)
    return checked


def _load_module(checked: _Checked, names: Names) -> Iterator[Finding]:
    target = checked.target
    try:
        load_plumber(target, names)
    except Refusal as refusal:
        if not isinstance(refusal.__cause__, WiringErrors):
            yield Finding(target, None, None, "", " ".join(refusal.lines), "module")
            return
        for error in select_errors(refusal.__cause__, WiringError):
            where = ", ".join(error.nodes)
            yield Finding(target, None, None, where, str(error), "wiring")


def _load_definition(checked: _Checked, names: Names) -> Iterator[Finding]:
    target = checked.target
    try:
        readable = open_target(target)
    except Refusal as refusal:
        yield Finding(target, None, None, "", " ".join(refusal.lines), "unreadable")
        return
    coroutines = names.find_coroutines(find_home(target))
    try:
        checked.definition = definition = read(readable)
        draw(definition, coroutines, import_paths=names.import_paths, strict=names.strict)
    except DefinitionErrors as wrong:
        for error in select_errors(wrong, DefinitionError):
            for place in error.also:
                checked.cover(place)
            yield Finding(target, error.line, error.column, error.where, error.what, error.code)


def _ask_mypy(loaded: Sequence[_Checked], config: Path | None, names: Names) -> str | None:
    """Add what only mypy finds. Return why it could not check, if it could not."""
    definitions = [each.definition for each in loaded if each.definition is not None]
    homes = [find_home(each.target) for each in loaded]
    search = dict.fromkeys(folder for home in homes for folder in find_module_folders(home))
    try:
        verdicts = verify(definitions, coroutines=names.coroutines, search=[*search], config=config)
    except MypyTrouble as trouble:
        return escape_unprintable(str(trouble))
    for checked, mistakes in zip(loaded, verdicts, strict=True):
        more = [each for each in mistakes if each.where not in checked.covered]
        for each in _group(more):
            place = (checked.target, each.line, each.column, each.where)
            checked.add(Finding(*place, each.what, each.code))
        checked.findings.sort(key=lambda finding: finding.line or 0)
    return None


def _warn(checked: _Checked, config: Path | None) -> None:
    """Add a warning if there are settings that mypy does not get."""
    left_out = find_project(find_home(checked.target), config).left_out
    if left_out is not None:
        what = (
            f"the settings for mypy in {str(left_out)!r} are not used, because the file or its "
            "folder belongs to another user. To use them, name the file: --config."
        )
        finding = Finding(checked.target, None, None, "", what, "settings", "warning")
        checked.findings.append(finding)


def _group(mistakes: Sequence[Mistake]) -> Iterator[Mistake]:
    """Yield the mistakes, but of very many that say the same only the first, with their number."""
    counts = Counter(mistake.what for mistake in mistakes)
    told = set[str]()
    for mistake in mistakes:
        what = mistake.what
        if counts[what] <= MOST_EQUAL:
            yield mistake
        elif what not in told:
            told.add(what)
            yield evolve(mistake, what=f"{what} {format_more(counts[what] - 1)}")
