"""`typedpipes check` for programs: the commands of GitHub, and SARIF for code scanners."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from tests.cli.commands import ROOT, typedpipes
from typedpipes.cli.finding import CODES, Finding
from typedpipes.cli.formats import Outcome, format_outcome

WRONG = (
    'nodes.words.coro = "words"\n'
    'nodes.divide.coro = "divide"\n'
    'nodes.lost = { buffer = 3, coro = "lost" }\n'
    'graph.words = ["divide", "lost"]\n'
)
POSITIVE = Annotated[int, msgspec.Meta(ge=1)]


class Strict(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A part of SARIF 2.1.0, as its schema has it: names that it does not know are refused."""


class Text(Strict):
    text: str


class Rule(Strict):
    id: str
    short_description: Text


class Driver(Strict):
    name: str
    version: str
    rules: list[Rule]


class Tool(Strict):
    driver: Driver


class Notification(Strict):
    level: Literal["none", "note", "warning", "error"]
    message: Text


class Invocation(Strict):
    execution_successful: bool
    exit_code: int
    tool_execution_notifications: list[Notification] = []


class Artifact(Strict):
    # A relative reference or a URI: no space, no control character.
    uri: Annotated[str, msgspec.Meta(pattern=r"^[\w\-./:%~]+$")]


class Region(Strict):
    start_line: POSITIVE
    start_column: POSITIVE


class PhysicalLocation(Strict):
    artifact_location: Artifact
    region: Region


class LogicalLocation(Strict):
    fully_qualified_name: str


class Location(Strict):
    logical_locations: list[LogicalLocation]
    physical_location: PhysicalLocation | None = None


class Result(Strict):
    rule_id: str
    rule_index: Annotated[int, msgspec.Meta(ge=0)]
    level: Literal["none", "note", "warning", "error"]
    message: Text
    locations: list[Location]


class Run(Strict):
    tool: Tool
    invocations: list[Invocation]
    column_kind: Literal["utf16CodeUnits", "unicodeCodePoints"]
    results: list[Result]


class Log(Strict, rename={"schema": "$schema"}):
    schema: Literal["https://json.schemastore.org/sarif-2.1.0.json"]
    version: Literal["2.1.0"]
    runs: Annotated[list[Run], msgspec.Meta(min_length=1, max_length=1)]


def read_sarif(text: str) -> Run:
    [run] = msgspec.json.decode(text, type=Log).runs
    for result in run.results:
        assert run.tool.driver.rules[result.rule_index].id == result.rule_id
    return run


def test_github_marks_the_lines_of_a_pull_request(folder: Path) -> None:
    (folder / "wrong.toml").write_text(WRONG)

    done = typedpipes(
        "check", "wrong.toml", "graphs:wrong", "-cgraphs", "--format", "github", folder=folder
    )

    assert (done.returncode, done.stderr) == (1, "")
    assert [line.split("::")[1] for line in done.stdout.splitlines()] == [
        "error title=typedpipes (coroutine),file=wrong.toml,line=3,col=28",
        "error title=typedpipes (connection),file=wrong.toml,line=4,col=16",
        "error title=typedpipes (wiring)",
        "error title=typedpipes (wiring)",
    ]
    assert "::words -> divide: words gives str, divide takes int" in done.stdout


def test_sarif_says_where_what_and_of_which_kind(folder: Path) -> None:
    (folder / "with a space.toml").write_text(WRONG)

    done = typedpipes(
        "check", "with a space.toml", "graphs:wrong", "-cgraphs", "-fsarif", folder=folder
    )

    run = read_sarif(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert (run.tool.driver.name, run.column_kind) == ("typedpipes", "unicodeCodePoints")
    assert [(each.execution_successful, each.exit_code) for each in run.invocations] == [(True, 1)]
    places = [result.locations[0].physical_location for result in run.results]
    assert [place and place.region for place in places] == [
        Region(3, 28),
        Region(4, 16),
        None,
        None,
    ]
    assert places[0] is not None
    assert places[0].artifact_location.uri == "with%20a%20space.toml"
    assert run.results[-1].locations[0].logical_locations[0].fully_qualified_name == (
        "graphs:wrong: divide"
    )


def test_sarif_says_that_nothing_is_wrong(folder: Path) -> None:
    done = typedpipes("check", "graphs:draw", "-f", "sarif", folder=folder)

    run = read_sarif(done.stdout)
    assert (done.returncode, run.results) == (0, [])
    assert run.invocations == [Invocation(execution_successful=True, exit_code=0)]


def test_sarif_says_that_mypy_could_not_check(folder: Path) -> None:
    (folder / "mypy.ini").write_text("[mypy]\nplugins = no_such_plugin\n")

    done = typedpipes("check", "words.toml", "-c", "graphs", "-f", "sarif", folder=folder)

    [invocation] = read_sarif(done.stdout).invocations
    assert (done.returncode, invocation.exit_code, invocation.execution_successful) == (2, 2, False)
    assert "no_such_plugin" in invocation.tool_execution_notifications[0].message.text
    assert "no_such_plugin" in done.stderr


@pytest.mark.parametrize(
    ("finding", "written"),
    [
        (
            Finding("a:b,c%.toml", 1, 2, "x -> y", "50% of\nthis: no, that", "connection"),
            "::error title=typedpipes (connection),file=a%3Ab%2Cc%25.toml,line=1,col=2"
            "::x -> y: 50%25 of%0Athis: no, that\n",
        ),
        (
            Finding("a.toml", None, None, "", "left out", "settings", "warning"),
            "::warning title=typedpipes (settings)::a.toml: left out\n",
        ),
    ],
)
def test_what_would_end_a_command_of_github_is_escaped(finding: Finding, written: str) -> None:
    assert format_outcome(Outcome([finding], [], None, 1), "github") == written


def test_a_file_outside_of_the_working_directory_has_a_whole_uri() -> None:
    finding = Finding("/tmp/é.toml", 1, 1, "", "wrong", "shape")  # noqa: S108  # only a name

    run = read_sarif(format_outcome(Outcome([finding], [], None, 1), "sarif"))

    [location] = run.results[0].locations
    assert location.physical_location is not None
    assert location.physical_location.artifact_location.uri == "file:///tmp/%C3%A9.toml"


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_a_file_whose_name_is_no_text_can_be_told_in_every_format(form: str, folder: Path) -> None:
    name = os.fsdecode(b"bad\xff\x1b.toml")
    (folder / name).write_text("nodes = 3")

    done = typedpipes("check", name, "--format", form, folder=folder)

    assert (done.returncode, done.stderr) == (1, "")
    assert ("bad%FF%1B.toml" if form == "sarif" else "udcff") in done.stdout
    assert "\x1b" not in done.stdout


def test_what_the_terminal_cannot_show_is_escaped(folder: Path) -> None:
    done = typedpipes("check", "é.toml", folder=folder, PYTHONIOENCODING="ascii")

    assert done.stdout == "\\xe9.toml: there is no file '\\xe9.toml'\n"


def test_the_page_has_every_code() -> None:
    page = (ROOT / "docs/cli.md").read_text()

    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page.split("### Codes")[1], re.MULTILINE)

    assert dict(rows) == CODES
