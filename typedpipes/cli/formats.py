"""The formats for findings: for people, for programs, for GitHub, and for code scanners."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote

import msgspec
from attrs import frozen
from msgspec.structs import replace

from typedpipes.cli.finding import CODES, Finding
from typedpipes.shorten import escape_unprintable

Format: TypeAlias = Literal["text", "json", "github", "sarif"]


@frozen
class Outcome:
    """All that a check tells.

    Attributes:
        findings: what it found.
        right: the targets in which nothing is wrong.
        trouble: why mypy could not check, if it could not.
        code: the exit code.
    """

    findings: Sequence[Finding]
    right: Sequence[str]
    trouble: str | None
    code: int


def format_outcome(outcome: Outcome, form: Format) -> str:
    """Format the outcome of a check; the text ends with a line break, or is empty."""
    return _FORMATS[form](outcome)


def _format_text(outcome: Outcome) -> str:
    right = [f"{escape_unprintable(target)}: ok" for target in outcome.right]
    return "".join(f"{line}\n" for line in [*outcome.findings, *right])


def _format_json(outcome: Outcome) -> str:
    return _encode([replace(finding, target=_utf8(finding.target)) for finding in outcome.findings])


def _format_github(outcome: Outcome) -> str:
    """Write the commands by which GitHub marks lines of a pull request."""
    return "".join(f"{_command(finding)}\n" for finding in outcome.findings)


def _command(finding: Finding) -> str:
    properties: dict[str, object] = {"title": f"typedpipes ({finding.code})"}
    message = ": ".join(filter(None, (finding.where, finding.message)))
    if finding.line is None:
        message = f"{finding.target}: {message}"
    else:
        properties["file"] = finding.target
        properties["line"] = finding.line
        if finding.column is not None:
            properties["col"] = finding.column
    written = ",".join(f"{name}={_escape(value, ':,')}" for name, value in properties.items())
    return f"::{finding.severity} {written}::{_escape(message)}"


def _escape(value: object, more: str = "") -> str:
    """Escape what would end a command, or a property of it."""
    text = str(value)
    for letter in f"%\r\n{more}":
        text = text.replace(letter, f"%{ord(letter):02X}")
    return escape_unprintable(text)


def _format_sarif(outcome: Outcome) -> str:
    """Write SARIF 2.1.0, the format of code scanners."""
    codes = sorted({finding.code for finding in outcome.findings})
    invocation: dict[str, object] = {
        "executionSuccessful": outcome.trouble is None,
        "exitCode": outcome.code,
    }
    if outcome.trouble is not None:
        notification = {"level": "error", "message": {"text": outcome.trouble}}
        invocation["toolExecutionNotifications"] = [notification]
    driver = {
        "name": "typedpipes",
        "version": version("typedpipes"),
        "rules": [{"id": code, "shortDescription": {"text": CODES[code]}} for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes) for finding in outcome.findings],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _encode({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _result(finding: Finding, codes: Sequence[str]) -> Mapping[str, object]:
    name = ": ".join(filter(None, (_utf8(finding.target), finding.where)))
    location: dict[str, object] = {"logicalLocations": [{"fullyQualifiedName": name}]}
    if finding.line is not None:
        region = {"startLine": finding.line}
        if finding.column is not None:
            region["startColumn"] = finding.column
        artifact = {"uri": _uri(finding.target)}
        location["physicalLocation"] = {"artifactLocation": artifact, "region": region}
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [location],
    }


def _uri(file: str) -> str:
    """Return a reference to a file: relative paths stay relative, to the root of a checkout."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path))


def _utf8(name: str) -> str:
    """Return the name of a file with escapes for bytes that are no text: JSON has no others."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _encode(document: object) -> str:
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


_FORMATS: Mapping[Format, Callable[[Outcome], str]] = {
    "text": _format_text,
    "json": _format_json,
    "github": _format_github,
    "sarif": _format_sarif,
}
